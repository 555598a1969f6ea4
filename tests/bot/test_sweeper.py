"""Nobody waits for ever: what no job works on any more is found again, and in the end a human gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.wiring import CONSEQUENCES
from bot.engine import Reply, Turn
from bot.sweeper import LAST, PATIENCE, Sweeper
from bot.turn import TurnTaker
from context.conversations import get_conversation, get_message, list_messages
from context.inbound import record_inbound
from context.ledger import Ledger
from context.types import Content, Handler, Inbound, Understanding
from context.understand import understand_message
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer

pytestmark = pytest.mark.integration


class Breaking:
    """An nlu that breaks on every text."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        raise ValueError("a bug")


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


async def write(database: Database, ledger: Ledger) -> tuple[UUID, UUID]:
    """A customer writes; nobody works on it. Returns conversation and message."""
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound("web", "shop", "visitor", uuid4().hex, "hello?"))
    return recorded.message.conversation_id, recorded.message.id


async def test_a_forgotten_message_gets_a_new_job_and_after_minutes_a_human(
    database: Database, enqueuer: RecordingEnqueuer, clock: FixedClock
) -> None:
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    conversation_id, _ = await write(database, ledger)
    sweeper = Sweeper(database, ledger, enqueuer)
    assert await sweeper.sweep() == 0
    clock.advance(PATIENCE.total_seconds() + 1)
    enqueuer.jobs.clear()
    assert await sweeper.sweep() == 1
    assert [name for name, _ in enqueuer.jobs] == ["understand"]
    clock.advance(LAST.total_seconds())
    await sweeper.sweep()
    async with database.transaction() as session:
        assert (await get_conversation(session, conversation_id)).handler == Handler.QUEUE
        assert "colleague" in (await list_messages(session, [conversation_id]))[-1].content.text
    assert await sweeper.sweep() == 0


async def test_an_understood_message_without_a_turn_gets_one(database: Database, enqueuer: RecordingEnqueuer, clock: FixedClock) -> None:
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    _, message_id = await write(database, ledger)
    await understand_message(database, ledger, Breaking(), message_id=message_id)
    clock.advance(PATIENCE.total_seconds() + 1)
    enqueuer.jobs.clear()
    await Sweeper(database, ledger, enqueuer).sweep()
    assert [name for name, _ in enqueuer.jobs] == ["take_turn"]


@dataclass
class Reminding:
    """An engine that answers a message with a reminder in ten minutes, and a turn without messages with what it reminds of."""

    async def respond(self, turn: Turn) -> Reply:
        if turn.messages:
            return Reply((Content("Later."),), {}, {"n": 1}, "en", wake_at=turn.now + timedelta(minutes=10))
        return Reply((Content("Your tea is ready."),), {}, {"n": 2}, "en")


async def test_a_reminder_rings_at_its_time_and_once(database: Database, enqueuer: RecordingEnqueuer, clock: FixedClock) -> None:
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    conversation_id, message_id = await write(database, ledger)
    await understand_message(database, ledger, Breaking(), message_id=message_id)
    turns = TurnTaker(database, ledger, Reminding(), enqueuer)
    assert await turns.take_turn(conversation_id, owner="job 1") == "taken"
    sweeper = Sweeper(database, ledger, enqueuer)
    enqueuer.jobs.clear()
    clock.advance(599)
    await sweeper.sweep()
    assert enqueuer.jobs == []
    assert await turns.take_turn(conversation_id, owner="job 2") == "idle"
    clock.advance(1)
    await sweeper.sweep()
    assert [(name, arguments["conversation_id"]) for name, arguments in enqueuer.jobs] == [("take_turn", str(conversation_id))]
    assert await turns.take_turn(conversation_id, owner="job 3") == "taken"
    assert await turns.take_turn(conversation_id, owner="job 3") == "idle"
    async with database.transaction() as session:
        said = [m.content.text for m in await list_messages(session, [conversation_id])]
    assert said == ["hello?", "Later.", "Your tea is ready."]


async def test_a_text_that_breaks_the_model_counts_as_not_understood(database: Database, ledger: Ledger) -> None:
    _, message_id = await write(database, ledger)
    await understand_message(database, ledger, Breaking(), message_id=message_id)
    async with database.transaction() as session:
        understood = (await get_message(session, message_id)).understanding
    assert understood is not None
    assert understood.intent is None
