"""What Baton adds to a talk that Rasa leads: mending, its own words, and a word where Rasa has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.port import ActionResult
from bot.dialogue_events import Followup, SlotSet
from bot.project.types import Project
from bot.rasa.copying import AFTER_READING
from bot.rasa.serving import say
from nlu.types import Sentiment
from tests.bot.fake_rasa import OWN, Does, FakeRasa, Json, bot, listening, make, ran, turn
from tests.bot.projects import small_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project with a `baton:` section."""
    return small_project(tmp_path, config=OWN)


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
