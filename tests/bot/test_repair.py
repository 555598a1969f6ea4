"""Mending a talk: in the shop, and in a project of which Baton knows nothing but that it has a `baton:` section."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.wiring import CONSEQUENCES
from bot.baton_engine import BatonEngine
from bot.engine import Reply
from bot.project import Project
from bot.project.types import ProjectError
from bot.repair.said import with_results
from bot.repair.words import HUMAN, STOP, asks_again, is_whole, meant_instead
from bot.sweeper import Sweeper
from bot.testing import load_readers
from bot.turn import TurnTaker
from context.conversations import dump_understanding, list_messages
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import MessageRow
from context.types import Entity, HandoffReason, Inbound, Understanding
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from tests.bot.projects import CONFIG, DOMAIN, small_project
from tests.bot.talking import NOW, STORIES, Talk, said, shop, text_of

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
ANA: Any = {"order_number": "LC-100234", "email": "ana@example.com"}


def because(reply: Reply) -> list[str]:
    """Why the talk was mended."""
    return [str(e["why"]) for e in reply.trace if e["step"] == "repaired"]


def first_action(reply: Reply) -> str:
    """What the bot did first."""
    return next(str(e["action"]) for e in reply.trace if e["step"] == "decided")


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """A booking bot that leaves every repair as it is by default."""
    return small_project(tmp_path, config=CONFIG + "baton: {}\n")


@pytest.fixture
def foreign(tmp_path: Path) -> Project:
    """The same without a `baton:` section."""
    return small_project(tmp_path)


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


@pytest.mark.parametrize(
    ("clause", "said_enough"),
    [("mail ana@example", False), ("訂單 LC-100060", False), ("how much", False), ("what does shipping cost", True), ("想畀啲意見", True)],
)
async def test_a_clause_that_says_nothing_is_no_second_wish(clause: str, said_enough: bool) -> None:
    talk = Talk()
    await talk.say(two_wishes(f"what is your return policy, {clause}", "faq/return_policy", "give_feedback", clause))
    assert ("offer" in talk.dialogue["memory"]) is said_enough


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


# Two intents that are close, two wishes in one message


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


# No loop


async def test_three_messages_without_progress_hand_over() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    replies = [await talk.say(said(f"sorry?{'?' * n}", None)) for n in range(3)]
    assert [r.handoff is not None for r in replies] == [False, False, True]
    assert replies[2].handoff is not None
    assert replies[2].handoff.reason == HandoffReason.NOT_UNDERSTOOD


async def test_progress_starts_the_count_anew() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    await talk.say(said("sorry?", None))
    await talk.say(said("pardon?", None))
    await talk.say(said("LC-100234", None, order_number="LC-100234"))
    assert (await talk.say(said("huh?", None))).handoff is None


async def test_questions_that_were_answered_are_progress() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    for text in ("what does shipping cost", "what is your return policy", "how long does it take"):
        assert (await talk.say(said(text, "faq/delivery_cost"))).handoff is None


async def test_small_talk_without_a_task_is_never_stuck() -> None:
    talk = Talk()
    replies = [await talk.say(said("thanks", "thank")) for _ in range(5)]
    assert all(r.handoff is None for r in replies)


# Silence


@pytest.mark.parametrize(
    ("language", "nudge", "end"),
    [
        ("en", "Are you still there?", "I leave it at that"),
        ("zh-Hant", "您還在嗎", "先到這裡"),
        ("zh-Hans", "您还在吗", "先到这里"),
        ("pt", "Ainda está aí?", "Por agora fico por aqui"),
    ],
)
async def test_silence_is_broken_gently_and_then_the_task_is_left(language: str, nudge: str, end: str) -> None:
    talk = Talk()
    asked = await talk.say(said("where is my order", "track_order", language=language))
    assert asked.wake_at == NOW + timedelta(minutes=5)
    talk.now = NOW + timedelta(minutes=5)
    first = await talk.say()
    assert nudge in text_of(first)
    assert first.messages[-1].text == asked.messages[-1].text
    assert first.wake_at == NOW + timedelta(minutes=20)
    talk.now = NOW + timedelta(minutes=20)
    last = await talk.say()
    assert end in text_of(last)
    assert last.wake_at is None
    assert (await talk.say()).messages == ()


async def test_an_answer_in_time_is_no_silence() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    shown = await talk.say(said("LC-100234 ana@example.com", None, **ANA))
    assert shown.wake_at is None
    talk.now = NOW + timedelta(hours=1)
    assert (await talk.say()).messages == ()


async def test_what_a_left_form_alone_was_told_is_forgotten_and_the_order_is_kept() -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100302", email="mei@example.com"))
    await talk.say(said('/inform{"return_item": "CUP-SET"}', "inform"))
    for minutes in (5, 20):
        talk.now = NOW + timedelta(minutes=minutes)
        await talk.say()
    assert "return_item" not in talk.slots
    assert talk.slots["order_known"] == "LC-100302"


# Configuration


async def test_a_project_without_a_baton_section_is_left_as_rasa_would_play_it(foreign: Project) -> None:
    assert foreign.config.repair == type(foreign.config.repair)()
    talk = Talk(project=foreign)
    asked = await talk.say(said("book a table", "book"))
    assert asked.wake_at is None
    replies = [await talk.say(said(text, "inform")) for text in ("sorry?", "never mind", "a human", "sorry?")]
    assert [because(r) for r in replies] == [[], [], [], []]
    assert all(r.handoff is None for r in replies)


def test_each_repair_is_on_by_default_and_can_be_switched_off(tmp_path: Path) -> None:
    on = small_project(tmp_path, config=CONFIG + "baton: {}\n").config.repair
    assert on.interrupt
    assert (on.repeat, on.correct, on.second_wish, on.stop_words, on.human_words, on.most_stuck) == (True, True, True, True, True, 3)
    assert (on.clarify_margin, on.nudge_after, on.close_after) == (0.1, 5.0, 15.0)
    switches = ("repeat: false", "correct: false", "interrupt: false", "second_wish: false", "stop_words: false", "human_words: false")
    numbers = ("most_stuck: 0", "clarify_margin: 0", "nudge_after: 0", "close_after: 0")
    section = "baton:\n  repair:\n" + "".join(f"    {line}\n" for line in (*switches, *numbers))
    assert small_project(tmp_path, config=CONFIG + section).config.repair == type(on)()


@pytest.mark.parametrize("line", ["most_stuck: often", "nudge_after: -1", "clarify_margin: true", "repeat_it: true"])
def test_a_wrong_setting_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(ProjectError) as caught:
        small_project(tmp_path, config=CONFIG + f"baton:\n  repair:\n    {line}\n")
    assert caught.value.place.line == CONFIG.count("\n") + 3


@pytest.mark.parametrize("off", ["repeat", "correct"])
async def test_what_is_switched_off_does_not_happen(off: str) -> None:
    talk = Talk()
    config = talk.project.config
    repair = replace(config.repair, repeat=False) if off == "repeat" else replace(config.repair, correct=False)
    talk.project = replace(talk.project, config=replace(config, repair=repair))
    await talk.say(said("where is it", "track_order", **ANA))
    reply = await talk.say(said("sorry?", None) if off == "repeat" else said("no, LC-100100", "deny", order_number="LC-100100"))
    assert because(reply) == []


# In the database


@pytest.mark.integration
async def test_the_sweeper_breaks_the_silence_once(database: Database, enqueuer: RecordingEnqueuer) -> None:
    clock = FixedClock(NOW)
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    readers = load_readers(STORIES)
    engine = BatonEngine(shop(), orders=readers.orders, knowledge=readers.knowledge, shop=readers.shop)
    taker, sweeper = TurnTaker(database, ledger, engine, enqueuer), Sweeper(database, ledger, enqueuer)
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound("web", "web", "mei", "m1", "where is my order?"))
        row = await session.get(MessageRow, recorded.message.id)
        assert row is not None
        row.understanding = dump_understanding(Understanding("en", "track_order", 0.9))
    conversation_id = recorded.message.conversation_id
    assert await taker.take_turn(conversation_id, owner="1") in {"taken", "sent"}
    for minutes, more in ((4, 0), (5, 1), (6, 1)):
        clock.at = NOW + timedelta(minutes=minutes)
        enqueuer.jobs.clear()
        await sweeper.sweep()
        rung = [name for name, arguments in enqueuer.jobs if arguments["conversation_id"] == str(conversation_id)]
        assert rung == (["take_turn"] if minutes == 5 else [])
        if rung:
            await taker.take_turn(conversation_id, owner=str(minutes))
        async with database.transaction() as session:
            texts = [m.content.text for m in await list_messages(session, [conversation_id])]
        assert sum("Are you still there" in text for text in texts) == more
    assert "order number" in texts[-1]
