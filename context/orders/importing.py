"""Bringing orders in: all of a file or nothing, and the same file twice changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import OrderItemRow, OrderRow, ReturnRow, ShipmentRow
from context.orders.csv_format import parse_orders_csv
from context.orders.matching import normalise_email, normalise_number, normalise_phone
from context.orders.reading import load_orders
from context.orders.types import ImportReport, ReturnRecord, SoldItem
from context.types import Order, OrderItem
from kit.errors import InvalidInputError

__all__ = ["import_orders", "import_returns", "next_return_reference", "parse_orders_csv"]

BATCH = 1000  # orders read and written at once
_NEXT_RETURN = text("SELECT nextval(pg_get_serial_sequence('return_request', 'number'))")


async def import_orders(session: AsyncSession, orders: Sequence[Order]) -> ImportReport:
    """Writes what is new or changed, in batches, within the caller's transaction. An order that is not in `orders` stays as it is.

    Raises InvalidInputError, before anything is written, when two of them have the same number.
    """
    wanted = {order.number: order for order in map(_as_stored, orders)}
    if len(wanted) < len(orders):
        raise InvalidInputError("Two of the orders have the same number")
    created = updated = 0
    todo = iter(sorted(wanted))  # one order of locking for all importers: no deadlock
    while batch := list(islice(todo, BATCH)):
        there = {order.number: order for order in await load_orders(session, batch)}
        changed = [wanted[number] for number in batch if there.get(number) != wanted[number]]
        created += len(batch) - len(there)
        updated += len(changed) - (len(batch) - len(there))
        if changed:
            await _write(session, changed)
    return ImportReport(created, updated, len(wanted) - created - updated)


async def import_returns(session: AsyncSession, returns: Iterable[ReturnRecord]) -> int:
    """Stores returns of orders that are there and gives them references; how many were new. A known `key` does nothing."""
    known = set(await session.scalars(select(ReturnRow.key)))
    fresh = [record for record in returns if record.key not in known]
    for record in fresh:
        number, reference = await next_return_reference(session)
        values = dataclasses.asdict(record) | {"number": number, "reference": record.reference or reference}
        await session.execute(insert(ReturnRow).values(**values))
    return len(fresh)


async def next_return_reference(session: AsyncSession) -> tuple[int, str]:
    """A number never given before and the reference made of it: (10001, "RT-10001"). A rollback leaves a gap."""
    number = int(await session.scalar(_NEXT_RETURN) or 0)
    return number, f"RT-{number}"


def _as_stored(order: Order) -> Order:
    """The order as `load_orders` gives it back: number, e-mail and phone in one form, every item a SoldItem."""
    region = str(order.address.get("country") or "MO")
    phone = (normalise_phone(order.phone, region=region) or order.phone) if order.phone else None
    return dataclasses.replace(
        order,
        number=normalise_number(order.number),
        status=str(order.status),
        email=normalise_email(order.email),
        phone=phone,
        items=tuple(map(_sold, order.items)),
    )


def _sold(item: OrderItem) -> SoldItem:
    return item if isinstance(item, SoldItem) else SoldItem(item.sku, item.title, item.quantity, item.unit_price)


async def _write(session: AsyncSession, orders: Sequence[Order]) -> None:
    """Upserts the order rows, which locks them, then replaces their items and parcels."""
    columns = [column.name for column in OrderRow.__table__.columns]
    statement = upsert(OrderRow)
    fresh = {name: statement.excluded[name] for name in columns if name != "number"}
    rows = [{name: getattr(order, name) for name in columns} for order in orders]
    await session.execute(statement.on_conflict_do_update(index_elements=["number"], set_=fresh), rows)
    numbers = [order.number for order in orders]
    items = [{"order_number": order.number, **dataclasses.asdict(item)} for order in orders for item in order.items]
    parcels = [row for order in orders for row in _shipment_rows(order)]
    for table, lines in ((OrderItemRow, items), (ShipmentRow, parcels)):
        await session.execute(delete(table).where(table.order_number.in_(numbers)))
        if lines:
            await session.execute(insert(table), lines)


def _shipment_rows(order: Order) -> Iterable[dict[str, Any]]:
    for parcel in order.shipments:
        row: dict[str, Any] = {"order_number": order.number, **dataclasses.asdict(parcel)}
        for name in ("expected_on", "delivered_on"):
            row[name] = date.fromisoformat(row[name]) if row[name] else None
        yield row
