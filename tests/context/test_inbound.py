"""What must hold of inbound messages, tried against the real database."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from context.conversations import lock_conversation
from context.inbound import MessageEmptyError, MessageTooLongError, check_text, record_inbound
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, EventRow, MessageRow
from context.types import Inbound
from kit.db import Database
from kit.jobs import RecordingEnqueuer

pytestmark = pytest.mark.integration


def message(text: str, *, identity: str = "visitor-1", external_id: str | None = None) -> Inbound:
    """An inbound message of the web channel."""
    return Inbound(channel="web", account="shop", identity=identity, external_id=external_id or uuid4().hex, text=text)


async def send(database: Database, ledger: Ledger, inbound: Inbound) -> bool:
    """Records one message in a transaction of its own; whether it was a repeat."""
    async with database.transaction() as session:
        return (await record_inbound(session, ledger, inbound)).repeat


async def test_many_first_messages_at_once_open_one_conversation(database: Database, ledger: Ledger) -> None:
    await asyncio.gather(*(send(database, ledger, message(f"hello {i}")) for i in range(12)))
    async with database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(ConversationRow))).scalar_one() == 1
        assert (await session.execute(select(func.count()).select_from(ContactRow))).scalar_one() == 1
        seqs = list(
            (await session.execute(select(EventRow.seq).where(EventRow.conversation_id.is_not(None)).order_by(EventRow.seq))).scalars()
        )
    assert seqs == list(range(1, 14))  # one opening and twelve messages, without a gap


async def test_a_repeat_is_stored_once_even_when_both_come_together(database: Database, ledger: Ledger) -> None:
    twin = message("where is my order?")
    repeats = await asyncio.gather(*(send(database, ledger, twin) for _ in range(6)))
    async with database.transaction() as session:
        assert (await session.execute(select(func.count()).select_from(MessageRow))).scalar_one() == 1
    assert sorted(repeats) == [False, *[True] * 5]


async def test_a_message_after_resolution_opens_a_new_conversation_whose_numbers_go_on(database: Database, ledger: Ledger) -> None:
    await send(database, ledger, message("first"))
    async with database.transaction() as session:
        (await session.execute(select(ConversationRow))).scalar_one().status = "resolved"
    await send(database, ledger, message("second"))
    async with database.transaction() as session:
        rows = list((await session.execute(select(MessageRow).order_by(MessageRow.seq))).scalars())
    assert rows[0].conversation_id != rows[1].conversation_id
    assert rows[1].seq > rows[0].seq


async def test_a_received_message_starts_understanding_once(database: Database, ledger: Ledger, enqueuer: RecordingEnqueuer) -> None:
    twin = message("hi")
    await send(database, ledger, twin)
    await send(database, ledger, twin)
    assert [name for name, _ in enqueuer.jobs] == ["understand"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_an_empty_message_is_refused(text: str) -> None:
    with pytest.raises(MessageEmptyError):
        check_text(text)


def test_a_message_of_4001_characters_is_refused_and_one_of_4000_is_not() -> None:
    assert len(check_text("字" * 4000)) == 4000
    with pytest.raises(MessageTooLongError):
        check_text("字" * 4001)


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    assert check_text("a\x00b\ud800c\nd") == "abc\nd"


async def test_a_message_and_an_agent_s_double_write_do_not_deadlock(database: Database, ledger: Ledger) -> None:
    await send(database, ledger, message("hello"))
    async with database.transaction() as session:
        conversation_id = (await session.execute(select(ConversationRow.id))).scalar_one()

    async def write_twice() -> None:
        async with database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            for urgency in (1, 2):
                conversation.urgency = urgency
                await session.flush()
                await asyncio.sleep(0.03)

    for number in range(5):
        await asyncio.gather(write_twice(), send(database, ledger, message(f"m{number}")), write_twice())
