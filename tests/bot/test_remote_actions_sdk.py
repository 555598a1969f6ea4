"""Actions of an action server that is the real rasa-sdk, in Rasa's own environment."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import httpx
import pytest

from bot.actions.port import ActionContext
from bot.actions.remote import RemoteActions
from bot.actions.remote_answer import ActionServerError
from bot.actions.remote_config import ActionEndpoint
from bot.dialogue_events import (
    ActionRejected,
    Followup,
    LoopActive,
    ReminderSet,
    SlotSet,
)
from context.types import Button
from tests.bot.remote_talk import make_context
from tests.live import ROOT, free_port

RASA_PYTHON = ROOT / ".rasa-venv" / "bin" / "python"
SDK_ACTIONS = """
from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import AllSlotsReset, FollowupAction, ReminderScheduled, SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection
import datetime


class Book(Action):
    def name(self):
        return "action_book"

    async def run(self, dispatcher, tracker, domain):
        city = next(tracker.get_latest_entity_values("city"))
        dispatcher.utter_message(response="utter_where", who="the SDK")
        dispatcher.utter_message(text=f"{city} {tracker.get_slot('city')} {tracker.get_intent_of_latest_message()} {len(domain['forms'])}",
                                 buttons=[{"title": "Go", "payload": "/book"}])
        when = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
        return [SlotSet("seats", 3.0), ReminderScheduled("greet", when, name="later"), FollowupAction("action_listen")]


class Seats(Action):
    def name(self):
        return "action_seats"

    def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name(), "not now")


class Broken(Action):
    def name(self):
        return "action_broken"

    def run(self, dispatcher, tracker, domain):
        raise ValueError("a secret of the shop")


class Check(FormValidationAction):
    def name(self):
        return "validate_booking_form"

    def validate_name(self, value, dispatcher, tracker, domain):
        if len(value) < 3:
            dispatcher.utter_message(text="A longer name, please")
            return {"name": None}
        return {"name": value.title()}
"""


@pytest.fixture
def context(tmp_path: Path) -> ActionContext:
    """A talk in which the customer has just said where to go."""
    return make_context(tmp_path)


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real rasa-sdk server with four actions."""
    if not RASA_PYTHON.exists():
        pytest.skip("there is no .rasa-venv; `make rasa-env` makes it")
    folder, port = tmp_path_factory.mktemp("sdk"), free_port()
    (folder / "shop_actions.py").write_text(dedent(SDK_ACTIONS))
    command = [str(RASA_PYTHON), "-m", "rasa_sdk", "--actions", "shop_actions", "--port", str(port)]
    with (folder / "sdk.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health", folder / "sdk.log")
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_up(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


async def test_the_real_rasa_sdk_runs_an_action(sdk: str, context: ActionContext) -> None:
    result = await RemoteActions(ActionEndpoint(sdk)).run("action_book", context)
    assert [m.text for m in result.messages] == ["To Macau, with the SDK?", "Macau Macau book 1"]
    assert result.messages[1].buttons == (Button("Go", "/book"),)
    assert result.events[0] == SlotSet("seats", 3.0)
    assert isinstance(result.events[1], ReminderSet)
    assert result.events[2] == Followup("action_listen")


async def test_the_real_rasa_sdk_checks_a_form_refuses_and_fails(sdk: str, context: ActionContext) -> None:
    remote = RemoteActions(ActionEndpoint(sdk))
    context.tracker.apply(LoopActive("booking_form"))
    short = await remote.run("validate_booking_form", context, candidates=(SlotSet("name", "Al"),))
    assert (short.messages[0].text, short.events) == ("A longer name, please", (SlotSet("name", None),))
    right = await remote.run("validate_booking_form", context, candidates=(SlotSet("name", "ana"),))
    assert right.events == (SlotSet("name", "Ana"),)
    assert (await remote.run("action_seats", context)).events == (ActionRejected("action_seats"),)
    with pytest.raises(ActionServerError) as failed:
        await remote.run("action_broken", context)
    assert "secret" not in str(failed.value)
    with pytest.raises(ActionServerError, match="knows no action"):
        await remote.run("action_nobody_wrote", context)
