"""What was done for an order is told to the shop's system: written down with it, sent by a worker, again when it is down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from context.orders.mirror import external_id_of
from context.orders.models import WriteBackRow
from context.orders.reading import returns_of
from context.orders.source import OrderSource, OrderSourceError, WriteRefusedError
from context.orders.types import ReturnRecord
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

MAX_TRIES = 12
LOOK_SECONDS = 5.0
CLAIM = timedelta(seconds=60)

log = get_logger("orders")


async def plan_write_back(session: AsyncSession, *, key: str, kind: str, order_number: str, data: dict[str, Any]) -> bool:
    """Notes that something is to be told about an order of the shop's system; False for one that only the own table has.

    The same key again does nothing.
    """
    if await external_id_of(session, order_number) is None:
        return False
    values = {"key": key, "kind": kind, "order_number": order_number, "data": data}
    await session.execute(insert(WriteBackRow).values(**values).on_conflict_do_nothing(index_elements=["key"]))
    return True


@dataclass
class WriteBacks:
    """Tells the shop's system what is due. A try that broke off is made again: at least once."""

    database: Database
    source: OrderSource
    clock: Clock = utc_now

    async def run(self) -> None:
        """Looks every few seconds until cancelled."""
        while True:
            try:
                while await self.step():
                    pass
            except (SQLAlchemyError, OSError) as error:
                log.warning("write-backs rest", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> bool:
        """Tells one thing; whether there was one."""
        async with self.database.transaction() as session:
            query = select(WriteBackRow).where(WriteBackRow.state == "pending", WriteBackRow.next_at <= self.clock())
            row = (await session.execute(query.order_by(WriteBackRow.id).limit(1).with_for_update(skip_locked=True))).scalar_one_or_none()
            if row is None:
                return False
            row.next_at, row.tries = self.clock() + CLAIM, row.tries + 1
            number, found = row.id, await external_id_of(session, row.order_number)
            record = await self._record(session, row)
        state, error = await self._tell(row, found, record)
        async with self.database.transaction() as session:
            stored = await session.get(WriteBackRow, number, with_for_update=True)
            assert stored is not None
            stored.state, stored.error = state, error
            stored.next_at = self.clock() + timedelta(seconds=min(3600, 10 * 2**stored.tries))
        return True

    async def _record(self, session: AsyncSession, row: WriteBackRow) -> ReturnRecord | None:
        found = await returns_of(session, row.order_number) if row.kind == "return" else ()
        return next((one for one in found if one.reference == row.data.get("reference")), None)

    async def _tell(self, row: WriteBackRow, found: tuple[str, str] | None, record: ReturnRecord | None) -> tuple[str, str | None]:
        if found is None or found[0] != self.source.name or row.kind not in self.source.writes or (row.kind == "return" and record is None):
            return "unsupported", None
        try:
            if record is not None:
                await self.source.add_return(found[1], record)
            else:
                await self.source.add_note(found[1], str(row.data.get("text", "")))
        except WriteRefusedError as error:
            log.warning("the order system refuses", kind=row.kind, reason=str(error))
            return "failed", str(error)
        except OrderSourceError as error:
            return ("failed" if row.tries >= MAX_TRIES else "pending"), error.message
        return "sent", None
