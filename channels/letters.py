"""Dead letters: what could not be sent, or whose fate is unknown, until somebody sends it again or puts it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import wake_outbox
from channels.models import ChannelSendRow
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import MessageRow
from context.types import Delivery
from kit.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class Letter:
    """A part that did not arrive, as far as is known. `sure` is False where it may have arrived all the same."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    channel: str
    account: str
    state: str
    text: str
    problem: str | None
    code: str | None
    reason: str | None
    attempts: int
    at: datetime

    @property
    def sure(self) -> bool:
        """Whether it certainly did not go out."""
        return self.state == "failed"


async def list_letters(
    session: AsyncSession, *, channel: str | None = None, conversation_id: UUID | None = None, limit: int = 200
) -> list[Letter]:
    """Dead letters, newest first."""
    query = (
        select(ChannelSendRow, MessageRow.conversation_id, MessageRow.text)
        .join(MessageRow, MessageRow.id == ChannelSendRow.message_id)
        .where(ChannelSendRow.state.in_(("failed", "unknown")), ChannelSendRow.closed_at.is_(None))
        .order_by(ChannelSendRow.claimed_at.desc())
        .limit(limit)
    )
    if channel is not None:
        query = query.where(ChannelSendRow.channel == channel)
    if conversation_id is not None:
        query = query.where(MessageRow.conversation_id == conversation_id)
    return [_letter(row, conversation, text) for row, conversation, text in (await session.execute(query)).all()]


def _letter(row: ChannelSendRow, conversation_id: UUID, text: str) -> Letter:
    return Letter(
        row.id, row.message_id, conversation_id, row.channel, row.account, row.state, text, row.error_class, row.error_code, row.error,
        row.attempts, row.claimed_at,
    )  # fmt: skip


async def replay(session: AsyncSession, ledger: Ledger, send_id: UUID) -> None:
    """Sends a dead letter again: a person has decided, also where it may have arrived. Raises NotFoundError and ConflictError."""
    row, message = await _locked(session, send_id)
    row.state, row.attempts, row.next_at, row.claimed_at = "waiting", 0, None, ledger.now
    await session.execute(update(ChannelSendRow).where(ChannelSendRow.carrier == row.id).values(carrier=None))  # it goes by itself now
    message.delivery = Delivery.QUEUED
    await wake_outbox(session)


async def put_away(session: AsyncSession, ledger: Ledger, send_id: UUID) -> None:
    """Nobody sends this again; the message stays as failed or unknown in its conversation. Raises NotFoundError and ConflictError."""
    row, _message = await _locked(session, send_id)
    row.closed_at = ledger.now


async def _locked(session: AsyncSession, send_id: UUID) -> tuple[ChannelSendRow, MessageRow]:
    row = await session.get(ChannelSendRow, send_id)
    message = await session.get(MessageRow, row.message_id) if row is not None else None
    if row is None or message is None:
        raise NotFoundError("There is no such dead letter")
    await lock_conversation(session, message.conversation_id)
    await session.refresh(row)
    await session.refresh(message)
    if row.state not in {"failed", "unknown"} or row.closed_at is not None:
        raise ConflictError("This was seen to already")
    return row, message
