from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions.port import ActionContext, ActionResult
from bot.baton_engine import BatonEngine
from bot.checks.contradictions import circular_checkpoints
from bot.dialogue_events import ActionRan, DialogueEvent, FoundEntity, LoopActive, SlotSet, UserSaid
from bot.engine import Reply, TurnMessage
from bot.policies.ensemble import Ensemble
from bot.project.types import LISTEN, Project
from bot.testing import Readers, actions_of
from bot.tracker import Tracker, restore_tracker
from context.types import Content
from tests.bot.projects import CONFIG, DOMAIN, RULES, small_project
from tests.bot.talking import Talk, said, text_of


def tracker_of(project: Project, *events: DialogueEvent) -> Tracker:
    tracker = Tracker(project.domain)
    tracker.apply(ActionRan(LISTEN), *events)
    return tracker


def user(intent: str, *entities: FoundEntity) -> UserSaid:
    return UserSaid(intent, intent, intent, 1.0, entities)


def talk_with(project: Project) -> Talk:
    return Talk(project=project, readers=Readers())


async def actions(talk: Talk, text: str, intent: str | None) -> tuple[list[str], Reply]:
    reply = await talk.say(said(text, intent))
    return actions_of(reply), reply


def test_a_rule_with_a_condition_goes_before_the_general_one(tmp_path: Path) -> None:
    policies = Ensemble(project := small_project(tmp_path))
    plain = tracker_of(project, user("greet"))
    member = tracker_of(project, user("greet"), SlotSet("member", True))
    assert policies.predict(plain).action == "utter_hello"
    assert policies.predict(member).action == "utter_hello_member"


def test_after_its_last_action_a_rule_listens(tmp_path: Path) -> None:
    policies = Ensemble(project := small_project(tmp_path))
    assert policies.predict(tracker_of(project, user("greet"), ActionRan("utter_hello"))).action == LISTEN


def test_a_rule_may_go_on_without_waiting(tmp_path: Path) -> None:
    rules = RULES.replace("  - rule: greet\n", "  - rule: greet\n    wait_for_user_input: false\n", 1)
    rules += "  - rule: and then\n    steps:\n      - action: utter_hello\n      - action: utter_price\n"
    policies = Ensemble(project := small_project(tmp_path, rules=rules))
    assert policies.predict(tracker_of(project, user("greet"), ActionRan("utter_hello"))).action == "utter_price"


def test_a_rule_at_the_conversation_start_holds_only_there(tmp_path: Path) -> None:
    rules = RULES + "  - rule: first\n    conversation_start: true\n    steps:\n      - intent: bye\n      - action: utter_hello\n"
    policies = Ensemble(project := small_project(tmp_path, rules=rules))
    later = tracker_of(project, user("greet"), ActionRan("utter_hello"), ActionRan(LISTEN), user("bye"))
    assert policies.predict(tracker_of(project, user("bye"))).action == "utter_hello"
    assert policies.predict(later).action == "action_default_fallback"


def test_what_no_rule_or_story_knows_falls_back(tmp_path: Path) -> None:
    policies = Ensemble(project := small_project(tmp_path))
    prediction = policies.predict(tracker_of(project, user("bye")))
    assert (prediction.action, prediction.confidence) == ("action_default_fallback", 0.3)


STORIES = """
stories:
  - story: bye after price
    steps:
      - intent: ask_price
      - action: utter_price
      - intent: bye
      - action: utter_bye
  - story: bye alone
    steps:
      - intent: bye
      - action: utter_hello
"""


def test_a_story_is_remembered_with_what_went_before(tmp_path: Path) -> None:
    policies = Ensemble(project := small_project(tmp_path, stories=STORIES))
    priced = tracker_of(project, user("ask_price"), ActionRan("utter_price"), ActionRan(LISTEN), user("bye"))
    assert policies.predict(priced).action == "utter_bye"
    assert policies.predict(tracker_of(project, user("bye"))).action == "utter_hello"


def test_augmented_memoization_forgets_older_turns_and_plain_does_not(tmp_path: Path) -> None:
    events = (
        user("greet"),
        ActionRan("utter_hello"),
        ActionRan(LISTEN),
        user("ask_price"),
        ActionRan("utter_price"),
        ActionRan(LISTEN),
        user("bye"),
    )
    augmented = small_project(tmp_path, stories=STORIES)
    assert Ensemble(augmented).predict(tracker_of(augmented, *events)).action == "utter_bye"
    plain = small_project(tmp_path, stories=STORIES, config=CONFIG.replace("AugmentedMemoizationPolicy", "MemoizationPolicy"))
    assert Ensemble(plain).predict(tracker_of(plain, *events)).action == "action_default_fallback"


def test_checkpoints_join_stories_and_a_circle_is_passed_once_and_named(tmp_path: Path) -> None:
    first = "stories:\n  - story: a\n    steps:\n      - intent: ask_price\n      - action: utter_price\n      - checkpoint: priced\n"
    second = "  - story: b\n    steps:\n      - checkpoint: priced\n      - intent: bye\n      - action: utter_bye\n"
    project = small_project(tmp_path, stories=first + second)
    priced = tracker_of(project, user("ask_price"), ActionRan("utter_price"), ActionRan(LISTEN), user("bye"))
    assert Ensemble(project).predict(priced).action == "utter_bye"
    circle = small_project(tmp_path, stories=first + second + "      - checkpoint: priced\n")
    assert Ensemble(circle).predict(tracker_of(circle, *priced.events[1:])).action == "utter_bye"
    assert [finding.place.line for finding in circular_checkpoints(circle)] == [11]


