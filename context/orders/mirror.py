"""The shop's own system behind the own table: what is asked for is brought up to date first, within a time limit.

All readers and actions work on the own table. While the system is down, an order that was fetched within a day is shown as of then, and
said to be so; another one cannot be looked up, which is said too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.orders.importing import import_orders
from context.orders.matching import normalise_number
from context.orders.models import OrderSyncRow
from context.orders.source import Fetched, OrderSource, OrderSourceError
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

FRESH = timedelta(seconds=60)
USABLE = timedelta(hours=24)
SECONDS = 4.0
REST_SECONDS = 15.0  # after a failure nobody else waits for the system

T = TypeVar("T")
log = get_logger("orders")


class State(StrEnum):
    """How current the own table is for what was asked."""

    FRESH = "fresh"
    STALE = "stale"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Currency:
    """The state, and for what is stale the moment of which it is."""

    state: State
    as_of: datetime | None = None


FRESH_NOW = Currency(State.FRESH)


@dataclass
class OrderMirror:
    """Keeps the own table current for what is asked."""

    database: Database
    source: OrderSource
    clock: Clock = utc_now
    monotonic: Callable[[], float] = field(default=time.monotonic)
    seconds: float = SECONDS
    _rests_until: float = 0.0

    async def refresh(self, number: str) -> Currency:
        """Brings one order up to date, unless it was within the last minute."""
        wanted = normalise_number(number)
        async with self.database.transaction() as session:
            known = await session.get(OrderSyncRow, wanted)
        if known is not None and self.clock() - known.at < FRESH:
            return FRESH_NOW
        try:
            fetched = await self._within(self.source.find, number)
        except OrderSourceError as error:
            return self._down(error, known)
        async with self.database.transaction() as session:
            await self._keep(session, [fetched] if fetched else [], missing=None if fetched else wanted)
        return FRESH_NOW

    async def refresh_owner(self, email: str) -> Currency:
        """Brings the newest orders of a proven e-mail address up to date."""
        try:
            found = await self._within(self.source.orders_of, email)
        except OrderSourceError as error:
            return self._down(error, None)
        async with self.database.transaction() as session:
            await self._keep(session, found, missing=None)
        return FRESH_NOW

    async def _within(self, ask: Callable[[str], Awaitable[T]], what: str) -> T:
        if self.monotonic() < self._rests_until:
            raise OrderSourceError("It was down a moment ago")
        try:
            async with asyncio.timeout(self.seconds):
                return await ask(what)
        except TimeoutError:
            raise OrderSourceError(f"It did not answer within {self.seconds:g} seconds") from None

    def _down(self, error: OrderSourceError, known: OrderSyncRow | None) -> Currency:
        if self.monotonic() >= self._rests_until:
            log.warning("the order system is down", source=self.source.name, reason=error.message)
            self._rests_until = self.monotonic() + REST_SECONDS
        if known is not None and known.found and self.clock() - known.at < USABLE:
            return Currency(State.STALE, known.at)
        return Currency(State.UNAVAILABLE)

    async def _keep(self, session: AsyncSession, found: Sequence[Fetched], *, missing: str | None) -> None:
        await import_orders(session, [one.order for one in found])
        rows = [
            {"number": normalise_number(one.order.number), "source": self.source.name, "external_id": one.external_id, "found": True}
            for one in found
        ]
        if missing is not None:
            rows.append({"number": missing, "source": self.source.name, "external_id": None, "found": False})
        for row in sorted(rows, key=lambda row: str(row["number"])):
            values = row | {"at": self.clock()}
            statement = insert(OrderSyncRow).values(**values)
            await session.execute(statement.on_conflict_do_update(index_elements=["number"], set_=values))


async def external_id_of(session: AsyncSession, number: str) -> tuple[str, str] | None:
    """(source, id) of an order in the shop's system, or None where it is only in the own table."""
    query = select(OrderSyncRow.source, OrderSyncRow.external_id).where(OrderSyncRow.number == normalise_number(number), OrderSyncRow.found)
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row is not None and row[1] else None
