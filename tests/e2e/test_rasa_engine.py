"""The scenarios of a customer with Rasa 3.6.21 as the engine, and what happens while Rasa is down."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.settings import ROOT
from tests.e2e import test_scenarios
from tests.e2e.customer import Customer, words
from tests.live import LiveBaton, new_folder

RASA = ROOT / ".rasa-venv"
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not (RASA / ".installed").exists(), reason="make rasa-env")]

# Every scenario of the sample shop, against the server of this file.
globals().update({name: scenario for name, scenario in vars(test_scenarios).items() if name.startswith("test_")})


@pytest.fixture(scope="module")
def live() -> Iterator[LiveBaton]:
    """A real Baton with the sample shop, led by Rasa."""
    folder = new_folder()
    baton = LiveBaton(folder, environment={"BATON_ENGINE": "rasa"})
    baton.start()
    try:
        yield baton
    finally:
        baton.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _rasa(live: LiveBaton) -> list[psutil.Process]:
    return [p for p in live.child("work").children(recursive=True) if "rasa" in p.cmdline()]


def test_rasa_itself_decides(live: LiveBaton) -> None:
    customer = Customer(live.url)
    assert "order number" in words(customer.say("Where is my order?")).lower()
    assert len(_rasa(live)) == 1
    assert customer.http.get("/healthz").json()["rasa"] == [{"ready": True, "starts": 1}]
    assert all(c.laddr.ip == "127.0.0.1" for p in _rasa(live) for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN)


def test_while_rasa_is_down_a_human_gets_the_conversation_and_then_it_is_started_again(live: LiveBaton) -> None:
    asked = Customer(live.url)
    asked.say("I want to return something from my order")
    for process in _rasa(live):
        process.kill()
    waiting = Customer(live.url)
    assert words(waiting.say("Where is my order?"))
    assert waiting.handler == "queue"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        customer = Customer(live.url)
        customer.say("Where is my order?")
        if customer.handler == "bot":
            break
        time.sleep(2)
    assert customer.handler == "bot"
    # The talk from before goes on where it was: Rasa had kept nothing of it.
    asked.say("LC-100002")
    answers = asked.say("ana.demo@example.com")
    for choice in ("teapot", "mind", "refund"):
        answers = asked.press(choice, answers)
    done = words(asked.say("yes, that is right"))
    assert re.search(r"RT-\d{5}", done)


def test_without_its_environment_the_start_says_how_to_make_it(tmp_path: Path) -> None:
    folder = new_folder()
    baton = LiveBaton(folder, environment={"BATON_ENGINE": "rasa", "BATON_RASA_ENV": str(tmp_path / "none")})
    command = [sys.executable, "-m", "app.cli", "run", "--demo"]
    done = subprocess.run(command, env=baton.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    shutil.rmtree(folder, ignore_errors=True)
    assert done.returncode == 1
    assert "make rasa-env" in done.stderr


def test_nothing_of_rasa_is_left_when_baton_stops(live: LiveBaton) -> None:
    running = _rasa(live)
    assert running
    assert live.stop() == 0
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in running)
