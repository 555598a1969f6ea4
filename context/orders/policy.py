"""The shop's rules: sending back, cancelling, changing the address, what can be wrong with a parcel. Pure, so that the bot can ask
before it promises and the action after."""

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
_IN_HOUSE = {OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.PACKED}  # has not left the warehouse
_FETCHED = {OrderStatus.READY_FOR_PICKUP, OrderStatus.PICKED_UP}
PATIENCE_DAYS = 3  # working days past the expected date until a parcel is looked for
INVOICE_DAYS = 30  # after the order: the name of a company can be added


class ReturnRefusal(StrEnum):
    """Why an item cannot be sent back."""

    NOT_DELIVERED = "not_delivered"
    ALREADY_SETTLED = "already_settled"
    TOO_LATE = "too_late"
    NOT_IN_ORDER = "not_in_order"
    NOT_RETURNABLE = "not_returnable"


class ChangeRefusal(StrEnum):
    """Why an order cannot be cancelled, or sent elsewhere."""

    ALREADY_CANCELLED = "already_cancelled"
    SENT = "sent"
    IN_STORE = "in_store"
    ARRIVED = "arrived"


class ProblemRefusal(StrEnum):
    """Why a problem with a parcel cannot be taken up yet, or any more."""

    CANCELLED = "cancelled"
    NOT_SENT = "not_sent"
    NOT_LATE = "not_late"
    NOT_ARRIVED = "not_arrived"
    TOO_LATE = "too_late"


class InvoiceRefusal(StrEnum):
    """Why an invoice cannot be sent as it is wanted."""

    NOT_PAID = "not_paid"
    TOO_LATE = "too_late"


class ProblemKind(StrEnum):
    """What is wrong with a parcel."""

    LATE = "late"
    LOST = "lost"
    DAMAGED = "damaged"
    WRONG = "wrong"
    MISSING = "missing"


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


def refusal_of_change(order: Order) -> ChangeRefusal | None:
    """Why `order` can neither be cancelled nor sent to another address; None when it can: it has not left the warehouse."""
    if order.status in _IN_HOUSE and not order.shipments:
        return None
    if order.status == OrderStatus.CANCELLED:
        return ChangeRefusal.ALREADY_CANCELLED
    if order.status in _FETCHED:
        return ChangeRefusal.IN_STORE
    return ChangeRefusal.ARRIVED if order.status in _ARRIVED | _SETTLED else ChangeRefusal.SENT


def refusal_of_problem(order: Order, *, kind: ProblemKind, now: datetime) -> ProblemRefusal | None:
    """Why nothing can be done about `kind` of problem with `order` at `now`; None when it can.

    A late parcel is looked for PATIENCE_DAYS working days after its expected date; damaged, wrong and missing pieces are taken up
    until FAULT_DAYS after delivery. A parcel that is shown as delivered but did not come is lost.
    """
    if order.status == OrderStatus.CANCELLED:
        return ProblemRefusal.CANCELLED
    if not order.shipments:
        return ProblemRefusal.NOT_SENT
    arrived = delivered_on(order)
    if kind in (ProblemKind.DAMAGED, ProblemKind.WRONG, ProblemKind.MISSING):
        if arrived is None:
            return ProblemRefusal.NOT_ARRIVED
        return ProblemRefusal.TOO_LATE if now.date() > arrived + timedelta(days=FAULT_DAYS) else None
    if arrived is not None:
        return None if kind == ProblemKind.LOST else ProblemRefusal.NOT_LATE
    due = trace_from(order)
    return ProblemRefusal.NOT_LATE if due is not None and now.date() < due else None


def refusal_of_invoice(order: Order, *, company: bool, now: datetime) -> InvoiceRefusal | None:
    """Why no invoice of `order` can be sent; `company`: it is to be made out to one, which ends INVOICE_DAYS after the order."""
    if order.status == OrderStatus.PLACED:
        return InvoiceRefusal.NOT_PAID
    return InvoiceRefusal.TOO_LATE if company and now > order.placed_at + timedelta(days=INVOICE_DAYS) else None


def trace_from(order: Order) -> date | None:
    """The day from which a parcel that is under way is looked for; None when none is expected on a known day."""
    days = [shipment.expected_on for shipment in order.shipments if shipment.expected_on and not shipment.delivered_on]
    if not days:
        return None
    day, left = date.fromisoformat(max(days)), PATIENCE_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.isoweekday() < 6
    return day


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
