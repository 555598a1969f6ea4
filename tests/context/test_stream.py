"""The reader's promise: every committed event once, in the order of its conversation, however writers overlap."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from context.contacts import find_or_create_identity
from context.conversations import lock_conversation
from context.events import EventRecord, VisitorViewed
from context.inbound import record_inbound
from context.ledger import CUSTOMER, Ledger
from context.models import ConversationRow, EventRow
from context.sequencer import number_batch, sequence_forever, try_lead
from context.stream import Hub, Signal, follow, read_events, send_signal
from context.types import Inbound
from kit.db import Database

pytestmark = pytest.mark.integration

WRITERS, EACH, CONVERSATIONS = 16, 25, 5


async def open_conversations(database: Database, ledger: Ledger, count: int) -> list[UUID]:
    """Some conversations to write into."""
    for number in range(count):
        async with database.transaction() as session:
            await record_inbound(session, ledger, Inbound("web", "shop", f"v{number}", uuid4().hex, "hello"))
    async with database.transaction() as session:
        return list((await session.execute(select(ConversationRow.id))).scalars())


async def write(database: Database, ledger: Ledger, conversation_ids: list[UUID], dice: random.Random) -> None:
    """Appends events in transactions that stay open for a random while; some roll back."""
    for number in range(EACH):
        try:
            async with database.transaction() as session:
                conversation = await lock_conversation(session, dice.choice(conversation_ids))
                await ledger.append(session, VisitorViewed(page=str(number)), actor=CUSTOMER, conversation=conversation)
                await asyncio.sleep(dice.random() / 200)
                if dice.random() < 0.1:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass


async def test_a_reader_misses_nothing_and_keeps_the_order_under_overlapping_writers(database: Database, ledger: Ledger) -> None:
    ids = await open_conversations(database, ledger, CONVERSATIONS)
    hub, seen = Hub(database), list[EventRecord]()

    async def read() -> None:
        async for record in follow(hub, after=0, heartbeat=0.2):
            if record is not None:
                seen.append(record)

    background = [asyncio.create_task(c) for c in (sequence_forever(database.dsn), sequence_forever(database.dsn), hub.run(), read())]
    dice = random.Random(7)
    await asyncio.gather(*(write(database, ledger, ids, random.Random(dice.random())) for _ in range(WRITERS)))
    async with database.transaction() as session:
        stored = {row.id for row in (await session.execute(select(EventRow))).scalars()}
    async with asyncio.timeout(10):
        while len(seen) < len(stored):
            await asyncio.sleep(0.05)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    assert {r.id for r in seen} == stored
    assert len(seen) == len(stored)
    for conversation_id in ids:
        seqs = [r.seq for r in seen if r.conversation_id == conversation_id]
        assert seqs == list(range(1, len(seqs) + 1))
    assert [r.position for r in seen] == list(range(1, len(seen) + 1))


async def test_a_late_commit_gets_a_later_position(database: Database, ledger: Ledger) -> None:
    late_id, quick_id = await open_conversations(database, ledger, 2)
    async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as connection:
        assert await try_lead(connection)
        await number_batch(connection)
        async with database.transaction() as late:
            conversation = await lock_conversation(late, late_id)
            await ledger.append(late, VisitorViewed(page="late"), actor=CUSTOMER, conversation=conversation)
            async with database.transaction() as quick:
                other = await lock_conversation(quick, quick_id)
                await ledger.append(quick, VisitorViewed(page="quick"), actor=CUSTOMER, conversation=other)
            await number_batch(connection)
            async with database.transaction() as session:
                position = max(e.position or 0 for e in await read_events(session, after=0))
        await number_batch(connection)
    async with database.transaction() as session:
        new = await read_events(session, after=position)
    assert [e.data["page"] for e in new] == ["late"]


async def test_only_one_process_numbers_events(database: Database) -> None:
    async with (
        await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as first,
        await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as second,
    ):
        assert await try_lead(first)
        assert not await try_lead(second)


async def test_a_signal_reaches_a_reader_and_is_not_stored(database: Database) -> None:
    hub, signal = Hub(database), Signal(uuid4(), "agent", "Ana", on=True)
    running = asyncio.create_task(hub.run())
    with hub.subscribe() as reader:
        item = None
        async with asyncio.timeout(10):
            while item is None:
                async with database.transaction() as session:
                    await send_signal(session, signal)
                item = await reader.next(0.3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert item == signal


async def test_an_identity_is_found_again(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        first = await find_or_create_identity(session, ledger, address=("web", "shop", "v"))
        second = await find_or_create_identity(session, ledger, address=("web", "shop", "v"))
    assert first.contact_id == second.contact_id
