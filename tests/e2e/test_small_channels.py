"""Telegram, LINE, SMS and signed webhooks on a whole Baton: entered by the command line, simulators as processes of their own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.live import ROOT, LiveBaton, free_port

pytestmark = pytest.mark.e2e
QUESTION = "Where are your stores?"
ADDRESS = "Taipa"


@dataclass(frozen=True)
class Kind:
    """A channel: its simulator, its account, and the secrets in the order in which they are asked for."""

    channel: str
    simulator: str
    account: str
    secrets: tuple[str, ...]
    settings: dict[str, str]


SHARED = "whsec_YSBzaW11bGF0ZWQgc2VjcmV0IG9mIDMyIGxldHRlcnM="
KINDS = (
    Kind("telegram", "telegram", "700001", ("700001:simulated-bot-token", "a-secret-of-the-tests"), {}),
    Kind("line", "line", "U" + "f" * 32, ("simulated-line-secret", "simulated-line-token"), {}),
    Kind("sms", "twilio", "15559990000", ("simulated-auth-token", "", ""), {"account_sid": "AC" + "0" * 31 + "1", "from": "+15559990000"}),
    Kind("webhook", "webhook", "shop", (SHARED, ""), {"private": "on"}),
)


def command(live: LiveBaton, *arguments: str, lines: tuple[str, ...] = ()) -> str:
    """`baton channel ...`, with secrets on standard input; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "channel", *arguments], input="\n".join((*lines, "")), capture_output=True, text=True,
        env=live.environment, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@contextlib.contextmanager
def simulator(kind: Kind, hook: str) -> Iterator[httpx.Client]:
    """The provider as a process."""
    port = free_port()
    told = ["--set", f"hook_url={hook}"] if kind.channel == "webhook" else []
    process = subprocess.Popen([sys.executable, "-m", f"simulators.{kind.simulator}", "--port", str(port), *told], cwd=ROOT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.ConnectError):
                    if http.get("/sim").status_code == 200:
                        break
                time.sleep(0.1)
            yield http
    finally:
        process.terminate()
        process.wait(10)


def enter(live: LiveBaton, kind: Kind, base: str) -> None:
    """Adds the account, and lets Baton enter its webhook where the provider has a call for that."""
    where = {"url": f"{base}/baton"} if kind.channel == "webhook" else {"base_url": base}
    pairs = [text for name, value in (kind.settings | where).items() for text in ("--set", f"{name}={value}")]
    command(live, "add", kind.channel, kind.account, "--name", f"The shop on {kind.channel}", *pairs, lines=kind.secrets)
    assert kind.channel == "webhook" or kind.account in command(live, "connect", kind.channel, kind.account)
    command(live, "test", kind.channel, kind.account)


def wait_for(http: httpx.Client, words: str) -> None:
    """Returns when a customer has read these words."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if words in http.get("/sim").text:
            return
        time.sleep(0.2)
    raise AssertionError(f"{words!r} never came: {http.get('/sim').text[-1000:]}")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.channel)
def test_a_question_on_each_channel_is_answered_by_the_shops_bot(live: LiveBaton, kind: Kind) -> None:
    with simulator(kind, f"{live.url}/hooks/{kind.channel}/{kind.account}") as http:
        enter(live, kind, str(http.base_url).rstrip("/"))
        words = {"body": QUESTION} if kind.channel == "sms" else {"text": QUESTION}
        posted = http.post("/sim/write", json=words).json()
        assert posted["status"] in {200, 202}, posted
        wait_for(http, ADDRESS)
        assert "active" in command(live, "list")
