"""`RasaEngine` and what Rasa calls back, with a Rasa in memory that says what each test needs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.port import ActionResult
from bot.dialogue_events import ReminderSet, SlotSet
from bot.project.types import Project
from bot.rasa.environment import RasaFailedError
from bot.rasa.serving import NoSuchTurnError, UnknownActionError
from context.types import Button, Content, Effect, HandoffReason, HandoffRequest
from nlu.types import Entity
from tests.bot.fake_rasa import NOW, OWN, Does, FakeRasa, Json, bot, listening, make, ran, turn
from tests.bot.projects import DOMAIN, small_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project with a `baton:` section."""
    return small_project(tmp_path, config=OWN)


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
