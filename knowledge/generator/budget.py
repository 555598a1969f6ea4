"""What the generator may use in a day, all nodes together: reserved before it is asked, settled after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.db import Database
from knowledge.generator.settings import GeneratorSettings
from knowledge.models import GeneratorUseRow


@dataclass(frozen=True)
class Use:
    """What was used on a day; `cost` in millionths of the currency."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0


@dataclass(frozen=True)
class Reserved:
    """What was set aside for one request."""

    day: date
    tokens_in: int
    tokens_out: int


async def used_on(session: AsyncSession, day: date) -> Use:
    """What was used on a day (UTC), with what is set aside now."""
    row = (
        await session.execute(select(GeneratorUseRow).where(GeneratorUseRow.day == day).execution_options(populate_existing=True))
    ).scalar()
    return Use(row.requests, row.tokens_in, row.tokens_out, row.cost) if row else Use()


@dataclass(frozen=True)
class DayBudget:
    """The budget in the database. A process that dies between the two steps leaves its reservation counted as used."""

    database: Database
    settings: GeneratorSettings
    clock: Clock = utc_now

    async def reserve(self, tokens_in: int, tokens_out: int) -> Reserved | None:
        """Sets aside what a request takes at most; None when the day's budget does not allow it."""
        day = self.clock().date()
        cost = self.settings.cost(tokens_in, tokens_out)
        row, total = GeneratorUseRow, tokens_in + tokens_out
        most_cost = None if self.settings.cost_per_day is None else int(self.settings.cost_per_day * 1_000_000)
        if total > self.settings.tokens_per_day or (most_cost is not None and cost > most_cost):
            return None
        fits = row.tokens_in + row.tokens_out + total <= self.settings.tokens_per_day
        if most_cost is not None:
            fits = fits & (row.cost + cost <= most_cost)
        more = {
            "requests": row.requests + 1,
            "tokens_in": row.tokens_in + tokens_in,
            "tokens_out": row.tokens_out + tokens_out,
            "cost": row.cost + cost,
        }
        first = insert(row).values(day=day, requests=1, tokens_in=tokens_in, tokens_out=tokens_out, cost=cost)
        statement = first.on_conflict_do_update(index_elements=[row.day], set_=more, where=fits).returning(row.day)
        async with self.database.transaction() as session:
            kept = (await session.execute(statement)).scalar()
        return Reserved(day, tokens_in, tokens_out) if kept else None

    async def settle(self, reserved: Reserved, tokens_in: int, tokens_out: int) -> None:
        """Puts what a request really took in place of what was set aside."""
        row = GeneratorUseRow
        cost = self.settings.cost(tokens_in, tokens_out) - self.settings.cost(reserved.tokens_in, reserved.tokens_out)
        changed = {
            "tokens_in": row.tokens_in + tokens_in - reserved.tokens_in,
            "tokens_out": row.tokens_out + tokens_out - reserved.tokens_out,
            "cost": row.cost + cost,
        }
        async with self.database.transaction() as session:
            await session.execute(update(row).where(row.day == reserved.day).values(changed))
