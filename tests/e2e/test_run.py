"""Starting again, stopping, restarting in the middle, backup and restore, publishing: on a `baton run` of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import select

from app.wiring import build_base
from context.publishing import publish_article
from context.staff.models import StaffRow
from knowledge.articles import create_article
from knowledge.types import ArticleDraft
from tests.e2e.customer import Customer, words
from tests.live import ROOT, LiveBaton, new_folder, whole_copy

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

TRAINED = ("encoders", "models")
SECOND_START_SECONDS = 15.0
PUBLISH_SECONDS = 5.0


@pytest.fixture(scope="module")
def own(prepared: Path) -> Iterator[LiveBaton]:
    """A Baton that may be stopped: its data folder is its own."""
    baton = LiveBaton(whole_copy(prepared))
    baton.start()
    yield baton
    baton.stop()
    shutil.rmtree(baton.data_dir, ignore_errors=True)


def patience() -> float:
    """How much longer things take here than on a machine that does nothing else: runnable processes a core, at least 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def run_command(baton: LiveBaton, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A `baton` command on that data folder."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, env=baton.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def names_of(baton: LiveBaton) -> set[str]:
    """What its processes are called; one that ends meanwhile does not count."""
    found = set()
    for process in baton.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            found.add(process.name())
    return found


def test_ctrl_c_stops_every_process_and_the_second_start_is_quick(own: LiveBaton) -> None:
    assert {"postgres"} < names_of(own)
    assert len(own.processes()) >= 4
    assert own.stop() == 0
    assert [(p.pid, p.name()) for p in own.processes()] == []
    assert own.start() < SECOND_START_SECONDS * patience()


def test_a_restart_in_the_middle_of_a_conversation_loses_nothing(own: LiveBaton) -> None:
    customer = Customer(own.url)
    assert "order number" in words(customer.say("Where is my order?")).lower()
    before = customer.read()["messages"]
    own.stop()
    with pytest.raises(httpx.HTTPError):
        customer.read()
    own.start()
    assert customer.read()["messages"] == before
    assert "e-mail" in words(customer.say("LC-100001")).lower()
    assert "Pato Courier" in words(customer.say("ana.demo@example.com"))


def test_a_killed_server_comes_back_and_answers_what_was_asked_meanwhile(own: LiveBaton) -> None:
    customer = Customer(own.url)
    own.kill("work")
    customer.send("What is your return policy?")
    own.kill("serve")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answers = [m for m in customer.read()["messages"] if m["author"] == "bot"]
        except httpx.HTTPError:
            answers = []
        if answers:
            break
        time.sleep(0.2)
    assert "30 days" in words(answers)


def test_a_backup_of_a_running_baton_brings_the_same_conversations_elsewhere(own: LiveBaton, tmp_path: Path) -> None:
    customer, file = Customer(own.url), tmp_path / "baton.dump"
    customer.say("Where are your stores?")
    before = customer.read()["messages"]
    done = run_command(own, "backup", str(file))
    assert done.returncode == 0, done.stderr
    other = LiveBaton(new_folder(like=own.data_dir, parts=TRAINED))
    refused = run_command(other, "restore", str(file))
    assert refused.returncode == 1
    assert "--yes" in refused.stderr
    done = run_command(other, "restore", str(file), "--yes")
    assert done.returncode == 0, done.stderr
    other.start()
    try:
        elsewhere = httpx.get(f"{other.url}/v1/widget/messages", params={"after": 0}, headers=customer.headers).json()["messages"]
    finally:
        other.stop()
        shutil.rmtree(other.data_dir, ignore_errors=True)
    assert [m["text"] for m in before] == [m["text"] for m in elsewhere]
    assert [m["id"] for m in before] == [m["id"] for m in elsewhere]


async def test_a_published_article_is_used_within_seconds(own: LiveBaton) -> None:
    question, customer = "Can you engrave my initials on a teapot?", Customer(own.url)
    base = build_base(own.database_url)
    body = "We engrave up to three initials on any teapot for 45 patacas. Engraving takes four working days."
    draft = ArticleDraft("teapot-engraving", "en", "Engraving initials on a teapot", body)
    try:
        async with base.database.transaction() as session:
            editor = (await session.execute(select(StaffRow).where(StaffRow.role == "editor"))).scalars().first()
            assert editor is not None
            await create_article(session, draft, editor=str(editor.id))
            await publish_article(session, base.ledger, staff=editor, article_id=draft.id, language="en")
    finally:
        await base.database.close()
    began, said = time.monotonic(), ""
    while "45 patacas" not in said and time.monotonic() - began < 2 * PUBLISH_SECONDS * patience():
        said = words(customer.say(question))
        customer = Customer(own.url)
    assert "45 patacas" in said
    assert time.monotonic() - began < PUBLISH_SECONDS * patience()


def test_the_processes_that_serve_have_no_torch(own: LiveBaton) -> None:
    for name in ("serve", "work"):
        mapped = {m.path for m in psutil.Process(own.child(name).pid).memory_maps(grouped=True)}
        assert not [path for path in mapped if "libtorch" in path]
        assert [path for path in mapped if "python" in path]
