"""What is known where a customer's message was written, as sources of drafts need it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.ports import Ask
from context.contacts import get_contact
from context.macros.values import values_of
from context.models import ConversationRow, MessageRow
from context.orders.spoken_of import find_order_spoken_of
from context.staff.models import StaffRow
from context.types import Author, MessageView, Visibility


async def ask_about(session: AsyncSession, conversation: ConversationRow, message: MessageView) -> Ask:
    """The question of an understood message, with the values of variables for the customer, the order spoken of, and who answers."""
    understood = message.understanding
    language = understood.language if understood else conversation.language or "en"
    contact = await get_contact(session, conversation.contact_id)
    order = await find_order_spoken_of(session, conversation)
    holder = await session.get(StaffRow, conversation.agent_id) if conversation.agent_id else None
    return Ask(
        question=message.content.text,
        language=language,
        intent=understood.intent if understood else None,
        staff_id=conversation.agent_id,
        values=values_of(contact=contact, staff=holder, order=order, language=language),
        before=await _said_before(session, message),
    )


async def _said_before(session: AsyncSession, message: MessageView) -> str:
    """What agent or bot had said to the customer last before this message."""
    theirs = MessageRow.author.in_((Author.AGENT, Author.BOT)), MessageRow.visibility == Visibility.PUBLIC
    query = select(MessageRow.text).where(MessageRow.conversation_id == message.conversation_id, MessageRow.seq < message.seq, *theirs)
    return await session.scalar(query.order_by(MessageRow.seq.desc()).limit(1)) or ""
