"""What is known where a customer's message was written, as sources of drafts need it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from assist.ports import Ask
from context.contacts import get_contact
from context.macros.values import values_of
from context.models import ConversationRow
from context.orders.spoken_of import find_order_spoken_of
from context.staff.models import StaffRow
from context.types import MessageView


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
    )
