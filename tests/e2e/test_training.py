"""Training swaps a new model into the running server; `baton chat` talks in the terminal."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.customer import Customer, words
from tests.e2e.test_bad_input import baton
from tests.live import ROOT, LiveBaton

pytestmark = pytest.mark.e2e


def test_a_newly_trained_bot_answers_without_a_restart(live: LiveBaton, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for part in ("bot/domain", "bot/config.yml", "training_data"):
        target = project / part
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / part), str(target)], check=True)
    for file in (project / "training_data" / "responses" / "en").glob("*.yml"):
        file.write_text(file.read_text().replace("Good to see you!", "Ahoy there!").replace("Hello, and welcome", "Ahoy, and welcome"))
    before = httpx.get(f"{live.url}/healthz").json()["model"]
    done = baton("train", live=live, BATON_PROJECT=str(project))
    assert done.returncode == 0, done.stderr
    assert "%" in done.stderr
    deadline = time.monotonic() + 20
    while httpx.get(f"{live.url}/healthz").json()["model"] == before:
        assert time.monotonic() < deadline, "the new model was not taken over"
        time.sleep(0.2)
    assert "Ahoy" in words(Customer(live.url).say("good morning"))
    back = baton("models", "rollback", live=live)  # to the model of the other tests
    assert back.returncode == 0, back.stderr
    while httpx.get(f"{live.url}/healthz").json()["model"] != before:
        assert time.monotonic() < deadline + 20
        time.sleep(0.2)


def test_chat_answers_in_the_terminal(live: LiveBaton) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "chat"],
        input="What is your return policy?\n\n",
        capture_output=True,
        text=True,
        env=live.environment,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert "30 days" in done.stdout, done.stderr


def test_bot_tests_and_validation_run_from_the_command_line() -> None:
    tested = baton("bot", "test", "--json")
    assert '"failures": []' in tested.stdout
    assert baton("bot", "validate").returncode == 0
