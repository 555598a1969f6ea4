"""The embedded PostgreSQL and the traps that were met."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kit.postgres import EmbeddedPostgres, PostgresError

pytestmark = pytest.mark.integration


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a space and a long path in its name."""
    root = Path(tempfile.mkdtemp(prefix="baton pg "))
    yield root / ("deep " * 12).strip()
    shutil.rmtree(root, ignore_errors=True)


def ask(server: EmbeddedPostgres, query: str) -> object:
    """One value from the server."""
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_it_starts_in_a_long_path_with_spaces_and_folds_portuguese_case(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        assert ask(server, "SELECT lower('AÇÃO')") == "ação"
        assert ask(server, "SELECT 'É' ILIKE 'é'") is True
        assert ask(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'") == 0
        assert server.layout.sockets.stat().st_mode & 0o077 == 0
        assert server.layout.password_file.stat().st_mode & 0o077 == 0
    finally:
        server.stop()
    assert not server.running()


def test_a_wrong_password_is_refused(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(server.layout.sockets), user="baton", password="wrong", dbname="baton")
    finally:
        server.stop()


def test_data_survive_a_killed_supervisor_and_a_stale_pid_file(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from kit.postgres import EmbeddedPostgres\n"
        f"s = EmbeddedPostgres(Path({str(folder)!r})); s.start()\n"
        "import psycopg; c = psycopg.connect(s.url.replace('+psycopg', ''), autocommit=True)\n"
        "c.execute('CREATE TABLE kept AS SELECT 1 AS n')\n"
        "print('up', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "up"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        assert ask(server, "SELECT n FROM kept") == 1
    finally:
        server.stop()
    (server.layout.data / "postmaster.pid").write_text(
        f"{os.getpid()}\n{server.layout.data}\n"
    )  # a number that now belongs to someone else
    server.start()
    server.stop()


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.2, 1.6])
def test_a_first_start_that_was_killed_is_begun_again(folder: Path, seconds: float) -> None:
    script = f"from pathlib import Path; from kit.postgres import EmbeddedPostgres; EmbeddedPostgres(Path({str(folder)!r})).start()"
    first = subprocess.Popen([sys.executable, "-c", script])
    time.sleep(seconds)
    first.kill()
    first.wait()
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        assert ask(server, "SELECT 1") == 1
    finally:
        server.stop()


def test_a_killed_postmaster_is_started_again_while_its_workers_still_run(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    busy = threading.Thread(target=_keep_busy, args=(server.url,))
    busy.start()
    time.sleep(1)
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    try:
        server.start()
        assert ask(server, "SELECT 1") == 1
    finally:
        server.stop()
        busy.join()


def _keep_busy(url: str) -> None:
    """A query that keeps a processor busy and does not notice that its postmaster is gone."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("DO $$ BEGIN FOR i IN 1..2000000000 LOOP NULL; END LOOP; END $$")


def test_an_error_shows_the_end_of_the_log(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    with (server.layout.data / "postgresql.conf").open("a") as config:
        config.write("\nno_such_setting = 1\n")
    began = time.monotonic()
    with pytest.raises(PostgresError, match="no_such_setting"):
        server.start()
    assert time.monotonic() - began < 20


def test_before_the_first_start_the_address_is_a_clear_error(folder: Path) -> None:
    with pytest.raises(PostgresError, match="no database"):
        _ = EmbeddedPostgres(folder).url
