"""The way out begins here: what is queued goes out at once where storing is sending, and to the outbox (`channels/outbox.py`) elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from channels.accounts import wake_outbox
from channels.base import Channel
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import MessageRow
from context.outbound import mark_sent
from context.types import Delivery, Direction, Visibility
from kit.db import Database


@dataclass(frozen=True)
class Deliverer:
    """Sees to it that queued messages leave. `channels` are those of this process."""

    database: Database
    ledger: Ledger
    channels: Mapping[str, Channel]

    async def deliver_waiting(self, conversation_id: UUID) -> int:
        """Everything queued of a conversation: sent where storing is sending, announced to the outbox elsewhere; how many there were."""
        queued = (
            select(MessageRow.id, MessageRow.channel)
            .where(MessageRow.conversation_id == conversation_id, MessageRow.direction == Direction.OUT)
            .where(MessageRow.visibility == Visibility.PUBLIC, MessageRow.delivery == Delivery.QUEUED)
            .order_by(MessageRow.seq)
        )
        async with self.database.transaction() as session:
            waiting = (await session.execute(queued)).all()
            if not waiting:
                return 0
            at_once = [message_id for message_id, channel in waiting if self._sent_when_stored(channel)]
            if at_once:
                conversation = await lock_conversation(session, conversation_id)
                for message_id in at_once:
                    await mark_sent(session, self.ledger, conversation, message_id, external_id=str(message_id))
            if len(at_once) < len(waiting):
                await wake_outbox(session)
        return len(waiting)

    async def deliver(self, message_id: UUID) -> None:
        """The same for the conversation of a message."""
        async with self.database.transaction() as session:
            row = await session.get(MessageRow, message_id)
        if row is not None and row.delivery == Delivery.QUEUED:
            await self.deliver_waiting(row.conversation_id)

    def _sent_when_stored(self, name: str) -> bool:
        channel = self.channels.get(name)
        return channel is not None and channel.sent_when_stored
