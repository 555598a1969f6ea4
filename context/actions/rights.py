"""Whose order it is: the last door before an action touches one."""

from __future__ import annotations

from sqlalchemy import select

from context.actions.types import ActionContext, ActionRefusedError
from context.contacts import get_trusted
from context.models import ConversationRow, OrderRow
from context.orders.matching import normalise_number
from context.orders.reading import find_order, proved_or_own
from context.orders.types import Asker
from context.types import Order

TRUSTED = {"agent", "api", "system"}  # actors who need no proof from the customer


async def may_touch(context: ActionContext, order: Order) -> bool:
    """Whether the actor is trusted, or the customer proved the order or is verified as its owner."""
    if context.actor.kind in TRUSTED:
        return True
    conversation = await context.session.get(ConversationRow, context.conversation_id) if context.conversation_id else None
    address = (conversation.channel, conversation.account, conversation.address or "") if conversation else None
    who = await get_trusted(context.session, context.contact_id, address=address)
    return await proved_or_own(context.session, order, Asker(context.contact_id, who.verified, who.email, who.phone))


async def lock_order(context: ActionContext, number: str) -> str:
    """Locks the row of the order, so that one action at a time works on it; returns its number in the stored form."""
    normal = normalise_number(number)
    await context.session.execute(select(OrderRow.number).where(OrderRow.number == normal).with_for_update())
    return normal


async def access_locked_order(context: ActionContext, number: str) -> Order:
    """The order of a locked row. Raises ActionRefusedError `not_found` when there is none or the actor may not touch it."""
    order = await find_order(context.session, number)
    if order is None or not await may_touch(context, order):
        raise ActionRefusedError("not_found", "The order number or its proof does not fit")
    return order
