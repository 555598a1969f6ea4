"""Many open widgets: each gets its own, and none costs the database a question for what is another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL
from channels.web.sessions import Visitor
from channels.web.stream import WidgetStream
from context.event_base import EventRecord
from context.inbound import record_inbound
from context.ledger import CUSTOMER, Ledger
from context.models import IdentityRow
from context.stream import CATCHING_UP, Hub, Signal
from context.types import Inbound
from kit.db import Database

pytestmark = pytest.mark.integration


class CountingDatabase(Database):
    """Counts transactions, and how many there were at once."""

    transactions = at_once = most_at_once = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.transactions += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            async with super().transaction() as session:
                yield session
        finally:
            self.at_once -= 1


async def test_a_new_conversation_costs_one_question_however_many_widgets_are_open(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound(CHANNEL, ACCOUNT, "ana", uuid4().hex, "hello"))
        elsewhere = await record_inbound(session, ledger, Inbound("whatsapp", ACCOUNT, "bo", uuid4().hex, "hello"))
    counting = CountingDatabase(database.dsn)
    hub = Hub(counting)
    streams = [WidgetStream(hub, Visitor(name, None), 0) for name in ("ana", "bo", *map(str, range(50)))]
    mine = [stream.visitor.id for stream in streams if await stream.is_mine(recorded.message.conversation_id)]
    assert mine == ["ana"]
    assert counting.transactions == 1
    assert [stream for stream in streams if await stream.is_mine(elsewhere.message.conversation_id)] == []
    await counting.close()


async def test_widgets_that_come_all_at_once_leave_connections_to_those_who_write(database: Database) -> None:
    counting = CountingDatabase(database.dsn)
    hub = Hub(counting)
    streams = [WidgetStream(hub, Visitor(uuid4().hex, None), 0).run() for _ in range(40)]
    first = await asyncio.gather(*(anext(stream) for stream in streams))
    assert [push.event for push in first] == ["state"] * 40
    assert counting.most_at_once == CATCHING_UP
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    await counting.close()


async def test_who_asks_for_no_owner_hears_at_once_and_costs_no_question(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound(CHANNEL, ACCOUNT, "ana", uuid4().hex, "hello"))
    counting = CountingDatabase(database.dsn)
    hub, signal = Hub(counting), Signal(recorded.message.conversation_id, "agent", "Mei", on=True)
    with hub.subscribe() as desk:
        await hub.offer(signal)
        assert (desk.waiting(9), counting.transactions) == ([signal], 0)
        with hub.subscribe(lambda _item: hub.known_owner(signal.conversation_id) is not None, by_owner=True) as widget:
            await hub.offer(signal)
            assert (widget.waiting(9), counting.transactions) == ([signal], 1)
    await counting.close()


async def test_a_late_word_of_what_was_written_before_the_link_is_not_shown(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        early = await record_inbound(session, ledger, Inbound(CHANNEL, ACCOUNT, "ana", uuid4().hex, "a word of somebody else"))
        bo = await record_inbound(session, ledger, Inbound(CHANNEL, ACCOUNT, "bo", uuid4().hex, "hello"))
    own = {"ana": early.message, "bo": bo.message}
    hub = Hub(database)
    stream = WidgetStream(hub, Visitor("bo", None), 0)

    async def heard(name: str) -> list[str]:
        message = own[name]
        record = EventRecord(
            id=1, name="message.received", version=1, at=message.at, actor=CUSTOMER, conversation_id=message.conversation_id,
            channel=CHANNEL, seq=1, position=1, data={"message_id": str(message.id)},
        )  # fmt: skip
        return [push.data["text"] async for push in stream._event_pushes(record)]

    async with database.transaction() as session:
        await session.execute(update(IdentityRow).where(IdentityRow.external_id == "bo").values(sees_from=datetime.now(UTC)))
    assert await heard("ana") == []
    assert await heard("bo") == ["hello"]
    stream.after = 0
    async with database.transaction() as session:
        await session.execute(update(IdentityRow).where(IdentityRow.external_id == "bo").values(sees_from=None))
    assert await heard("ana") == ["a word of somebody else"]
