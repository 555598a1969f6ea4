"""`baton action-server` as a process beside a running Baton."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from app.settings import ROOT
from tests.bot.test_rasa_action_server import call
from tests.live import LiveBaton, free_port

pytestmark = pytest.mark.e2e
TOKEN = "open sesame"


@pytest.fixture(scope="module")
def actions(live: LiveBaton) -> Iterator[httpx.Client]:
    """The action server on the articles of the running Baton."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "action-server", "--port", str(port)]
    process = subprocess.Popen(command, env=live.environment | {"BATON_ACTION_TOKEN": TOKEN}, cwd=ROOT, stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", params={"token": TOKEN}, timeout=20) as http:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            try:
                http.get("/health")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield http
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


def test_a_rasa_of_your_own_is_answered_from_the_published_articles(actions: httpx.Client) -> None:
    got = actions.post("/webhook", json=call("action_answer_from_knowledge", "What is your return policy?"))
    assert got.status_code == 200
    assert "30 days" in got.json()["responses"][0]["text"]


def test_an_article_that_is_published_meanwhile_answers_within_seconds(actions: httpx.Client, live: LiveBaton) -> None:
    question = call("action_answer_from_knowledge", "Do you repair cracked yixing teapots with gold lacquer?")
    article = live.data_dir / "articles" / "repairs.md"
    article.parent.mkdir(exist_ok=True)
    article.write_text(
        "---\nid: kintsugi\ntitle: Repairing a cracked teapot with gold lacquer\nlanguage: en\ncategory: products\ntags: [repair]\n---\n\n"
        "We repair cracked yixing teapots with gold lacquer in our workshop. It takes six weeks.\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "app.cli", "import-articles", str(article.parent)]
    done = subprocess.run(command, env=live.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    deadline, said = time.monotonic() + 30, ""
    while "six weeks" not in said and time.monotonic() < deadline:
        said = actions.post("/webhook", json=question).json()["responses"][0]["text"]
        time.sleep(0.3)
    assert "six weeks" in said


def test_without_the_token_nothing_is_told(actions: httpx.Client) -> None:
    got = httpx.post(f"{actions.base_url}/webhook", json=call("action_answer_from_knowledge", "What is your return policy?"))
    assert got.status_code == 403
