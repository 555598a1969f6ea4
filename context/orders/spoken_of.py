"""The order that a conversation is about: what was named or shown in it, else the one order that it can only be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow, EventRow, MessageRow
from context.orders.matching import normalise_number
from context.orders.reading import find_order, orders_for_agent
from context.orders.types import OrderStatus
from context.types import Author, Order

NUMBER_ENTITY = NUMBER_SLOT = "order_number"
LOOKED_AT = 40  # so many of the newest messages are looked through
_OVER = {OrderStatus.CANCELLED, OrderStatus.RETURNED, OrderStatus.REFUNDED}


class Because(StrEnum):
    """How it is known which order is meant."""

    NAMED = "named"
    SHOWN = "shown"
    ONLY_ONE = "only_one"
    NEWEST = "newest"


@dataclass(frozen=True)
class SpokenOf:
    """An order, why it is thought to be meant, and whether the customer may see it (it is theirs, or they proved it)."""

    order: Order
    because: Because
    theirs: bool


async def find_order_spoken_of(session: AsyncSession, conversation: ConversationRow) -> Order | None:
    """The order for macros and drafts: one that is the customer's and surely meant; None otherwise."""
    found = await find_spoken_of(session, conversation)
    return found.order if found is not None and found.theirs and found.because != Because.NEWEST else None


async def find_spoken_of(session: AsyncSession, conversation: ConversationRow) -> SpokenOf | None:
    """The order named last that exists, then the one shown last, then the customer's only one that is not over, then their newest."""
    known = await orders_for_agent(session, conversation.contact_id)
    own = {order.number: order for order in known}
    for number, because in await _mentioned(session, conversation):
        order = own.get(number) or await find_order(session, number)
        if order is not None:
            return SpokenOf(order, because, theirs=number in own)
    alive = [order for order in known if order.status not in _OVER]
    if len(alive) == 1:
        return SpokenOf(alive[0], Because.ONLY_ONE, theirs=True)
    return SpokenOf(known[0], Because.NEWEST, theirs=True) if known else None


async def _mentioned(session: AsyncSession, conversation: ConversationRow) -> list[tuple[str, Because]]:
    """Numbers with why, the surest first: what was said last goes before what the bot noted and showed."""
    said = select(MessageRow.understanding).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author == Author.CUSTOMER, MessageRow.understanding.is_not(None)
    )
    newest = (await session.execute(said.order_by(MessageRow.seq.desc()).limit(LOOKED_AT))).scalars()
    named = [number for understood in newest for number in _numbers(understood or {})]
    slot = conversation.slots.get(NUMBER_SLOT)
    shown = select(EventRow.data).where(EventRow.conversation_id == conversation.id, EventRow.name == "order.seen")
    seen = [data["order_number"] for data in (await session.execute(shown.order_by(EventRow.seq.desc()).limit(5))).scalars()]
    found = [(normalise_number(number), Because.NAMED) for number in [*named, *([slot] if isinstance(slot, str) else [])]]
    return list(dict.fromkeys(found + [(number, Because.SHOWN) for number in seen]))


def _numbers(understanding: dict[str, Any]) -> Iterator[str]:
    for entity in understanding.get("entities") or ():
        if entity.get("name") == NUMBER_ENTITY:
            yield str(entity.get("value") or entity.get("text"))
