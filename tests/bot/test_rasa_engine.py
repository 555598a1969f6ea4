"""`RasaEngine` and what Rasa calls back, with a Rasa in memory that says what each test needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import Followup, ReminderSet, SlotSet
from bot.engine import Reply, Turn, TurnMessage
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.types import Project
from bot.rasa.copying import AFTER_READING
from bot.rasa.engine import RasaEngine
from bot.rasa.environment import RasaFailedError
from bot.rasa.serving import Forward, NoSuchTurnError, RunningTurns, UnknownActionError, run_action, say
from context.types import Button, Content, Effect, HandoffReason, HandoffRequest
from nlu.types import Entity, Sentiment, Understanding
from tests.bot.projects import CONFIG, DOMAIN, small_project

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


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project with a `baton:` section."""
    return small_project(tmp_path, config=OWN)


async def listening(_rasa: FakeRasa, _body: Json) -> list[Json]:
    """Nothing but listening."""
    return [ran("action_listen")]


async def test_what_rasa_did_becomes_the_dialogue_and_stands_before_the_next_message(project: Project) -> None:
    async def greet(_rasa: FakeRasa, _body: Json) -> list[Json]:
        return [
            {"event": "slot", "name": "name", "value": "Ana"},
            ran("utter_hello"),
            {"event": "bot", "text": "Hello"},
            ran("action_listen"),
        ]

    engine, rasa = make(project, greet)
    first = await engine.respond(turn())
    assert (first.slots["name"], [m.text for m in first.messages]) == ("Ana", ["Hello"])
    second = await engine.respond(turn("bye", "bye", before=first))
    past = rasa.told[1]["events"]
    assert [(e["event"], e.get("name") or e.get("text")) for e in past] == [
        ("action", "action_session_start"),
        ("session_started", None),
        ("action", "action_listen"),
        ("user", "hi"),
        ("slot", "name"),
        ("action", "utter_hello"),
        ("bot", "Hello"),
        ("action", "action_listen"),
    ]
    assert [e["event"] for e in second.dialogue["events"]][3:] == ["user", "slot", "action", "bot", "action"] * 2


async def test_rasa_is_told_what_baton_understood(project: Project) -> None:
    engine, rasa = make(project, listening)
    city = Entity("city", "Porto", "Porto", 0, 5, role="to")
    await engine.respond(turn("Porto please", "book", entities=(city,)))
    data = rasa.told[0]["message"]["parse_data"]
    assert data["intent"] == {"name": "book", "confidence": 0.9}
    assert data["entities"] == [{"entity": "city", "value": "Porto", "start": 0, "end": 5, "role": "to"}]


async def test_a_slot_that_was_changed_outside_is_told_apart_from_the_past(project: Project) -> None:
    engine, rasa = make(project, listening)
    first = await engine.respond(turn())
    await engine.respond(turn(before=replace(first, slots={"name": "Rui"})))
    assert [(e["name"], e["value"]) for e in rasa.told[1]["changed"]] == [("name", "Rui")]
    assert all(e["event"] != "slot" for e in rasa.told[1]["events"])


async def test_an_action_s_message_comes_back_whole_and_its_effect_once(project: Project) -> None:
    said = Content("Done: {effect:reference}", buttons=(Button("More", "/more"),), custom={"image": "x.png"})
    action = Does(
        "action_do", ActionResult(events=(SlotSet("name", "Ana"),), messages=(said,), effects=(Effect("request_return", {"a": 1}),))
    )

    async def twice(rasa: FakeRasa, body: Json) -> list[Json]:
        first = await rasa.call(body, "action_do")
        await rasa.call(body, "action_do")
        return [ran("action_do"), *map(bot, first["responses"]), *first["events"], ran("action_listen")]

    engine, _ = make(project, twice, action)
    reply = await engine.respond(turn())
    assert reply.messages == (said,)
    assert reply.effects == (Effect("request_return", {"a": 1}),)
    assert reply.slots["name"] == "Ana"


