"""Using a macro in a conversation: its text filled with what is known there. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_contact
from context.conversations import get_conversation
from context.macros.languages import any_body
from context.macros.storing import access_macro
from context.macros.types import MacroStep, RenderedMacro
from context.macros.values import values_of
from context.macros.variables import fill_variables
from context.orders.reading import orders_for_agent
from context.orders.spoken_of import find_order_spoken_of
from context.staff.models import StaffRow
from context.types import Order
from kit.errors import InvalidInputError


async def render_macro(
    session: AsyncSession,
    staff: StaffRow,
    macro_id: UUID,
    *,
    conversation_id: UUID,
    order_number: str | None = None,
    teams: Collection[str] = (),
) -> RenderedMacro:
    """The macro as it would be sent there. `order_number` chooses another order of the customer than the one that is spoken of.

    Raises NotFoundError, NotAllowedError, UnknownVariableError, MissingValueError.
    """
    macro = await access_macro(session, staff, macro_id, teams=teams)
    conversation = await get_conversation(session, conversation_id)
    contact = await get_contact(session, conversation.contact_id)
    order = await _chosen(session, contact.id, order_number) if order_number else await find_order_spoken_of(session, conversation)
    language, body = any_body(macro.draft.bodies, conversation.language or contact.language or "en")
    values = values_of(contact=contact, staff=staff, order=order, language=language)
    text, used = fill_variables(body, values)
    actions = tuple(
        replace(one, value=fill_variables(one.value, values)[0]) if one.step == MacroStep.ADD_NOTE else one for one in macro.draft.actions
    )
    return RenderedMacro(macro.id, macro.title, text, language, actions, used)


async def _chosen(session: AsyncSession, contact_id: UUID, order_number: str) -> Order:
    for order in await orders_for_agent(session, contact_id):
        if order.number == order_number:
            return order
    raise InvalidInputError("That is no order of this customer")
