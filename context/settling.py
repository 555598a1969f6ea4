"""What the bot is told when a person hands back: that somebody did, for which reason it had passed on, and what is settled."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.closing import clear
from context.handoffs import find_latest_handoff
from context.models import ConversationRow, EventRow, MessageRow
from context.types import Author

MOST = 12


async def tell_bot(session: AsyncSession, conversation: ConversationRow, *, settled: Sequence[str] | None = None) -> None:
    """Forgets what the bot had in mind and leaves it what it must know. `settled`: intents; None: all that the customer asked for."""
    handoff = await find_latest_handoff(session, conversation.id)
    intents = await asked_since_handback(session, conversation) if settled is None else list(settled)
    clear(conversation)
    conversation.dialogue = {"handed_back": True, "reason": handoff.reason if handoff else None, "settled": intents}


async def asked_since_handback(session: AsyncSession, conversation: ConversationRow) -> list[str]:
    """The intents of what the customer wrote since a person handed back last, or from the start; each once, in order."""
    before = select(func.coalesce(func.max(EventRow.seq), 0)).where(
        EventRow.conversation_id == conversation.id, EventRow.name == "handback.done"
    )
    intent = MessageRow.understanding["intent"].astext
    query = (
        select(intent)
        .where(
            MessageRow.conversation_id == conversation.id,
            MessageRow.author == Author.CUSTOMER,
            MessageRow.seq > before.scalar_subquery(),
            intent.is_not(None),
        )
        .order_by(MessageRow.seq)
    )
    return list(dict.fromkeys((await session.execute(query)).scalars()))[:MOST]
