"""On which page a visitor wrote: told with the message, noted when it is another one than before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.events import VisitorViewed
from context.ledger import CUSTOMER, Ledger
from context.models import EventRow


async def record_viewed(session: AsyncSession, ledger: Ledger, conversation_id: UUID, *, page: str) -> bool:
    """Appends `visitor.viewed` unless the newest one of this conversation names the same page; returns whether it did."""
    conversation = await lock_conversation(session, conversation_id)
    of_pages = (EventRow.conversation_id == conversation.id, EventRow.name == VisitorViewed.name)
    newest = (await session.execute(select(EventRow.data).where(*of_pages).order_by(EventRow.seq.desc()).limit(1))).scalar()
    if newest is not None and newest.get("page") == page:
        return False
    await ledger.append(session, VisitorViewed(page=page), actor=CUSTOMER, conversation=conversation)
    return True
