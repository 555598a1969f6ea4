"""The one way out: a queued message is sent by its channel, and what became of it is stored as an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Channel, Fate, SendResult
from context.conversations import lock_conversation, view_message
from context.events import EventData, MessageFailed, MessageSent
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, IdentityRow, MessageRow
from context.types import Delivery, Direction, Visibility
from kit.db import Database
from kit.errors import UnavailableError
from kit.log import get_logger

log = get_logger("deliver")


class SendLaterError(UnavailableError):
    """The channel takes no message at the moment; the job system tries again."""


@dataclass(frozen=True)
class Deliverer:
    """Sends queued messages."""

    database: Database
    ledger: Ledger
    channels: Mapping[str, Channel]

    async def deliver_waiting(self, conversation_id: UUID) -> int:
        """Sends what is still queued in a conversation, in order; returns how many messages. Raises SendLaterError."""
        async with self.database.transaction() as session:
            queued = (
                select(MessageRow.id)
                .where(MessageRow.conversation_id == conversation_id, MessageRow.direction == Direction.OUT)
                .where(MessageRow.visibility == Visibility.PUBLIC, MessageRow.delivery == Delivery.QUEUED)
                .order_by(MessageRow.seq)
            )
            waiting = list((await session.execute(queued)).scalars())
        for message_id in waiting:
            await self.deliver(message_id)
        return len(waiting)

    async def deliver(self, message_id: UUID) -> None:
        """Sends one message if it is still queued. Raises SendLaterError so that its job is repeated with backoff."""
        async with self.database.transaction() as session:
            row = await session.get(MessageRow, message_id)
            if row is None or row.direction != Direction.OUT or row.visibility != Visibility.PUBLIC or row.delivery != Delivery.QUEUED:
                return
            message, to = view_message(row), await _address(session, row)
        channel = self.channels.get(message.channel)
        if channel is None or to is None:
            result = SendResult(Fate.FAILED, reason="no such channel or address")
        else:
            result = await channel.send(message, to=to)
        if result.fate == Fate.LATER:
            raise SendLaterError(result.reason)
        async with self.database.transaction() as session:
            await self._settle(session, message_id, result)

    async def _settle(self, session: AsyncSession, message_id: UUID, result: SendResult) -> None:
        row = await session.get(MessageRow, message_id, populate_existing=True)
        assert row is not None
        conversation = await lock_conversation(session, row.conversation_id)
        await session.refresh(row)
        if row.delivery != Delivery.QUEUED:
            return
        event: EventData
        if result.fate == Fate.SENT:
            row.delivery = Delivery.SENT
            event = MessageSent(message_id=str(message_id), external_id=result.external_id)
        else:
            unknown = result.fate == Fate.UNKNOWN
            row.delivery = Delivery.UNKNOWN if unknown else Delivery.FAILED
            event = MessageFailed(message_id=str(message_id), reason=result.reason or "", unknown=unknown)
            log.warning("message not sent", message=str(message_id), fate=result.fate)
        await self.ledger.append(session, event, actor=SYSTEM, conversation=conversation)


async def _address(session: AsyncSession, row: MessageRow) -> str | None:
    """Where the message goes: as it was written down, else the customer's newest address on its channel and account."""
    if row.address is not None:
        return row.address
    query = (
        select(IdentityRow.external_id)
        .join(ConversationRow, ConversationRow.contact_id == IdentityRow.contact_id)
        .where(ConversationRow.id == row.conversation_id, IdentityRow.channel == row.channel, IdentityRow.account == row.account)
        .order_by(IdentityRow.created_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()
