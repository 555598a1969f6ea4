"""A Rasa in memory that says what each test needs, and a `RasaEngine` on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bot.actions.port import ActionContext, ActionResult
from bot.engine import Reply, Turn, TurnMessage
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.types import Project
from bot.rasa.engine import RasaEngine
from bot.rasa.serving import Forward, RunningTurns, run_action
from nlu.types import Understanding
from tests.bot.projects import CONFIG

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN = CONFIG + "baton:\n  repair:\n    leave_form: [stop]\n    angry_action: action_help\n    unanswered_action: action_sorry\n"
Json = dict[str, Any]
Script = Callable[["FakeRasa", Json], Awaitable[list[Json]]]


class FakeRasa:
    """Answers with what the test's script gives; keeps what it was told."""

    def __init__(self, script: Script, forward: Forward | None = None) -> None:
        self.running, self.forward, self.script = RunningTurns(), forward, script
        self.told: list[Json] = []

    async def take(self, body: Json) -> list[Json]:
        """See the port."""
        self.told.append(body)
        return [user_event(body), *await self.script(self, body)]

    async def call(self, body: Json, name: str, *after: Json) -> Json:
        """Rasa calls an action in the middle of the turn; `after` are events since the message."""
        call = {"next_action": name, "sender_id": body["sender_id"], "tracker": self.tracker(body, *after)}
        return await run_action(self.running.of(call), call)

    def tracker(self, body: Json, *after: Json) -> Json:
        """Rasa's tracker at this moment."""
        return {"sender_id": body["sender_id"], "events": [*body["events"], *body["changed"], user_event(body), *after]}


def user_event(body: Json) -> Json:
    """The message as Rasa logs it."""
    said = body["message"]
    return {"event": "user", "text": said["text"], "parse_data": said["parse_data"], "metadata": {"baton_turn": body["key"]}}


def ran(name: str) -> Json:
    """An action was carried out."""
    return {"event": "action", "name": name, "policy": "RulePolicy", "confidence": 1.0}


def bot(response: Json) -> Json:
    """What Rasa logs of a response of the action server: unknown keys are metadata."""
    return {"event": "bot", "text": response.get("text", ""), "data": {}, "metadata": {"baton": response["baton"]}}


class Does:
    """An action that gives the same result whenever it runs, and remembers the contexts."""

    def __init__(self, name: str, result: ActionResult | Exception) -> None:
        self.name, self.result = name, result
        self.seen: list[ActionContext] = []

    async def run(self, context: ActionContext) -> ActionResult:
        """See the port."""
        self.seen.append(context)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def make(project: Project, script: Script, *actions: Does, forward: Forward | None = None) -> tuple[RasaEngine, FakeRasa]:
    """An engine on a Rasa in memory."""
    rasa = FakeRasa(script, forward)
    return RasaEngine(project, rasa, orders=MemoryOrders(), knowledge=MemoryKnowledge(), actions=actions), rasa


def turn(text: str = "hi", intent: str = "greet", *, before: Reply | None = None, **understood: Any) -> Turn:
    """A turn with one message."""
    message = TurnMessage(UUID(int=2), text, None, Understanding("en", intent, 0.9, **understood), NOW)
    return Turn(
        id=UUID(int=1), conversation_id=UUID(int=7), messages=(message,), slots=before.slots if before else {},
        dialogue=before.dialogue if before else {}, language="en", channel="test", contact_id=UUID(int=9), verified=False, email=None,
        phone=None, now=NOW,
    )  # fmt: skip


async def listening(_rasa: FakeRasa, _body: Json) -> list[Json]:
    """Nothing but listening."""
    return [ran("action_listen")]
