"""Many open widgets: each gets its own, and none costs the database a question for what is another's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL
from channels.web.sessions import Visitor
from channels.web.stream import WidgetStream
from context.inbound import record_inbound
from context.ledger import Ledger
from context.stream import Hub
from context.types import Inbound
from kit.db import Database

pytestmark = pytest.mark.integration


class CountingDatabase(Database):
    """Counts transactions."""

    transactions = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.transactions += 1
        async with super().transaction() as session:
            yield session


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