async def test_the_response_that_goes_to_rasa_has_rasa_sdk_s_form(project: Project) -> None:
    said = Content("Which?", buttons=(Button("One", "/one"),))
    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        answers.append(await rasa.call(body, "action_ask"))
        return [ran("action_listen")]

    engine, _ = make(project, script, Does("action_ask", ActionResult(events=(SlotSet("name", "Ana"),), messages=(said,))))
    await engine.respond(turn())
    assert answers[0]["responses"] == [{"text": "Which?", "buttons": [{"title": "One", "payload": "/one"}], "baton": 1}]
    assert [(e["event"], e["name"], e["value"]) for e in answers[0]["events"]] == [("slot", "name", "Ana")]


async def test_a_handoff_ends_the_turn_and_lets_rasa_listen(project: Project) -> None:
    request = HandoffRequest(HandoffReason.CUSTOMER_ASKED)
    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        answers.append(await rasa.call(body, "action_handoff"))
        return [ran("action_handoff"), *map(bot, answers[0]["responses"]), ran("action_listen")]

    result = ActionResult(messages=(Content("A person comes."),), handoff=request)
    engine, rasa = make(project, script, Does("action_handoff", result))
    two = replace(turn(), messages=turn().messages * 2)
    reply = await engine.respond(two)
    assert (reply.handoff, [m.text for m in reply.messages], len(rasa.told)) == (request, ["A person comes."], 1)
    assert {"event": "followup", "name": "action_listen"}.items() <= answers[0]["events"][-1].items()


async def test_an_action_that_raises_makes_the_turn_fail_although_rasa_goes_on(project: Project) -> None:
    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        with pytest.raises(RuntimeError):
            await rasa.call(body, "action_do")
        return [ran("action_do"), ran("action_listen")]  # Rasa loses the events and goes on

    engine, _ = make(project, script, Does("action_do", RuntimeError("the order system is away")))
    with pytest.raises(RuntimeError, match="order system"):
        await engine.respond(turn())


async def test_an_action_that_nobody_has_makes_the_turn_fail(project: Project) -> None:
    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        with pytest.raises(UnknownActionError):
            await rasa.call(body, "action_nowhere")
        return [ran("action_listen")]

    engine, _ = make(project, script)
    with pytest.raises(UnknownActionError, match="action_nowhere"):
        await engine.respond(turn())


async def test_an_action_that_rasa_could_not_reach_makes_the_turn_fail(tmp_path: Path) -> None:
    project = small_project(tmp_path, domain=f"{DOMAIN}actions: [action_do]\n", config=OWN)

    async def script(_rasa: FakeRasa, _body: Json) -> list[Json]:
        return [ran("action_do"), ran("action_listen")]

    engine, _ = make(project, script, Does("action_do", ActionResult()))
    with pytest.raises(RasaFailedError, match="did not reach Baton for action_do"):
        await engine.respond(turn())


async def test_other_actions_go_to_the_project_s_own_server_whose_reminders_are_kept_from_rasa(project: Project) -> None:
    at = (NOW + timedelta(minutes=5)).isoformat()
    reminder = {"event": "reminder", "intent": "bye", "date_time": at, "name": "r", "kill_on_user_msg": False}
    passed: list[Json] = []

    async def forward(call: Json) -> Json:
        passed.append(call)
        return {"events": [{"event": "slot", "name": "name", "value": "Ana"}, reminder], "responses": [{"text": "From there"}]}

    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        answers.append(await rasa.call(body, "action_elsewhere"))
        return [ran("action_elsewhere"), *answers[0]["events"], ran("action_listen")]

    engine, _ = make(project, script, forward=forward)
    reply = await engine.respond(turn())
    assert passed[0]["next_action"] == "action_elsewhere"
    assert [e["event"] for e in answers[0]["events"]] == ["slot"]
    assert reply.slots["name"] == "Ana"
    assert reply.wake_at == NOW + timedelta(minutes=5)


