"""What Baton itself says to a customer when a conversation changes hands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import RatingAsked
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, RatingRow
from context.outbound import add_message
from context.phrases import phrase
from context.types import Author, Content


async def say(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, key: str, **values: Any) -> None:
    """Says a phrase in the language of a locked conversation."""
    content = Content(phrase(key, conversation.language, **values))
    await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM)


async def ask_rating(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, staff_id: UUID) -> None:
    """Asks for a rating of what this person did."""
    rating = RatingRow(conversation_id=conversation.id, staff_id=staff_id, asked_at=ledger.now)
    session.add(rating)
    await session.flush()
    content = Content(phrase("ask_rating", conversation.language), custom={"rating_id": str(rating.id)})
    await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM)
    await ledger.append(session, RatingAsked(rating_id=str(rating.id)), actor=SYSTEM, conversation=conversation)
