"""The one way out: sent once, tried again, or shown as failed or unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from channels.base import Fate, SendResult
from channels.deliver import Deliverer, SendLaterError
from context.conversations import get_message, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import EventRow
from context.outbound import Writer, add_message
from context.types import Author, Content, Delivery, Inbound, MessageView, Visibility
from kit.db import Database

pytestmark = pytest.mark.integration


@dataclass
class ScriptedChannel:
    """A channel that answers as told, and keeps what it was given."""

    answers: list[SendResult]
    name: str = "web"
    sent_when_stored: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, message: MessageView, *, to: str) -> SendResult:
        self.sent.append((message.content.text, to))
        return self.answers.pop(0)


async def queue(database: Database, ledger: Ledger, *, visibility: Visibility = Visibility.PUBLIC, channel: str = "web") -> UUID:
    """A message that waits to be sent to `visitor`."""
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound(channel, "shop", "visitor", uuid4().hex, "hi"))
        conversation = await lock_conversation(session, recorded.message.conversation_id)
        writer = Writer(visibility=visibility)
        view = await add_message(session, ledger, conversation, content=Content("hello"), author=Author.BOT, writer=writer)
    return view.id


async def delivery(database: Database, message_id: UUID) -> Delivery:
    """How far the message got."""
    async with database.transaction() as session:
        return (await get_message(session, message_id)).delivery


async def test_a_message_is_sent_once_however_often_its_job_runs(database: Database, ledger: Ledger) -> None:
    message_id, channel = await queue(database, ledger), ScriptedChannel([SendResult(Fate.SENT, "x1")])
    deliverer = Deliverer(database, ledger, {"web": channel})
    await deliverer.deliver(message_id)
    await deliverer.deliver(message_id)
    assert channel.sent == [("hello", "visitor")]
    assert await delivery(database, message_id) == Delivery.SENT
    async with database.transaction() as session:
        names = list((await session.execute(select(EventRow.name).where(EventRow.name == "message.sent"))).scalars())
    assert names == ["message.sent"]


async def test_all_that_waits_in_a_conversation_is_sent_in_order_and_once(database: Database, ledger: Ledger) -> None:
    await queue(database, ledger)
    message_id, channel = await queue(database, ledger), ScriptedChannel([SendResult(Fate.SENT), SendResult(Fate.SENT)])
    deliverer = Deliverer(database, ledger, {"web": channel})
    async with database.transaction() as session:
        conversation_id = (await get_message(session, message_id)).conversation_id
    assert await deliverer.deliver_waiting(conversation_id) == 2
    assert await deliverer.deliver_waiting(conversation_id) == 0
    assert channel.sent == [("hello", "visitor"), ("hello", "visitor")]


async def test_later_is_an_error_so_that_the_job_comes_again(database: Database, ledger: Ledger) -> None:
    message_id, channel = (
        await queue(database, ledger),
        ScriptedChannel([SendResult(Fate.LATER, reason="slow down"), SendResult(Fate.SENT)]),
    )
    deliverer = Deliverer(database, ledger, {"web": channel})
    with pytest.raises(SendLaterError):
        await deliverer.deliver(message_id)
    assert await delivery(database, message_id) == Delivery.QUEUED
    await deliverer.deliver(message_id)
    assert await delivery(database, message_id) == Delivery.SENT


@pytest.mark.parametrize(("fate", "shown"), [(Fate.FAILED, Delivery.FAILED), (Fate.UNKNOWN, Delivery.UNKNOWN)])
async def test_what_failed_or_is_unknown_is_shown_and_not_sent_again(
    database: Database, ledger: Ledger, fate: Fate, shown: Delivery
) -> None:
    message_id, channel = await queue(database, ledger), ScriptedChannel([SendResult(fate, reason="no")])
    deliverer = Deliverer(database, ledger, {"web": channel})
    await deliverer.deliver(message_id)
    await deliverer.deliver(message_id)
    assert len(channel.sent) == 1
    assert await delivery(database, message_id) == shown


async def test_a_note_never_leaves_the_house(database: Database, ledger: Ledger) -> None:
    message_id, channel = await queue(database, ledger, visibility=Visibility.NOTE), ScriptedChannel([])
    await Deliverer(database, ledger, {"web": channel}).deliver(message_id)
    assert channel.sent == []


async def test_a_channel_that_is_gone_fails_visibly(database: Database, ledger: Ledger) -> None:
    message_id = await queue(database, ledger, channel="pigeon")
    await Deliverer(database, ledger, {}).deliver(message_id)
    assert await delivery(database, message_id) == Delivery.FAILED