async def test_a_reminder_that_is_due_is_told_rasa_as_a_message_and_only_once(project: Project) -> None:
    remind = Does("action_remind", ActionResult(events=(ReminderSet("bye", NOW.isoformat(), "r", kill_on_user_message=False),)))

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        answer = await rasa.call(body, "action_remind") if len(rasa.told) == 1 else {"events": []}
        assert answer["events"] == []  # Rasa would ring it itself, outside of any turn
        return [ran("action_listen")]

    engine, rasa = make(project, script, remind)
    first = await engine.respond(turn())
    silent = replace(turn(before=first), messages=(), now=NOW + timedelta(seconds=1))
    second = await engine.respond(silent)
    third = await engine.respond(replace(silent, slots=second.slots, dialogue=second.dialogue))
    assert [b["message"]["text"] for b in rasa.told] == ["hi", "EXTERNAL: bye"]
    assert rasa.told[1]["message"]["parse_data"]["intent"]["name"] == "bye"
    assert (first.wake_at, second.wake_at, third.messages) == (NOW, None, ())


async def test_a_call_of_an_earlier_try_or_after_the_turn_is_refused(project: Project) -> None:
    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        with pytest.raises(NoSuchTurnError):
            await rasa.call(body | {"key": "another try"}, "action_do")
        return [ran("action_listen")]

    action = Does("action_do", ActionResult(effects=(Effect("request_return", {}),)))
    engine, rasa = make(project, script, action)
    reply = await engine.respond(turn())
    with pytest.raises(NoSuchTurnError):
        await rasa.call(rasa.told[0], "action_do")
    assert (reply.effects, action.seen) == ((), [])


async def test_a_turn_that_is_given_up_takes_no_more_calls(project: Project) -> None:
    started = asyncio.Event()

    async def hang(_rasa: FakeRasa, _body: Json) -> list[Json]:
        started.set()
        await asyncio.sleep(60)
        return []

    engine, rasa = make(project, hang)
    task = asyncio.create_task(engine.respond(turn()))
    await started.wait()
    assert len(rasa.running.runs) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rasa.running.runs == {}


async def test_what_reads_slots_runs_once_a_message_and_its_wish_comes_after_the_reading(tmp_path: Path) -> None:
    mapping = "  read:\n    type: text\n    mappings:\n      - type: custom\n        action: action_read\n"
    domain = small_project(tmp_path).root / "domain.yml"
    text = domain.read_text().replace("slots:\n", f"slots:\n{mapping}", 1)
    text = text.replace("responses:", "actions: [action_read]\nresponses:")
    reads = Does("action_read", ActionResult(events=(SlotSet("read", "x"), Followup("utter_bye"))))
    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        answers.append(await rasa.call(body, "action_read"))
        answers.append(await rasa.call(body, AFTER_READING, *answers[0]["events"]))
        answers.append(await rasa.call(body, "action_read", *answers[0]["events"]))
        return [ran("action_listen")]

    engine, _ = make(small_project(tmp_path, domain=text, config=OWN), script, reads)
    await engine.respond(turn())
    assert len(reads.seen) == 1
    assert [[e["event"] for e in a["events"]] for a in answers] == [["slot"], ["followup"], ["slot"]]


@pytest.mark.parametrize(
    ("intent", "angry", "wanted"),
    [
        ("stop", False, [("action_execution_rejected", "booking_form")]),
        ("ask_price", False, []),
        ("inform", False, [("followup", "action_sorry")]),
        ("greet", True, [("followup", "action_help")]),
    ],
)
async def test_baton_mends_between_reading_and_deciding(project: Project, intent: str, angry: bool, wanted: list[tuple[str, str]]) -> None:
    form = [{"event": "active_loop", "name": "booking_form"}, {"event": "slot", "name": "requested_slot", "value": "start"}]
    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        if len(rasa.told) == 1:
            return [ran("booking_form"), *form, ran("action_listen")]
        answers.append(await rasa.call(body, AFTER_READING))
        return [ran("action_listen")]

    engine, _ = make(project, script)
    first = await engine.respond(turn("book", "book"))
    mood = Sentiment(-2, 1.0, angry=True) if angry else Sentiment()
    await engine.respond(turn("well", intent, before=first, sentiment=mood))
    assert [(e["event"], e["name"]) for e in answers[0]["events"]] == wanted


