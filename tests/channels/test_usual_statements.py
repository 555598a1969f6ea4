"""The hand-written statements store what the ORM stores, and leave to it what is unusual."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from channels.base import Fate, SendResult
from channels.happenings import Receipt
from channels.receipts import apply_receipt
from channels.sends import claim, load, part_key, settle
from channels.usual_statements import store_accepted, store_receipts
from context.ledger import Ledger
from context.models import ConversationRow, EventRow, MessageRow
from kit.clock import utc_now
from kit.db import Database
from tests.channels.test_deliver import queue

pytestmark = pytest.mark.integration


async def stored(database: Database, who: str) -> list[Any]:
    """All that tells of one customer's conversation, without ids and times."""
    async with database.transaction() as session:
        found = (await session.execute(select(ConversationRow).where(ConversationRow.address == who))).scalar_one()
        events = select(EventRow).where(EventRow.conversation_id == found.id).order_by(EventRow.seq)
        messages = select(MessageRow.delivery).where(MessageRow.conversation_id == found.id).order_by(MessageRow.seq)
        told = [(e.seq, e.name, e.version, e.actor_kind, e.channel, sorted(e.data)) for e in (await session.execute(events)).scalars()]
        return [found.seq, told, list((await session.execute(messages)).scalars())]


async def accepted(database: Database, ledger: Ledger, who: str, *, quick: bool) -> Any:
    """A message of which the provider said that it took it; our key of it."""
    (message_id,) = await queue(database, ledger, who=who)
    loaded = await load(database, message_id)
    assert loaded is not None
    await claim(database, loaded, part=0, parts=1, address=who, now=utc_now())
    key = part_key(message_id, 0)
    if quick:
        assert await store_accepted(database, ledger, message_id=message_id, key=key, provider_id="p")
        assert not await store_accepted(database, ledger, message_id=message_id, key=key, provider_id="p")
    else:
        async with database.transaction() as session:
            result = SendResult(Fate.SENT, external_id="p")
            await settle(session, ledger, conversation_id=loaded.message.conversation_id, key=key, result=result)
    return key


SEQUENCES = [
    [["sent"], ["delivered"], ["read"]], [["read"], ["delivered"], ["sent"]], [["sent", "delivered", "read"]],
    [["delivered"], ["delivered", "read"]], [["read"], ["read"]],
]  # fmt: skip


@pytest.mark.parametrize("sequence", SEQUENCES)
async def test_receipts_store_the_same_by_statement_and_by_the_orm(database: Database, ledger: Ledger, sequence: list[list[str]]) -> None:
    keys = {quick: await accepted(database, ledger, "ann" if quick else "bob", quick=quick) for quick in (True, False)}
    for group in sequence:
        quick = [Receipt("shop", "p", status, utc_now(), key=keys[True]) for status in group]
        assert await store_receipts(database, ledger, "pigeon", quick)
        for status in group:
            async with database.transaction() as session:
                assert await apply_receipt(session, ledger, "pigeon", Receipt("shop", "p", status, utc_now(), key=keys[False]))
    assert await stored(database, "ann") == await stored(database, "bob")


async def test_what_is_unusual_is_left_alone(database: Database, ledger: Ledger) -> None:
    key = await accepted(database, ledger, "ann", quick=True)
    before = await stored(database, "ann")
    for channel, receipt in (
        ("pigeon", Receipt("shop", "p", "failed", utc_now(), key=key)),
        ("pigeon", Receipt("shop", "p", "read", utc_now())),
        ("pigeon", Receipt("other", "p", "read", utc_now(), key=key)),
        ("albatross", Receipt("shop", "p", "read", utc_now(), key=key)),
    ):
        assert not await store_receipts(database, ledger, channel, [receipt])
    assert await stored(database, "ann") == before
