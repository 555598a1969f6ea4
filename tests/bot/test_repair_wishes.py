"""Two intents that are close, and two wishes in one message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from context.types import Entity
from tests.bot.projects import CONFIG, DOMAIN, small_project
from tests.bot.repairing import ANA, because, first_action
from tests.bot.talking import Talk, said, text_of


def close_call(text: str, *, language: str = "en") -> Any:
    """A message that may mean either."""
    message = said(text, "cancel_order", language=language)
    ranking = (("cancel_order", 0.41), ("request_return", 0.39))
    return replace(message, understanding=replace(message.understanding, ranking=ranking, confidence=0.41))


@pytest.mark.parametrize(
    ("language", "asked"),
    [("en", "Which of these do you mean"), ("zh-Hant", "您指的是哪一項"), ("zh-Hans", "您指的是哪一项"), ("pt", "Qual destes quer dizer")],
)
async def test_two_close_intents_are_asked_back_with_buttons_and_the_choice_is_done(language: str, asked: str) -> None:
    talk = Talk()
    reply = await talk.say(close_call("I do not want LC-100300 any more", language=language))
    assert asked in text_of(reply)
    assert [b.payload for b in reply.messages[-1].buttons] == ["/cancel_order", "/request_return"]
    assert all(b.title and "_" not in b.title for b in reply.messages[-1].buttons)
    chosen = await talk.say(said("/cancel_order", "cancel_order", language=language))
    assert talk.dialogue["events"][-1]["name"] == "action_listen"
    assert first_action(chosen) == "cancel_form"


async def test_what_was_said_before_the_choice_counts_after_it() -> None:
    talk = Talk()
    message = close_call("I do not want LC-100300 any more, mei@example.com")
    found = (Entity("order_number", "LC-100300", "LC-100300", 14, 23), Entity("email", "mei@example.com", "mei@example.com", 34, 49))
    clear = replace(message.understanding, entities=found)
    project = replace(talk.project, config=replace(talk.project.config, repair=replace(talk.project.config.repair, with_entity=())))
    talk = Talk(project=project)
    await talk.say(replace(message, understanding=clear))
    chosen = await talk.say(said("/cancel_order", "cancel_order"))
    assert "Gaiwan" in text_of(chosen)


async def test_intents_that_are_far_apart_are_not_asked_back() -> None:
    message = close_call("cancel it")
    apart = replace(message.understanding, ranking=(("cancel_order", 0.8), ("request_return", 0.1)), confidence=0.8)
    assert because(await Talk().say(replace(message, understanding=apart))) == []


def two_wishes(text: str, first: str, second: str, words: str, *, language: str = "en") -> Any:
    """A message with a second wish in a clause of its own."""
    message = said(text, first, language=language)
    clauses = ((first, text.replace(words, "")), (second, words))
    return replace(message, understanding=replace(message.understanding, also=((second, 0.9),), clauses=clauses))


async def test_two_questions_are_both_answered() -> None:
    reply = await Talk().say(
        two_wishes("how long does it take and what does shipping cost", "faq/delivery_time", "faq/delivery_cost", "what does shipping cost")
    )
    assert "one to two working days" in text_of(reply)
    assert "MOP 25" in text_of(reply)


async def test_a_question_beside_a_task_is_answered_before_the_task_begins() -> None:
    reply = await Talk().say(
        two_wishes("where is my order, and what does shipping cost", "track_order", "faq/delivery_cost", "what does shipping cost")
    )
    texts = [m.text for m in reply.messages]
    assert "MOP 25" in texts[0]
    assert "order number" in texts[-1]


@pytest.mark.parametrize(
    ("language", "offer", "yes"),
    [
        ("en", "You also said: “I want to rate you”", "yes"),
        ("zh-Hant", "您還提到：「想畀啲意見」", "好"),
        ("zh-Hans", "您还提到：「提点意见」", "好"),
        ("pt", "Também disse: «queria avaliar-vos»", "sim"),
    ],
)
async def test_a_second_task_is_offered_when_the_first_is_done(language: str, offer: str, yes: str) -> None:
    talk, words = Talk(), offer.split("：" if language.startswith("zh") else ": ")[1].strip("“”「」«»")
    asked = await talk.say(two_wishes(f"where is my order, {words}", "track_order", "give_feedback", words, language=language))
    assert offer not in text_of(asked)
    shown = await talk.say(said("LC-100234 ana@example.com", None, language=language, **ANA))
    assert offer in text_of(shown)
    assert [b.payload for b in shown.messages[-1].buttons] == ["/give_feedback", "/deny"]
    begun = await talk.say(said(yes, "affirm", language=language))
    assert first_action(begun) == "feedback_form"


async def test_an_offered_wish_that_is_not_wanted_is_forgotten() -> None:
    talk = Talk()
    await talk.say(two_wishes("what does shipping cost, and cancel it", "faq/delivery_cost", "cancel_order", "cancel it"))
    declined = await talk.say(said("no thanks", "deny"))
    assert "All right" in text_of(declined)
    assert "cancel" not in text_of(await talk.say(said("yes", "affirm")))


@pytest.mark.parametrize(
    ("text", "courtesy", "wish", "words", "action"),
    [
        ("Hello, my name is Ana. I want to send it back", "greet", "request_return", "I want to send it back", "return_form"),
        ("where is my parcel, many thanks to you", "thank", "track_order", "where is my parcel", "track_order_form"),
    ],
)
async def test_a_task_beside_a_greeting_or_thanks_is_begun_at_once(text: str, courtesy: str, wish: str, words: str, action: str) -> None:
    message = said(text, courtesy)
    rest = text.replace(words, "").strip(" ,.")
    known = replace(message.understanding, also=((wish, 0.9),), clauses=((wish, words), (courtesy, rest)))
    reply = await Talk().say(replace(message, understanding=known))
    assert first_action(reply) == action
    assert because(reply) == [f"{courtesy} gives way to {wish}"]
    assert "You also said" not in text_of(reply)


@pytest.mark.parametrize(("wish", "sure"), [("track_order", 0.6), ("affirm", 0.9), ("thank", 0.9)])
async def test_what_is_not_sure_or_no_wish_does_not_stand_before_a_greeting(wish: str, sure: float) -> None:
    message = said("good morning to all, and so on it goes", "greet")
    known = replace(message.understanding, also=((wish, sure),), clauses=(("greet", "good morning to all"), (wish, "so on it goes")))
    assert first_action(await Talk().say(replace(message, understanding=known))) == "utter_greet"


async def test_circumstances_are_no_second_wish() -> None:
    message = two_wishes("I bought a pot. it arrived broken", "faq/damaged_item", "track_order", "I bought a pot")
    alone = replace(message.understanding, clauses=(("track_order", "I bought a pot"),))
    talk = Talk()
    await talk.say(replace(message, understanding=alone))
    assert "offer" not in talk.dialogue["memory"]


async def test_questions_on_products_in_a_form_are_progress() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    for n in range(4):
        reply = await talk.say(said(f"is the gaiwan in stock{'?' * n}", "faq/stock", product="gaiwan"))
        assert (reply.handoff is None) is (n < 3)  # the fourth time the question was left open a person takes over, whatever lay between


async def test_a_part_that_was_understood_counts_when_the_whole_was_not() -> None:
    message = two_wishes("blah blah. where is my order", "x", "track_order", "where is my order")
    reply = await Talk().say(replace(message, understanding=replace(message.understanding, intent=None)))
    assert "order number" in text_of(reply)


@pytest.mark.parametrize("text", ["how much is it?", "幾多錢？", "多少钱？", "quanto custa?"])
async def test_a_question_to_a_form_that_takes_any_words_is_answered_and_the_form_goes_on(tmp_path: Path, text: str) -> None:
    domain = DOMAIN.replace("        not_intent: [ask_price, stop]\n", "")
    for section, heard in (("baton: {}\n", True), ("baton:\n  repair:\n    interrupt: false\n", False)):
        talk = Talk(project=small_project(tmp_path, domain=domain, config=CONFIG + section))
        await talk.say(said("book", "book"))
        start = said("from Porto", "inform")
        place = Entity("city", "Porto", "Porto", 5, 10, role="from")
        await talk.say(replace(start, understanding=replace(start.understanding, entities=(place,))))
        reply = await talk.say(said(text, "ask_price"))
        assert ("Ten" in text_of(reply) and "Your name?" in text_of(reply)) is heard
        assert (talk.slots.get("name") is None) is heard


@pytest.mark.parametrize(
    ("clause", "said_enough"),
    [("mail ana@example", False), ("訂單 LC-100060", False), ("how much", False), ("what does shipping cost", True), ("想畀啲意見", True)],
)
async def test_a_clause_that_says_nothing_is_no_second_wish(clause: str, said_enough: bool) -> None:
    talk = Talk()
    await talk.say(two_wishes(f"what is your return policy, {clause}", "faq/return_policy", "give_feedback", clause))
    assert ("offer" in talk.dialogue["memory"]) is said_enough