async def test_a_message_that_an_action_adds_is_not_taken_for_the_customer_s(project: Project) -> None:
    added = {"event": "user", "text": "Ada", "parse_data": {"intent": {"name": "inform", "confidence": 1.0}, "entities": []}}
    seen = Does("action_do", ActionResult())

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        await rasa.call(body, "action_do", added)
        return [ran("action_do"), added, ran("action_listen")]

    engine, _ = make(project, script, seen)
    reply = await engine.respond(turn())
    assert [e["text"] for e in reply.dialogue["events"] if e["event"] == "user"] == ["hi", "Ada"]
    latest = seen.seen[0].tracker.latest_user
    assert latest is not None
    assert (latest.text, latest.intent) == ("Ada", "inform")


async def test_a_response_that_nobody_says_is_no_message(project: Project) -> None:
    async def script(_rasa: FakeRasa, _body: Json) -> list[Json]:
        return [ran("action_restart"), {"event": "bot", "text": "", "data": {}, "metadata": {}}, ran("action_listen")]

    engine, _ = make(project, script)
    reply = await engine.respond(turn())
    assert [e for e in reply.dialogue["events"] if e["event"] == "bot" and not e["text"]] == []


async def test_a_request_to_say_it_again_is_answered_without_rasa(project: Project) -> None:
    async def greet(_rasa: FakeRasa, _body: Json) -> list[Json]:
        return [ran("utter_hello"), {"event": "bot", "text": "Hello"}, ran("action_listen")]

    engine, rasa = make(project, greet)
    first = await engine.respond(turn())
    again = await engine.respond(turn("what?", "inform", before=first))
    assert ([m.text for m in again.messages], len(rasa.told)) == (["Hello"], 1)


async def test_words_come_from_baton_with_the_slots_of_the_moment(project: Project) -> None:
    answers: list[Json] = []

    async def script(rasa: FakeRasa, body: Json) -> list[Json]:
        tracker = rasa.tracker(body, {"event": "slot", "name": "name", "value": "Ana"})
        run = rasa.running.of({"tracker": tracker})
        answers.append(say(run, {"response": "utter_booked", "tracker": tracker, "arguments": {}}))
        answers.append(say(run, {"response": "utter_of_nobody", "tracker": tracker, "arguments": {}}))
        return [ran("utter_booked"), bot(answers[0]), ran("action_listen")]

    engine, _ = make(project, script)
    reply = await engine.respond(turn())
    assert answers == [{"text": "Booked for Ana", "baton": 1}, {}]
    assert [m.text for m in reply.messages] == ["Booked for Ana"]


async def test_a_talk_without_a_word_from_rasa_is_not_silent(project: Project) -> None:
    engine, _ = make(project, listening)
    assert [m.text for m in (await engine.respond(turn())).messages] == ["Pardon?"]


async def test_a_project_without_baton_s_section_is_left_to_rasa_alone(tmp_path: Path) -> None:
    engine, _ = make(small_project(tmp_path), listening)
    assert (await engine.respond(turn())).messages == ()


async def test_the_state_before_the_first_kept_event_is_told_as_events(project: Project) -> None:
    engine, rasa = make(project, listening)
    before = {"events": [], "base": {"slots": {"name": "Ana"}, "loop": "booking_form"}, "truncated": True}
    await engine.respond(replace(turn(), dialogue=before, slots={"name": "Ana"}))
    past = rasa.told[0]["events"]
    assert [(e["event"], e["name"]) for e in past] == [("slot", "name"), ("active_loop", "booking_form")]
