"""A talk that goes in circles or falls silent, and the settings of all that mends a talk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.wiring import CONSEQUENCES
from bot.baton_engine import BatonEngine
from bot.project import Project
from bot.project.types import ProjectError
from bot.sweeper import Sweeper
from bot.testing import load_readers
from bot.turn import TurnTaker
from context.conversations import dump_understanding, list_messages
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import MessageRow
from context.types import HandoffReason, Inbound, Understanding
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from tests.bot.projects import CONFIG, small_project
from tests.bot.repairing import ANA, because
from tests.bot.talking import NOW, STORIES, Talk, said, shop, text_of


@pytest.fixture
def foreign(tmp_path: Path) -> Project:
    """The same without a `baton:` section."""
    return small_project(tmp_path)


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
