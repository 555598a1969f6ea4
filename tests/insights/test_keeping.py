"""What comes into the queue for learning, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.wiring import CONSEQUENCES, LEARN
from context.conversations import dump_understanding, lock_conversation
from context.ledger import Ledger
from context.models import ContactRow, MessageRow
from context.outbound import record_agent_reply
from context.ownership import take_over
from context.staff.accounts import create_staff
from context.types import HandoffReason, Role, Understanding
from insights.keeping import Judged, judge
from insights.models import LearningMessageRow, LearningSentenceRow
from kit.db import Database
from tests.insights.asking import ask_something_unknown, make_keeper, pass_on, say, take_turn

pytestmark = pytest.mark.integration


async def kept(database: Database) -> list[tuple[str, str, bool, bool]]:
    async with database.transaction() as session:
        rows = (await session.execute(select(LearningMessageRow).order_by(LearningMessageRow.at))).scalars()
        return [(row.text, row.reason, row.handed_off, row.answered) for row in rows]


async def turn_of(database: Database, ledger: Ledger, text: str, **steps: Any) -> None:
    """A message, its turn and the job that follows."""
    async with database.transaction() as session:
        message = await say(session, ledger, text, payload=steps.pop("payload", None))
        data = await take_turn(session, ledger, [message], **steps)
        conversation_id = message.conversation_id
    await make_keeper(database).keep(conversation_id, data)


async def test_a_message_out_of_scope_is_kept_redacted_with_the_guess(database: Database, ledger: Ledger) -> None:
    conversation_id = await ask_something_unknown(database, ledger, "I am Ana Silva, can you engrave LC-100234 for ana@example.com")
    async with database.transaction() as session:
        row = (await session.execute(select(LearningMessageRow))).scalar_one()
    assert row.text == "I am <name>, can you engrave <order number> for <email>"
    assert (row.reason, row.conversation_id, row.model) == ("out_of_scope", conversation_id, "abc123")
    assert row.guess[0] == ["track_order", 0.41]


async def test_the_same_event_twice_keeps_one(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        message = await say(session, ledger, "can you engrave a pot")
        data = await take_turn(session, ledger, [message])
    keeper = make_keeper(database)
    await asyncio.gather(*(keeper.keep(message.conversation_id, data) for _ in range(4)))
    assert len(await kept(database)) == 1


async def test_repeats_and_typing_errors_are_one_sentence_said_often(database: Database, ledger: Ledger) -> None:
    texts = ["Can you engrave a teapot?", "can you engrave a teapot", "hello, can you engrave a teapott please", "do you repair cups"]
    await asyncio.gather(*(ask_something_unknown(database, ledger, text, who=f"c{n}") for n, text in enumerate(texts)))
    async with database.transaction() as session:
        count = func.count(LearningMessageRow.message_id)
        query = select(count).join(LearningSentenceRow, LearningSentenceRow.id == LearningMessageRow.sentence_id)
        counts = list((await session.execute(query.group_by(LearningSentenceRow.id).order_by(count))).scalars())
    assert counts == [1, 3]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("where is my order", {"intent": "track_order"}),
        ("the blue one", {"slots": {"item": "cup"}}),
        ("LC-100234", {}),
        ("Talk to a person", {"payload": "/talk_to_human"}),
        ("?!", {}),
    ],
)
async def test_what_was_understood_taken_by_a_form_or_says_nothing_is_not_kept(
    database: Database, ledger: Ledger, text: str, steps: dict[str, Any]
) -> None:
    await turn_of(database, ledger, text, **steps)
    assert await kept(database) == []


async def test_what_no_article_answers_is_kept(database: Database, ledger: Ledger) -> None:
    await turn_of(database, ledger, "do you deliver to the moon", intent="faq/delivery_area", knowledge="abstained")
    assert await kept(database) == [("do you deliver to the moon", "no_knowledge", False, False)]


async def test_what_an_article_answered_all_the_same_is_marked(database: Database, ledger: Ledger) -> None:
    await turn_of(database, ledger, "can you engrave a pot", knowledge="answered")
    assert await kept(database) == [("can you engrave a pot", "out_of_scope", False, True)]


async def test_failed_messages_before_a_wish_for_a_person_are_marked(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        first = await say(session, ledger, "can you engrave a pot")
        turn = await take_turn(session, ledger, [first])
        wish = await say(session, ledger, "a person please")
        await take_turn(session, ledger, [wish], intent="talk_to_human")
        handoff = await pass_on(session, ledger, first.conversation_id, HandoffReason.CUSTOMER_ASKED)
    keeper = make_keeper(database)
    await keeper.keep(first.conversation_id, handoff)  # the jobs may come in any order
    await keeper.keep(first.conversation_id, turn)
    assert await kept(database) == [("can you engrave a pot", "out_of_scope", True, False)]


async def test_the_message_that_made_the_bot_give_up_is_kept(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        message = await say(session, ledger, "still not what i meant")
        await take_turn(session, ledger, [message], intent="track_order")
        handoff = await pass_on(session, ledger, message.conversation_id, HandoffReason.NOT_UNDERSTOOD)
    await make_keeper(database).keep(message.conversation_id, handoff)
    assert await kept(database) == [("still not what i meant", "handoff", True, False)]


async def test_an_angry_handoff_teaches_nothing(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        message = await say(session, ledger, "this is a disgrace")
        await take_turn(session, ledger, [message], intent="complain")
        handoff = await pass_on(session, ledger, message.conversation_id, HandoffReason.ANGRY)
    await make_keeper(database).keep(message.conversation_id, handoff)
    assert await kept(database) == []


async def test_erasing_the_customer_erases_what_was_kept_of_them(database: Database, ledger: Ledger) -> None:
    await ask_something_unknown(database, ledger, "can you engrave a pot")
    async with database.transaction() as session:
        await session.execute(delete(MessageRow))
        await session.execute(delete(ContactRow))
    assert await kept(database) == []


def test_without_a_trace_the_understanding_decides() -> None:
    assert judge({"intent": None, "confidence": 0.2}, (), unsure_below=0.3) == Judged("out_of_scope")
    assert judge({"intent": "greet", "confidence": 0.2}, (), unsure_below=0.3) == Judged("not_understood")
    assert judge({"intent": "greet", "confidence": 0.9}, (), unsure_below=0.3) is None


def test_the_table_of_consequences_feeds_the_queue() -> None:
    assert LEARN in CONSEQUENCES["handoff.queued"]


async def test_what_a_person_is_asked_and_answers_is_kept_and_nothing_else_of_their_talk(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        first = await say(session, ledger, "Can I talk to somebody?")
        conversation_id = first.conversation_id
        await pass_on(session, ledger, conversation_id, HandoffReason.CUSTOMER_ASKED)
        ana = await create_staff(session, email="bo@shop.example", name="Bo", role=Role.AGENT, password="long enough to pass")
        await take_over(session, ledger, await lock_conversation(session, conversation_id), staff=ana)

        async def answer(text: str) -> None:
            await record_agent_reply(session, ledger, await lock_conversation(session, conversation_id), staff=ana, text=text)

        await answer("Hello, I am here.")
        await say(session, ledger, "Can you engrave my teapot?")
        await answer("One moment please.")
        await answer("Yes, we engrave every teapot within a week.")
        await say(session, ledger, "That is nice.")
        understood = await say(session, ledger, "Where is my order?")
        understood.understanding = dump_understanding(Understanding("en", "track_order", 0.95))
        await answer("It is with the courier.")
        understood = await say(session, ledger, "Do you repair lamps?")
        understood.understanding = dump_understanding(Understanding("en", "faq/repairs", 0.95))
        await answer("We repair what was bought from us.")
        await say(session, ledger, "Does the courier climb stairs?")
    keeper = make_keeper(database)
    assert [await keeper.keep_held(conversation_id), await keeper.keep_held(conversation_id)] == [1, 1]
    engraving = ("Can you engrave my teapot?", "out_of_scope", True, False)
    assert await kept(database) == [engraving]

    async def no_article(_text: str, understanding: Mapping[str, Any]) -> bool:
        return str(understanding["intent"]).startswith("faq/")

    keeper = replace(keeper, unanswered=no_article)
    assert [await keeper.keep_held(conversation_id), await keeper.keep_held(conversation_id)] == [2, 2]
    assert await kept(database) == [engraving, ("Do you repair lamps?", "no_knowledge", True, False)]
