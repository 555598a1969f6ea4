"""`baton knowledge` as people call it: in a process of its own, also one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.knowledge.imports.helping import write
from tests.knowledge.sources.serving import page, serving

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]


def environment(url: str, tmp_path: Path) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "BATON_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}


def baton(url: str, tmp_path: Path, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    """Calls a command to its end."""
    command = [sys.executable, "-m", "app.cli", "knowledge", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(url, tmp_path), input=answer, capture_output=True, text=True, timeout=120)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        return list(connection.execute(query).fetchall())


def test_a_folder_is_previewed_asked_about_stored_and_exported_to_the_same(database_url: str, tmp_path: Path) -> None:
    write(tmp_path / "in", returns="Within 30 days.", gifts="We wrap.")
    (tmp_path / "in" / "empty.md").write_text("")
    refused = baton(database_url, tmp_path, "import", str(tmp_path / "in"), answer="n\n")
    assert "2 new, 1 skipped." in refused.stderr
    assert "It is empty" in refused.stderr
    assert rows(database_url, "SELECT count(*) FROM knowledge_article") == [(0,)]
    done = baton(database_url, tmp_path, "import", str(tmp_path / "in"), answer="y\n")
    assert (done.returncode, "Stored 2." in done.stderr) == (0, True), done.stderr
    again = baton(database_url, tmp_path, "import", str(tmp_path / "in"), "--yes")
    assert "2 as they were, 1 skipped." in again.stderr
    exported = baton(database_url, tmp_path, "export", str(tmp_path / "out"))
    assert "Wrote 2 files" in exported.stderr
    assert "Within 30 days." in (tmp_path / "out" / "en" / "returns.md").read_text()
    assert baton(database_url, tmp_path, "export", str(tmp_path / "out")).returncode == 1


def test_sources_are_listed_synced_scheduled_and_forgotten(database_url: str, tmp_path: Path) -> None:
    write(tmp_path / "shop", returns="One.")
    baton(database_url, tmp_path, "import", str(tmp_path / "shop"), "--yes", "--every", "24")
    write(tmp_path / "shop", returns="Two.")
    assert "every 24 h, waits for approval" in baton(database_url, tmp_path, "sources").stderr
    synced = baton(database_url, tmp_path, "sync", "shop", "--yes")
    assert "1 changed." in synced.stderr
    assert rows(database_url, "SELECT body FROM knowledge_version WHERE status = 'published'") == [("Two.",)]
    gone = tmp_path / "gone"
    write(gone, gifts="G.")
    baton(database_url, tmp_path, "import", str(gone), "--yes")
    (gone / "gifts.md").unlink()
    both = baton(database_url, tmp_path, "sync", "--all", "--yes")
    assert both.returncode == 1
    assert "no files that can be imported" in both.stderr
    assert "1 as they were." in both.stderr
    assert "only when somebody asks" in baton(database_url, tmp_path, "schedule", "shop").stderr
    assert baton(database_url, tmp_path, "sync", "nothing-like-it").returncode == 1
    assert "articles stay" in baton(database_url, tmp_path, "forget", "shop").stderr
    assert rows(database_url, "SELECT count(*) FROM knowledge_article") == [(2,)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/nowhere/at/all"], "There is no file or folder"),
        (["ftp://a.example/"], "not an address of a site"),
        (["http://127.0.0.1:9/"], "private address"),
        (["http://127.0.0.1:9/", "--private", "--delay", "0"], "did not answer"),
        (["."], "is not a language of articles"),
    ],
)
def test_what_cannot_be_imported_is_said_with_exit_code_1(database_url: str, tmp_path: Path, arguments: list[str], said: str) -> None:
    more = ["--language", "klingon"] if arguments == ["."] else []
    found = baton(database_url, tmp_path, "import", *arguments, *more)
    assert (found.returncode, said in found.stderr) == (1, True), found.stderr
    assert "Traceback" not in found.stderr


def test_an_import_that_was_killed_goes_on_where_it_stopped(database_url: str, tmp_path: Path) -> None:
    pages = {"/": page("Home", *(f"/{n}" for n in range(12)))} | {f"/{n}": page(f"Page {n}") for n in range(12)}
    with serving(pages) as site:
        arguments = ("import", site.address + "/", "--private", "--yes", "--delay")
        command = [sys.executable, "-m", "app.cli", "knowledge", *arguments, "0.4"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(database_url, tmp_path), stderr=subprocess.PIPE)
        deadline = time.monotonic() + 90
        while len(site.asked) < 7 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        read_before = {key for (key,) in rows(database_url, "SELECT key FROM knowledge_import_place WHERE done")}
        assert 2 < len(read_before) < 12
        site.asked.clear()
        done = baton(database_url, tmp_path, *arguments, "0")
        assert "Going on with the import begun" in done.stderr
        assert (done.returncode, "Stored 13." in done.stderr) == (0, True), done.stderr
        assert not read_before & {site.address + path for path in site.asked}
    assert rows(database_url, "SELECT count(*), max(version) FROM knowledge_version") == [(13, 1)]


def test_serving_needs_no_extractor(tmp_path: Path) -> None:
    heavy = "('trafilatura', 'lxml', 'bs4', 'mammoth', 'pypdf', 'openpyxl', 'markdownify')"
    code = f"import sys, app.server, app.worker; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
