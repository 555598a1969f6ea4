"""The shop's rules for sending back an item. Pure, so that the bot can ask before it promises and the action after."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from enum import StrEnum

from context.orders.types import OrderStatus, ReturnReason, SoldItem
from context.types import Order, OrderItem

RETURN_DAYS = 30  # after delivery
FAULT_DAYS = 7  # after delivery: damaged or wrong pieces of what can otherwise not be returned
_ARRIVED = {OrderStatus.DELIVERED, OrderStatus.PICKED_UP, OrderStatus.DAMAGED_REPORTED}
_SETTLED = {OrderStatus.RETURNED, OrderStatus.REFUNDED}
_FAULTS = {ReturnReason.DAMAGED, ReturnReason.WRONG}


class ReturnRefusal(StrEnum):
    """Why an item cannot be sent back."""

    NOT_DELIVERED = "not_delivered"
    ALREADY_SETTLED = "already_settled"
    TOO_LATE = "too_late"
    NOT_IN_ORDER = "not_in_order"
    NOT_RETURNABLE = "not_returnable"


def find_item(order: Order, said: str) -> OrderItem | None:
    """The line that `said` names: its sku, its title, or a part of exactly one title. None when there is none or it is ambiguous."""
    wanted = _fold(said)
    if not wanted:
        return None
    for item in order.items:
        if wanted in (_fold(item.sku), _fold(item.title)):
            return item
    near = [item for item in order.items if wanted in _fold(item.title)]
    return near[0] if len(near) == 1 else None


def delivered_on(order: Order) -> date | None:
    """The day on which the last parcel of the order arrived; None while one is under way."""
    days = [shipment.delivered_on for shipment in order.shipments]
    if not days or None in days:
        return None
    return max(date.fromisoformat(day) for day in days if day)


def refusal_of_return(order: Order, *, item: str, reason: str, now: datetime) -> ReturnRefusal | None:
    """Why `item` (sku or title) of `order` cannot be sent back at `now` for `reason` (a ReturnReason or other words); None when it can.

    Days are counted in UTC, which in Macau's favour ends the last day a few hours late.
    """
    if order.status in _SETTLED:
        return ReturnRefusal.ALREADY_SETTLED
    arrived = delivered_on(order)
    if order.status not in _ARRIVED or arrived is None:
        return ReturnRefusal.NOT_DELIVERED
    line = find_item(order, item)
    if line is None:
        return ReturnRefusal.NOT_IN_ORDER
    days = RETURN_DAYS
    if isinstance(line, SoldItem) and not line.returnable:
        if reason not in _FAULTS:
            return ReturnRefusal.NOT_RETURNABLE
        days = FAULT_DAYS
    return ReturnRefusal.TOO_LATE if now.date() > arrived + timedelta(days=days) else None


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
