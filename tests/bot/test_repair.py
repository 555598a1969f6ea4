"""Mending a talk: in the shop, and in a project of which Baton knows nothing but that it has a `baton:` section."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine import TurnMessage
from bot.project import Project
from bot.repair.said import with_results
from bot.repair.words import HUMAN, STOP, asks_again, is_whole, meant_instead
from context.types import Entity, HandoffReason
from tests.bot.projects import CONFIG, small_project
from tests.bot.repairing import ANA, because
from tests.bot.talking import Talk, said, text_of


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """A booking bot that leaves every repair as it is by default."""
    return small_project(tmp_path, config=CONFIG + "baton: {}\n")


# Saying it again


@pytest.mark.parametrize(
    ("language", "again"),
    [("en", "sorry?"), ("en", "Can you repeat that?"), ("zh-Hant", "再講一次"), ("zh-Hant", "吓？"), ("zh-Hans", "请再说一遍"),
    ("pt", "repete, por favor"),
     ("pt", "não percebi"), ("es", "¿puedes repetir?"), ("fr", "répétez ?"), ("de", "nochmal?")],
)  # fmt: skip
async def test_what_was_asked_is_said_again_with_its_buttons(language: str, again: str) -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100100", email="ana@example.com"))
    first = await talk.say(said('/inform{"return_item": "CUP-SET"}', "inform"))
    reply = await talk.say(said(again, None, language=language))
    assert reply.messages == first.messages
    assert reply.messages[-1].buttons
    assert because(reply) == ["what was said last is said again"]
    assert (await talk.say(said("changed my mind", None))).slots["return_reason"] == "changed_mind"


async def test_at_the_start_there_is_nothing_to_say_again() -> None:
    reply = await Talk().say(said("sorry?", None))
    assert because(reply) == []
    assert reply.messages


@pytest.mark.parametrize("text", ["sorry", "was", "I am sorry, what about my order?", "what is in it?", "como pago?", "再講一次你哋嘅地址"])
def test_other_sentences_do_not_ask_for_it_again(text: str) -> None:
    assert not asks_again(text)


def test_a_reference_that_was_not_known_yet_is_said_again_as_it_was_given() -> None:
    dialogue = {"memory": {"said": [{"text": "Registered under {effect:reference}.", "buttons": []}]}, "version": 2}
    assert with_results(dialogue, {"reference": "RT-7"})["memory"]["said"][0]["text"] == "Registered under RT-7."
    assert with_results({"version": 2}, {"reference": "RT-7"}) == {"version": 2}


# Correcting an earlier answer


@pytest.mark.parametrize(
    ("language", "words", "done"),
    [
        ("en", "no, I meant damaged", "I have changed that"),
        ("zh-Hant", "我係話爛咗", "已經更改"),
        ("zh-Hans", "我是说坏了", "已经更改"),
        ("pt", "aliás, chegou partido", "já alterei"),
    ],
)
async def test_an_earlier_answer_of_a_form_is_changed_and_the_form_goes_on(language: str, words: str, done: str) -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", language=language, order_number="LC-100302", email="mei@example.com"))
    await talk.say(said('/inform{"return_item": "CUP-SET"}', "inform", language=language))
    await talk.say(said('/inform{"return_reason": "changed_mind"}', "inform", language=language))
    reply = await talk.say(said(words, "faq/damaged_item", language=language))
    assert done in text_of(reply)
    assert talk.slots["return_reason"] == "damaged"
    assert reply.messages[-1].buttons[0].payload == '/inform{"return_wish": "refund"}'


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "not LC-100234, LC-100100"), ("zh-Hant", "唔係 LC-100234，係 LC-100100"), ("zh-Hans", "不是LC-100234，是LC-100100"),
    ("pt", "não é a LC-100234, é a LC-100100"),
     ("en", "LC-100100, not LC-100234"), ("pt", "a LC-100100 em vez da LC-100234")],
)  # fmt: skip
async def test_of_two_numbers_the_one_that_is_not_meant_is_left_out(language: str, words: str) -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order", language=language, order_number="LC-100234"))
    numbers = tuple(
        Entity("order_number", n, n, words.index(n), words.index(n) + len(n)) for n in sorted(("LC-100100", "LC-100234"), key=words.index)
    )
    message = said(words, "deny", language=language)
    await talk.say(replace(message, understanding=replace(message.understanding, entities=numbers)))
    assert talk.slots["order_number"] == "LC-100100"
    shown = await talk.say(said("ana@example.com", None, language=language, email="ana@example.com"))
    assert "Celadon" in text_of(shown)


@pytest.mark.parametrize(("language", "words"), [("en", "no, {}"), ("zh-Hant", "唔係，{}"), ("zh-Hans", "不对，{}"), ("pt", "não, {}")])
async def test_a_form_that_has_just_ended_is_opened_again_by_a_correction(language: str, words: str) -> None:
    talk = Talk()
    await talk.say(said("where is it", "track_order", language=language, **ANA))
    reply = await talk.say(said(words.format("LC-100100"), "deny", language=language, order_number="LC-100100"))
    assert "Celadon" in text_of(reply)
    later = await talk.say(said("thanks", "thank", language=language))
    again = await talk.say(said(words.format("LC-100234"), "deny", language=language, order_number="LC-100234"))
    assert "Celadon" not in text_of(later) + text_of(again)


@pytest.mark.parametrize(
    ("language", "words", "name"),
    [
        ("en", "no, Acme Limited", "Acme Limited"),
        ("zh-Hant", "唔係，燈籠有限公司", "燈籠有限公司"),
        ("zh-Hans", "不对，灯笼有限公司", "灯笼有限公司"),
        ("pt", "não, Lanterna Lda.", "Lanterna Lda."),
        ("en", "no thanks", None),
        ("en", "no, I do not want it any more", None),
        ("zh-Hant", "唔使，多謝", None),
        ("pt", "não, obrigado", None),
    ],
)
async def test_a_no_with_a_name_at_the_last_question_changes_the_last_answer(language: str, words: str, name: str | None) -> None:
    talk = Talk()
    await talk.say(said("/ask_invoice", "ask_invoice", language=language))
    await talk.say(said("this one", None, language=language, **ANA))
    await talk.say(said("Acme", None, language=language))
    reply = await talk.say(said(words, "deny", language=language))
    assert talk.slots.get("invoice_name") == name
    assert bool(reply.messages[-1].buttons) is (name is not None)


async def test_a_number_alone_corrects_a_form_whatever_it_is_taken_for() -> None:
    talk = Talk()
    await talk.say(said("cancel it", "cancel_order", order_number="LC-100300", email="mei@example.com"))
    reply = await talk.say(said("no, LC-100301", "track_order", order_number="LC-100301"))
    assert "LC-100301 has left our warehouse" in text_of(reply)
    wish = await talk.say(said("send back LC-100302", "request_return", order_number="LC-100302"))
    assert "Which item" in text_of(wish)


async def test_a_yes_that_answers_nothing_is_asked_again_in_a_form() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    reply = await talk.say(said("yes", "affirm"))
    assert "action_rephrase" in [e.get("action") for e in reply.trace]
    assert "order number" in reply.messages[-1].text


async def test_i_meant_exchange_changes_the_wish_at_the_last_question() -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100302", email="mei@example.com"))
    for payload in ('{"return_item": "CUP-SET"}', '{"return_reason": "changed_mind"}', '{"return_wish": "refund"}'):
        await talk.say(said(f"/inform{payload}", "inform"))
    reply = await talk.say(said("I meant exchange", None))
    assert talk.slots["return_wish"] == "exchange"
    assert "Wish: exchange" in text_of(reply)


async def test_a_no_with_an_answer_to_the_open_question_corrects_nothing() -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100302", email="mei@example.com"))
    await talk.say(said('/inform{"return_item": "CUP-SET"}', "inform"))
    reply = await talk.say(said("no, it is broken", None))
    assert because(reply) == []
    assert talk.slots["return_reason"] == "damaged"


async def test_a_plain_projects_earlier_answer_is_changed_by_its_entity(plain: Project) -> None:
    talk = Talk(project=plain)
    await talk.say(said("book from Porto", "book"))
    start = Entity("city", "Lisbon", "Lisbon", 10, 16, role="from")
    first = said("from Porto", "inform")
    await talk.say(replace(first, understanding=replace(first.understanding, entities=(replace(start, text="Porto", value="Porto"),))))
    wait = said("no, from Lisbon", "inform")
    reply = await talk.say(replace(wait, understanding=replace(wait.understanding, entities=(start,))))
    assert talk.slots["start"] == "Lisbon"
    assert "I have changed that." in text_of(reply)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, LC-2", ("LC-2", False)), ("sorry, I meant Tuesday", ("Tuesday", True)), ("I meant exchange", ("exchange", True)),
        ("唔係，換貨", ("換貨", False)), ("我係話換貨", ("換貨", True)), ("我是说换货", ("换货", True)),
        ("quis dizer troca", ("troca", True)),
        ("não, a outra", ("a outra", False)), ("no", None), ("exchange", None), ("notably good", None), ("nothing", None),
    ],
)  # fmt: skip
def test_a_correction_is_told_from_an_answer(text: str, meant: tuple[str, bool] | None) -> None:
    assert meant_instead(text) == meant


# A person, stopping, another goal, without intents for them


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "talk to a human"), ("zh-Hant", "轉人工"), ("zh-Hans", "人工客服"), ("pt", "quero falar com uma pessoa"),
    ("es", "una persona")]
)  # fmt: skip
async def test_a_person_is_heard_in_a_project_that_has_no_intent_for_it(plain: Project, language: str, words: str) -> None:
    talk = Talk(project=plain)
    await talk.say(said("hello", "greet"))
    reply = await talk.say(said(words, "ask_price", language=language))
    assert reply.handoff is not None
    assert reply.handoff.reason == HandoffReason.CUSTOMER_ASKED
    assert text_of(reply)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "never mind"), ("zh-Hant", "算啦"), ("zh-Hans", "不用了"), ("pt", "esquece"), ("de", "abbrechen")]
)
async def test_a_form_is_left_in_a_project_that_has_no_intent_for_it(plain: Project, language: str, words: str) -> None:
    talk = Talk(project=plain)
    await talk.say(said("book a table", "book"))
    reply = await talk.say(said(words, "inform", language=language))
    assert "From where?" not in text_of(reply)
    assert (await talk.say(said("hello", "greet"))).messages[-1].text == "Hello"


@pytest.mark.parametrize(
    ("text", "human", "stop"),
    [("a person", True, False), ("cancel", False, True), ("cancel my order", False, False), ("human rights", False, False)],
)
def test_words_count_only_when_they_are_the_whole_message(text: str, human: bool, stop: bool) -> None:
    assert (is_whole(HUMAN, text), is_whole(STOP, text)) == (human, stop)


# A question beside what a form asked for


@pytest.mark.parametrize(
    ("language", "text", "question", "answer"),
    [
        ("en", "LC-100100, and when are you open on Sunday?", "when are you open on Sunday", "open"),
        ("en", "when are you open on Sunday? My order is LC-100100", "when are you open on Sunday", "open"),
        ("pt", "LC-100100 e a que horas abrem ao domingo?", "a que horas abrem ao domingo", "h"),
        ("zh-Hant", "LC-100100，另外你哋星期日幾點開門？", "你哋星期日幾點開門", "11"),
    ],
)
async def test_a_question_beside_the_answer_of_a_form_is_answered_and_the_form_goes_on(
    language: str, text: str, question: str, answer: str
) -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order", language=language))
    reply = await talk.say(with_question(text, question, language=language))
    assert talk.slots["order_number"] == "LC-100100"
    assert because(reply) == ["faq/store_hours is asked beside what the form asked for"]
    asked = [content for content in reply.messages if "mail" in content.text or "電郵" in content.text]
    assert reply.messages[-1] in asked
    assert len(asked) == 1
    assert any(answer in content.text for content in reply.messages[:-1])


async def test_a_question_alone_in_a_form_is_no_answer_beside_a_question() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    reply = await talk.say(with_question("when are you open on Sunday?", "when are you open on Sunday"))
    assert not because(reply)
    assert talk.slots.get("order_number") is None


async def test_a_clause_that_gives_an_address_is_an_answer_whatever_it_sounds_like() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    text = "LC-100100 and my email is ana@example.com"
    message = with_question(text, "my email is ana")
    email = Entity("email", "ana@example.com", "ana@example.com", text.index("ana"), len(text))
    entities = (*message.understanding.entities, email)
    reply = await talk.say(replace(message, understanding=replace(message.understanding, entities=entities)))
    assert not because(reply)
    assert "Celadon" in text_of(reply)


def with_question(text: str, question: str, *, language: str = "en") -> TurnMessage:
    number = "LC-100100"
    message = said(text, "faq/store_hours", language=language)
    start = text.find(number)
    found = (Entity("order_number", number, number, start, start + len(number)),) if start >= 0 else ()
    return replace(message, understanding=replace(message.understanding, entities=found, clauses=(("faq/store_hours", question),)))
