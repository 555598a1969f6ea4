"""The turn: one answer, never beside a human, and a human when the bot fails. Against the real database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.wiring import CONSEQUENCES, TAKE_TURN
from bot.engine import Reply, Turn
from bot.turn import TurnTaker
from context import ownership
from context.conversations import get_conversation, list_messages, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow, EventRow
from context.staff.accounts import create_staff
from context.types import Author, Content, Effect, Handler, HandoffReason, HandoffRequest, Inbound, Role, Sentiment, Understanding
from context.understand import understand_message
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer

pytestmark = pytest.mark.integration


class PlainUnderstanding:
    """Understands everything as one intent."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        return Understanding(language or "en", "ask", 0.9, (("ask", 0.9),), (), Sentiment())


@dataclass
class Scripted:
    """An engine that says what its script says, after doing what the test wants in the middle of the turn."""

    reply: Callable[[Turn], Reply]
    meanwhile: Callable[[], Awaitable[None]] | None = None
    turns: list[Turn] = field(default_factory=list)

    async def respond(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        if self.meanwhile:
            await self.meanwhile()
        return self.reply(turn)


def echo(turn: Turn) -> Reply:
    """Repeats the customer's words."""
    return Reply(tuple(Content(m.text.upper()) for m in turn.messages), turn.slots | {"seen": True}, {"n": 1}, turn.language)


async def say(database: Database, ledger: Ledger, text: str, *, understood: bool = True) -> UUID:
    """The customer writes; returns the conversation."""
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound("web", "shop", "visitor", uuid4().hex, text))
    if understood:
        await understand_message(database, ledger, PlainUnderstanding(), message_id=recorded.message.id)
    return recorded.message.conversation_id


async def bot_texts(database: Database, conversation_id: UUID) -> list[str]:
    """What the bot has said."""
    async with database.transaction() as session:
        return [m.content.text for m in await list_messages(session, [conversation_id]) if m.author == Author.BOT]


async def events(database: Database) -> list[str]:
    """All event names in order."""
    async with database.transaction() as session:
        return list((await session.execute(select(EventRow.name).order_by(EventRow.id))).scalars())


async def read(database: Database, conversation_id: UUID) -> ConversationRow:
    """The conversation as it is now."""
    async with database.transaction() as session:
        return await get_conversation(session, conversation_id)


