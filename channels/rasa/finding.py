"""Finds the conversation that a Rasa client names: by its sender id, or by Baton's own id of the conversation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.rasa.types import CALLBACK, REST, SOCKETIO, Address
from context.models import ConversationRow, IdentityRow


async def find_conversation(session: AsyncSession, name: str) -> ConversationRow | None:
    """The newest conversation of a sender of the doors, or the one with this id on whatever channel; custom actions know it by that."""
    query = (
        select(ConversationRow)
        .join(IdentityRow, IdentityRow.contact_id == ConversationRow.contact_id)
        .where(IdentityRow.channel.in_((REST, CALLBACK, SOCKETIO)), IdentityRow.external_id == name)
        .order_by(ConversationRow.opened_at.desc())
        .limit(1)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is not None:
        return found
    try:
        return await session.get(ConversationRow, UUID(name))
    except ValueError:
        return None


async def find_address(session: AsyncSession, conversation: ConversationRow) -> Address | None:
    """Where the customer of a conversation is reached now."""
    query = (
        select(IdentityRow.external_id)
        .where(
            IdentityRow.contact_id == conversation.contact_id,
            IdentityRow.channel == conversation.channel,
            IdentityRow.account == conversation.account,
        )
        .order_by(IdentityRow.created_at.desc())
        .limit(1)
    )
    sender = (await session.execute(query)).scalar_one_or_none()
    return Address(conversation.channel, conversation.account, sender) if sender is not None else None
