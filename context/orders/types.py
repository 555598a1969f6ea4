"""What is said about orders beside `context.types.Order`: states, items as sold, who asks, what they may see, returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from context.types import Order, OrderItem


class OrderStatus(StrEnum):
    """Where an order stands. An import maps the shop's own words to these."""

    PLACED = "placed"
    PAID = "paid"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    LOST = "lost"
    DAMAGED_REPORTED = "damaged_reported"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    REFUNDED = "refunded"
    READY_FOR_PICKUP = "ready_for_pickup"
    PICKED_UP = "picked_up"


class ShipmentStatus(StrEnum):
    """Where a parcel is."""

    DISPATCHED = "dispatched"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    LOST = "lost"
    RETURNED = "returned"
    READY_FOR_PICKUP = "ready_for_pickup"
    PICKED_UP = "picked_up"


@dataclass(frozen=True)
class SoldItem(OrderItem):
    """A line of an order with the shop's word on whether such an item can be sent back; `find_order` gives these."""

    returnable: bool = True


@dataclass(frozen=True)
class Asker:
    """Who asks for an order. `email` and `phone` are trusted only when `verified`."""

    contact_id: UUID
    verified: bool = False
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class OrderAccess:
    """The result of asking for an order.

    `refusal` is None, `not_found` (number or proof does not fit; which is not said), `locked` or `unavailable` (the shop's system is
    down, and nothing usable is known). `as_of`: it is down, and this is what was known then. `returnable` says of each sku whether
    that kind of item can be sent back at all; whether one can be sent back now is `context.orders.policy.refusal_of_return`.
    """

    order: Order | None
    refusal: str | None = None
    returnable: Mapping[str, bool] = field(default_factory=dict)
    as_of: datetime | None = None


class ReturnWish(StrEnum):
    """What the customer wants for a returned item."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class ReturnReason(StrEnum):
    """Why an item is sent back. Of the first two the shop is at fault."""

    DAMAGED = "damaged"
    WRONG = "wrong"
    CHANGED_MIND = "changed_mind"
    NOT_SUITABLE = "not_suitable"
    OTHER = "other"


class ReturnStatus(StrEnum):
    """How far a return got."""

    REQUESTED = "requested"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ReturnRecord:
    """A return or exchange. `reference` is empty until it is stored; `key` makes a repeat of the same request do nothing."""

    key: str
    order_number: str
    item: str
    reason: str
    wish: str
    status: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True)
class ImportReport:
    """How many orders an import wrote, changed, and found as they were."""

    created: int
    updated: int
    unchanged: int