async def test_messages_that_wait_together_are_one_turn(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    await say(database, ledger, "one")
    conversation_id = await say(database, ledger, "two")
    engine = Scripted(echo)
    taker = TurnTaker(database, ledger, engine, enqueuer)
    assert await taker.take_turn(conversation_id, owner="a") == "taken"
    assert await taker.take_turn(conversation_id, owner="b") == "idle"
    assert await bot_texts(database, conversation_id) == ["ONE", "TWO"]
    assert len(engine.turns) == 1
    assert (await read(database, conversation_id)).slots == {"seen": True}


async def test_two_jobs_at_once_give_one_answer(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    conversation_id = await say(database, ledger, "hi")

    async def pause() -> None:
        await asyncio.sleep(0.1)

    taker = TurnTaker(database, ledger, Scripted(echo, pause), enqueuer)
    outcomes = await asyncio.gather(*(taker.take_turn(conversation_id, owner=str(i)) for i in range(5)))
    assert sorted(outcomes) == ["busy", "busy", "busy", "busy", "taken"]
    assert await bot_texts(database, conversation_id) == ["HI"]


async def test_when_a_human_takes_over_while_a_turn_runs_no_bot_reply_appears(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    conversation_id = await say(database, ledger, "hi")

    async def human_comes() -> None:
        async with database.transaction() as session:
            ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
            conversation = await lock_conversation(session, conversation_id)
            await ownership.take_over(session, ledger, conversation, staff=ana)

    def with_effect(turn: Turn) -> Reply:
        return Reply((Content("too late"),), {"changed": True}, {}, "en", effects=(Effect("order_seen", {"order_number": "LC-100001"}),))

    taker = TurnTaker(database, ledger, Scripted(with_effect, human_comes), enqueuer)
    assert await taker.take_turn(conversation_id, owner="a") == "dropped"
    assert await bot_texts(database, conversation_id) == []
    assert (await read(database, conversation_id)).slots == {}
    assert "turn.dropped" in await events(database)
    assert "order.seen" not in await events(database)


async def test_a_message_that_comes_during_a_turn_starts_the_next_one(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    conversation_id = await say(database, ledger, "first")

    async def another() -> None:
        await say(database, ledger, "second")

    engine = Scripted(echo, another)
    taker = TurnTaker(database, ledger, engine, enqueuer)
    await taker.take_turn(conversation_id, owner="a")
    assert [name for name, _ in enqueuer.jobs].count(TAKE_TURN) >= 3  # one for each message, and one that the holder starts itself
    engine.meanwhile = None
    assert await taker.take_turn(conversation_id, owner="c") == "taken"
    assert await bot_texts(database, conversation_id) == ["FIRST", "SECOND"]


async def test_a_message_that_is_not_understood_yet_waits(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    conversation_id = await say(database, ledger, "mystery", understood=False)
    taker = TurnTaker(database, ledger, Scripted(echo), enqueuer)
    assert await taker.take_turn(conversation_id, owner="a") == "idle"


async def test_an_error_in_the_bot_hands_over_and_tells_the_customer(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    conversation_id = await say(database, ledger, "hi")

    def broken(_turn: Turn) -> Reply:
        raise RuntimeError("the model is gone")

    assert await TurnTaker(database, ledger, Scripted(broken), enqueuer).take_turn(conversation_id, owner="a") == "failed"
    conversation = await read(database, conversation_id)
    assert conversation.handler == Handler.QUEUE
    texts = await bot_texts(database, conversation_id)
    assert len(texts) == 1
    assert "colleague" in texts[0]
    async with database.transaction() as session:
        handoff = await ownership.find_waiting_handoff(session, conversation_id)
    assert handoff is not None
    assert handoff.reason == HandoffReason.TOOL_FAILED


async def test_an_effect_that_is_refused_changes_nothing_and_hands_over(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    conversation_id = await say(database, ledger, "return it")
    wish = {"order_number": "LC-999999", "item": "x", "reason": "other", "wish": "refund"}

    def wants(_turn: Turn) -> Reply:
        return Reply((Content("Done: {effect:reference}"),), {"done": True}, {}, "en", effects=(Effect("request_return", wish),))

    assert await TurnTaker(database, ledger, Scripted(wants), enqueuer).take_turn(conversation_id, owner="a") == "failed"
    assert (await read(database, conversation_id)).slots == {}
    assert "Done" not in " ".join(await bot_texts(database, conversation_id))


async def test_the_rescued_job_of_a_dead_worker_goes_on_but_another_waits(
    database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer
) -> None:
    conversation_id = await say(database, ledger, "hi")
    taker = TurnTaker(database, ledger, Scripted(echo), enqueuer)
    assert not isinstance(await taker._take_lease(conversation_id, "job-1"), str)  # ... and here its worker dies
    assert await taker.take_turn(conversation_id, owner="job-2") == "busy"
    assert await taker.take_turn(conversation_id, owner="job-1") == "taken"
    assert await bot_texts(database, conversation_id) == ["HI"]


async def test_the_bot_is_silent_while_a_human_or_the_queue_holds(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    conversation_id = await say(database, ledger, "a person please")
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    engine = Scripted(echo)
    assert await TurnTaker(database, ledger, engine, enqueuer).take_turn(conversation_id, owner="a") == "idle"
    assert engine.turns == []


async def test_a_handoff_by_the_bot_follows_its_words(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    conversation_id = await say(database, ledger, "a person please")

    def hands(turn: Turn) -> Reply:
        return Reply((Content("A colleague comes"),), {}, {}, "en", handoff=HandoffRequest(HandoffReason.CUSTOMER_ASKED))

    await TurnTaker(database, ledger, Scripted(hands), enqueuer).take_turn(conversation_id, owner="a")
    assert (await read(database, conversation_id)).handler == Handler.QUEUE
    assert (await events(database))[-1] == "handoff.queued"


async def test_after_a_long_gap_the_customer_is_told_again_that_a_machine_answers(database: Database, enqueuer: RecordingEnqueuer) -> None:
    clock = FixedClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    taker = TurnTaker(database, ledger, Scripted(echo), enqueuer)
    told = []
    for hours in (0, 11, 13):
        clock.advance(hours * 3600)
        conversation_id = await say(database, ledger, "hi")
        await taker.take_turn(conversation_id, owner="a")
        async with database.transaction() as session:
            messages = await list_messages(session, [conversation_id])
        told.append(sum("automated assistant" in m.content.text for m in messages if m.author == Author.SYSTEM))
    assert told == [0, 0, 1]
