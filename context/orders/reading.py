"""Reading orders: by number, by customer, and with the customer's rights checked. Nothing here writes or commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ContactRow, OrderItemRow, OrderRow, OrderTryRow, ReturnRow, ShipmentRow
from context.orders.matching import normalise_email, normalise_number, phone_forms, proof_fits
from context.orders.types import Asker, OrderAccess, ReturnRecord, SoldItem
from context.types import Order, Shipment

MAX_WRONG = 5
WRONG_WINDOW = timedelta(hours=1)
NOT_FOUND = OrderAccess(None, "not_found")
LOCKED = OrderAccess(None, "locked")


async def find_order(session: AsyncSession, number: str) -> Order | None:
    """The order of that number in any of its written forms; None when there is none. Checks no rights."""
    found = await load_orders(session, [normalise_number(number)])
    return found[0] if found else None


async def access_order(session: AsyncSession, number: str, *, proof: str | None, asker: Asker, now: datetime) -> OrderAccess:
    """The order, if the asker is verified and it is theirs, or `proof` is its e-mail or telephone number.

    After 5 wrong tries within an hour, of the asker or for the number, the refusal is `locked`, even for a right proof. Reads only:
    the caller records each try that had a proof with the action `note_order_try`.
    """
    order = await find_order(session, number)
    if order is not None and _is_own(order, asker):
        return _granted(order)
    if await _locked(session, normalise_number(number), contact_id=asker.contact_id, now=now):
        return LOCKED
    if order is None or not proof or not proof_fits(proof, email=order.email, phone=order.phone):
        return NOT_FOUND
    return _granted(order)


async def orders_of(session: AsyncSession, *, email: str | None, phone: str | None, limit: int = 100) -> tuple[Order, ...]:
    """The newest `limit` orders with that e-mail or telephone number, newest first. Checks no rights: both must be trusted."""
    owner = _owner_clause(email, phone)
    if owner is None:
        return ()
    newest = select(OrderRow.number).where(owner).order_by(OrderRow.placed_at.desc(), OrderRow.number.desc()).limit(limit)
    return await load_orders(session, (await session.scalars(newest)).all())


async def orders_for_agent(session: AsyncSession, contact_id: UUID, *, limit: int = 100) -> tuple[Order, ...]:
    """What an agent sees beside a contact, newest first: orders with the contact's e-mail or phone, and those the contact proved."""
    contact = await session.get(ContactRow, contact_id)
    if contact is None:
        return ()
    proved = OrderRow.number.in_(select(OrderTryRow.order_number).where(OrderTryRow.contact_id == contact_id, OrderTryRow.right))
    owner = _owner_clause(contact.email, contact.phone)
    wanted = proved if owner is None else or_(proved, owner)
    newest = select(OrderRow.number).where(wanted).order_by(OrderRow.placed_at.desc(), OrderRow.number.desc()).limit(limit)
    return await load_orders(session, (await session.scalars(newest)).all())


async def returns_of(session: AsyncSession, number: str) -> tuple[ReturnRecord, ...]:
    """The returns asked for on an order, newest first."""
    rows = await session.scalars(
        select(ReturnRow).where(ReturnRow.order_number == normalise_number(number)).order_by(ReturnRow.at.desc(), ReturnRow.number.desc())
    )
    return tuple(ReturnRecord(r.key, r.order_number, r.item, r.reason, r.wish, r.status, r.at, r.reference) for r in rows)


async def proved_or_own(session: AsyncSession, order: Order, asker: Asker) -> bool:
    """Whether the asker once gave the right proof for the order, or is verified and it is theirs."""
    if _is_own(order, asker):
        return True
    right = select(OrderTryRow.id).where(
        OrderTryRow.contact_id == asker.contact_id, OrderTryRow.order_number == order.number, OrderTryRow.right
    )
    return await session.scalar(right.limit(1)) is not None


async def load_orders(session: AsyncSession, numbers: Collection[str]) -> tuple[Order, ...]:
    """The orders of exactly these numbers that there are, newest first. Three queries, however many."""
    if not numbers:
        return ()
    rows = await session.execute(select(*OrderRow.__table__.columns).where(OrderRow.number.in_(numbers)))
    items: dict[str, list[SoldItem]] = defaultdict(list)
    for i in await session.execute(
        select(*OrderItemRow.__table__.columns).where(OrderItemRow.order_number.in_(numbers)).order_by(OrderItemRow.id)
    ):
        items[i.order_number].append(SoldItem(i.sku, i.title, i.quantity, i.unit_price, i.returnable))
    parcels: dict[str, list[Shipment]] = defaultdict(list)
    for s in await session.execute(
        select(*ShipmentRow.__table__.columns).where(ShipmentRow.order_number.in_(numbers)).order_by(ShipmentRow.id)
    ):
        days = [day.isoformat() if day else None for day in (s.expected_on, s.delivered_on)]
        parcels[s.order_number].append(Shipment(s.carrier, s.tracking_number, s.status, *days))
    orders = [
        Order(
            number=r.number,
            status=r.status,
            placed_at=r.placed_at,
            currency=r.currency,
            total=r.total,
            items=tuple(items[r.number]),
            shipments=tuple(parcels[r.number]),
            email=r.email,
            phone=r.phone,
            customer_name=r.customer_name,
            address=r.address,
        )
        for r in rows
    ]
    return tuple(sorted(orders, key=lambda order: (order.placed_at, order.number), reverse=True))


def _is_own(order: Order, asker: Asker) -> bool:
    if not asker.verified:
        return False
    by_email = asker.email is not None and normalise_email(asker.email) == normalise_email(order.email)
    by_phone = asker.phone is not None and order.phone in phone_forms(asker.phone)
    return by_email or by_phone


def _granted(order: Order) -> OrderAccess:
    return OrderAccess(order, None, {item.sku: not isinstance(item, SoldItem) or item.returnable for item in order.items})


def _owner_clause(email: str | None, phone: str | None) -> ColumnElement[bool] | None:
    clauses = [OrderRow.email == normalise_email(email)] if email else []
    forms = phone_forms(phone) if phone else ()
    if forms:
        clauses.append(OrderRow.phone.in_(sorted(forms)))
    return or_(*clauses) if clauses else None


async def _locked(session: AsyncSession, number: str, *, contact_id: UUID, now: datetime) -> bool:
    """Two counts, each by an index of its own."""
    wrong = select(func.count()).select_from(OrderTryRow).where(~OrderTryRow.right, OrderTryRow.at > now - WRONG_WINDOW)
    for whose in (OrderTryRow.contact_id == contact_id, OrderTryRow.order_number == number):
        if (await session.scalar(wrong.where(whose)) or 0) >= MAX_WRONG:
            return True
    return False
