"""What the widget tells beside messages: seen, rated, an address left to be answered later."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.sessions import Visitor, thread_conversations
from context.callbacks import request_callback
from context.conversations import lock_conversation
from context.events import MessageRead, RatingGiven
from context.ledger import CUSTOMER, Ledger
from context.models import MessageRow, RatingRow
from context.types import Delivery, Direction, Visibility
from kit.errors import ConflictError, NotFoundError


async def record_read(session: AsyncSession, ledger: Ledger, visitor: Visitor, seq: int) -> None:
    """The visitor has seen everything up to `seq`."""
    for found in await thread_conversations(session, visitor):
        if found.read_seq >= min(seq, found.seq):
            continue
        conversation = await lock_conversation(session, found.id)
        query = select(MessageRow).where(
            MessageRow.conversation_id == conversation.id,
            MessageRow.direction == Direction.OUT,
            MessageRow.visibility == Visibility.PUBLIC,
            MessageRow.seq <= seq,
            MessageRow.delivery.in_((Delivery.QUEUED, Delivery.SENT, Delivery.DELIVERED)),
        )
        for message in (await session.execute(query)).scalars():
            message.delivery = Delivery.READ
            await ledger.append(session, MessageRead(message_id=str(message.id)), actor=CUSTOMER, conversation=conversation)
        conversation.read_seq = max(conversation.read_seq, min(seq, conversation.seq))


async def record_callback(session: AsyncSession, ledger: Ledger, visitor: Visitor, *, address: str) -> None:
    """The visitor waits and leaves an address. Raises AddressError, ConflictError when nobody waits."""
    conversations = await thread_conversations(session, visitor)
    if not conversations:
        raise ConflictError("Nobody waits here")
    conversation = await lock_conversation(session, conversations[-1].id)
    await request_callback(session, ledger, conversation, address=address)


async def record_rating(
    session: AsyncSession, ledger: Ledger, visitor: Visitor, *, rating_id: UUID, score: int, comment: str | None
) -> None:
    """Stores a rating; until a comment is given, the stars may be changed. Raises NotFoundError and ConflictError."""
    ids = {c.id for c in await thread_conversations(session, visitor)}
    rating = await session.get(RatingRow, rating_id, with_for_update=True)
    if rating is None or rating.conversation_id not in ids:
        raise NotFoundError("There is no such rating")
    said = (comment or "").strip() or None
    if rating.comment is not None:
        raise ConflictError("This was rated already")
    rating.score, rating.comment, rating.given_at = score, said, ledger.now
    conversation = await lock_conversation(session, rating.conversation_id)
    event = RatingGiven(rating_id=str(rating_id), score=score, comment_given=rating.comment is not None)
    await ledger.append(session, event, actor=CUSTOMER, conversation=conversation)
