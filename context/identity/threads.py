"""What becomes of two open conversations of one thread when their customers become one, and of numbers that readers remember."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.closing import merge_away
from context.conversations import lock_conversation
from context.events import Actor, EventData
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.types import Author, Handler, Status

_RANK = {Handler.AGENT: 2, Handler.QUEUE: 1, Handler.BOT: 0}


async def join_threads(session: AsyncSession, ledger: Ledger, from_id: UUID, into_id: UUID, *, actor: Actor) -> None:
    """Of two open conversations of a thread one goes on: that of a person before that in the queue before the bot's, else the newer.

    The other is closed as merged. What the customer wrote there and nobody has answered moves along, so that whoever holds the
    conversation answers it.
    """
    for thread_key in await _threads(session, (from_id, into_id)):
        opened = await _lock_open(session, thread_key, (from_id, into_id))
        if len(opened) > 1:
            stays, goes = sorted(opened, key=_weight, reverse=True)[:2]
            await _level(session, thread_key, (from_id, into_id))
            unanswered = await _unanswered(session, goes)
            await merge_away(session, ledger, goes, into=stays, actor=actor)
            goes.merged_into_id = stays.id
            for message in unanswered:
                stays.seq += 1
                message.conversation_id, message.seq = stays.id, stays.seq
            if unanswered:
                stays.channel, stays.account, stays.address = goes.channel, goes.account, goes.address
                stays.last_customer_at = goes.last_customer_at
                if stays.handler != Handler.BOT:
                    stays.waiting_since = stays.waiting_since or ledger.now
            await session.flush()
        else:
            await _level(session, thread_key, (from_id, into_id))


def _weight(conversation: ConversationRow) -> tuple[int, bool, datetime]:
    """One in which the customer said nothing, as where a code was sent, goes before one in which they did."""
    wrote = conversation.last_customer_at
    return _RANK[Handler(conversation.handler)], wrote is not None, wrote or conversation.opened_at


async def level_threads(session: AsyncSession, one: UUID, other: UUID) -> None:
    """Both customers' newest conversations count on from the higher number, as each may have seen the other's."""
    for thread_key in await _threads(session, (one, other)):
        await _level(session, thread_key, (one, other))


async def tell_open(session: AsyncSession, ledger: Ledger, contact_id: UUID, *, event: EventData, actor: Actor) -> None:
    """Appends the event to the contact's open conversation, so that all who look at it see anew; else to none."""
    for thread_key in await _threads(session, (contact_id,)):
        for conversation in await _lock_open(session, thread_key, (contact_id,)):
            await ledger.append(session, event, actor=actor, conversation=conversation)
            return
    await ledger.append(session, event, actor=actor)


async def _threads(session: AsyncSession, contact_ids: Sequence[UUID]) -> list[str]:
    query = select(ConversationRow.thread_key).where(ConversationRow.contact_id.in_(contact_ids)).distinct()
    return sorted((await session.execute(query)).scalars())


async def _lock_open(session: AsyncSession, thread_key: str, contact_ids: Sequence[UUID]) -> list[ConversationRow]:
    query = select(ConversationRow.id).where(
        ConversationRow.contact_id.in_(contact_ids), ConversationRow.thread_key == thread_key, ConversationRow.status != Status.RESOLVED
    )
    locked = [await lock_conversation(session, found) for found in (await session.execute(query.order_by(ConversationRow.id))).scalars()]
    return [c for c in locked if c.status != Status.RESOLVED]


async def _level(session: AsyncSession, thread_key: str, contact_ids: Sequence[UUID]) -> None:
    """Numbers of a thread only rise for whoever reads it with one cursor: after a merge they go on above both."""
    of_thread = (ConversationRow.contact_id.in_(contact_ids), ConversationRow.thread_key == thread_key)
    top = (await session.execute(select(func.max(ConversationRow.seq)).where(*of_thread))).scalar_one()
    newest = select(func.distinct(ConversationRow.contact_id)).where(*of_thread)
    for contact_id in (await session.execute(newest)).scalars().all():
        query = select(ConversationRow.id).where(ConversationRow.contact_id == contact_id, ConversationRow.thread_key == thread_key)
        latest = (await session.execute(query.order_by(ConversationRow.opened_at.desc()).limit(1))).scalar_one()
        conversation = await lock_conversation(session, latest)
        conversation.seq = max(conversation.seq, top)
    await session.flush()


async def _unanswered(session: AsyncSession, conversation: ConversationRow) -> list[MessageRow]:
    if conversation.handler != Handler.BOT and conversation.waiting_since is None:
        return []
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author == Author.CUSTOMER, MessageRow.seq > conversation.answered_seq
    )
    return list((await session.execute(query.order_by(MessageRow.seq))).scalars())