async def test_a_form_asks_in_order_takes_answers_and_ends(tmp_path: Path) -> None:
    talk = talk_with(small_project(tmp_path))
    ran, reply = await actions(talk, "book", "book")
    assert (ran, text_of(reply), talk.slots["trigger"]) == (["booking_form"], "From where?", "asked")
    ran, reply = await actions(talk, "Macau", "inform")
    assert "start" not in talk.slots
    reply = await talk.say(_from("Macau"))
    assert text_of(reply) == "Your name?"
    ran, reply = await actions(talk, "Ana", "inform")
    assert (ran, text_of(reply)) == (["booking_form", "utter_booked"], "Booked for Ana")


async def test_an_interrupted_form_asks_again_and_does_not_take_the_question(tmp_path: Path) -> None:
    talk = talk_with(small_project(tmp_path))
    await talk.say(said("book", "book"))
    await talk.say(_from("Macau"))
    ran, reply = await actions(talk, "how much?", "ask_price")
    assert (ran, text_of(reply)) == (["utter_price", "booking_form"], "Ten\nYour name?")
    assert "name" not in talk.slots


async def test_a_rule_may_end_a_form(tmp_path: Path) -> None:
    talk = talk_with(small_project(tmp_path))
    await talk.say(said("book", "book"))
    ran, _ = await actions(talk, "stop", "stop")
    assert ran == ["action_deactivate_loop", "utter_bye"]
    assert (await actions(talk, "hi", "greet"))[0] == ["utter_hello"]


async def test_an_entity_fills_only_the_slot_of_its_role(tmp_path: Path) -> None:
    talk = talk_with(small_project(tmp_path))
    await talk.say(said("to Lisbon", "book", city="Lisbon"))
    assert "start" not in talk.slots


async def test_an_ignored_intent_fills_no_slot_of_the_form(tmp_path: Path) -> None:
    talk = talk_with(small_project(tmp_path))
    await talk.say(said("book", "book"))
    await talk.say(_from("Macau"))
    await talk.say(said("bye", "bye"))
    assert "name" not in talk.slots


async def test_ten_actions_are_the_most_for_one_message(tmp_path: Path) -> None:
    rules = RULES.replace("  - rule: greet\n", "  - rule: greet\n    wait_for_user_input: false\n", 1)
    rules += "  - rule: again\n    wait_for_user_input: false\n    steps:\n      - action: utter_hello\n      - action: utter_hello\n"
    talk = talk_with(small_project(tmp_path, rules=rules))
    ran, reply = await actions(talk, "hi", "greet")
    assert len(ran) == 10
    assert reply.trace[-1]["step"] == "stopped"
    assert text_of(reply) == "\n".join(["Hello"] * 10)


def test_the_tracker_comes_back_as_it_was_and_takes_over_outside_changes(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    tracker = tracker_of(project, user("book"), LoopActive("booking_form"), SlotSet("name", "Ana"), SlotSet("requested_slot", "start"))
    again = restore_tracker(project.domain, slots={"name": "Eva"}, dialogue=tracker.as_dialogue())
    assert (again.loop_name, again.requested_slot, again.slots["name"]) == ("booking_form", "start", "Eva")


def test_a_talk_goes_on_when_its_form_and_slots_are_no_longer_in_the_project(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    tracker = tracker_of(project, user("book"), LoopActive("old_form"), SlotSet("old_slot", "x"), SlotSet("requested_slot", "old_slot"))
    again = restore_tracker(project.domain, slots={"old_slot": "x"}, dialogue=tracker.as_dialogue())
    assert (again.loop_name, again.requested_slot) == (None, None)
    assert again.filled_slots() == {}


def _from(city: str) -> TurnMessage:
    """A message with an entity in the role `from`."""
    message = said(city, "inform", city=city)
    entity = replace(message.understanding.entities[0], role="from")
    return replace(message, understanding=replace(message.understanding, entities=(entity,)))


class Elsewhere:
    """An action server in memory, which says its actions' names."""

    async def run(self, name: str, context: ActionContext) -> ActionResult:
        return ActionResult(messages=(Content(f"{name} ran elsewhere"),))


@pytest.mark.parametrize(("name", "elsewhere"), [("action_stop", True), ("action_restart", True), ("action_handoff", False)])
async def test_a_projects_own_action_goes_before_batons_unless_it_is_one_that_baton_offers(
    tmp_path: Path, name: str, elsewhere: bool
) -> None:
    rules = f"rules:\n  - rule: a\n    steps:\n      - intent: greet\n      - action: {name}\n"
    project = small_project(tmp_path, rules=rules, domain=DOMAIN + f"actions: [{name}]\n")
    engine = BatonEngine(project, orders=Readers().orders, knowledge=Readers().knowledge, remote=Elsewhere())
    reply = await engine.respond(talk_with(project).turn(said("hi", "greet")))
    assert (f"{name} ran elsewhere" in text_of(reply)) is elsewhere


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        ("action_handoff", "en", "passing you to a colleague"),
        ("action_handoff", "zh-Hans", "我把您转给同事"),
        ("action_answer_from_knowledge", "pt", "Não tenho uma resposta segura"),
    ],
)
async def test_what_baton_offers_speaks_for_itself_in_a_project_without_such_responses(
    tmp_path: Path, name: str, language: str, words: str
) -> None:
    rules = f"rules:\n  - rule: a\n    steps:\n      - intent: greet\n      - action: {name}\n"
    project = small_project(tmp_path, rules=rules, domain=DOMAIN + f"actions: [{name}]\n")
    reply = await talk_with(project).say(said("hi", "greet", language=language))
    assert words in text_of(reply)
    assert (reply.handoff is not None) is (name == "action_handoff")
    assert not any(button.payload == "/talk_to_human" for content in reply.messages for button in content.buttons)
