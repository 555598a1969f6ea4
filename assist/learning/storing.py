"""Versions of the ranker: kept, made live, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import RankerActivationRow, RankerRow
from assist.ranking import SHIPPED, Ranker
from kit.errors import NotFoundError

KEPT = 50


@dataclass(frozen=True)
class RankerVersion:
    """A version with what it was learned from, and whether it orders suggestions now. Version 0 is the one that ships."""

    version: int
    made_at: datetime | None
    figures: dict[str, Any]
    live: bool


async def find_live_ranker(session: AsyncSession, *, known: Ranker = SHIPPED) -> Ranker:
    """The ranker that is live; `known` when that is it."""
    version = await live_version(session)
    if version == known.version:
        return known
    row = await session.get(RankerRow, version) if version else None
    return Ranker.from_json(row.version, row.weights) if row is not None else SHIPPED


async def live_version(session: AsyncSession) -> int:
    """The number of the version that is live."""
    newest = select(RankerActivationRow.version).order_by(RankerActivationRow.id.desc()).limit(1)
    return int(await session.scalar(newest) or 0)


async def store_ranker(session: AsyncSession, ranker: Ranker, *, figures: dict[str, Any], at: datetime) -> int:
    """Keeps a new version; returns its number. It is not live by that."""
    row = RankerRow(weights=ranker.as_json(), figures=figures, made_at=at)
    session.add(row)
    await session.flush()
    live = await live_version(session)
    newest = select(RankerRow.version).order_by(RankerRow.version.desc()).limit(KEPT)
    await session.execute(delete(RankerRow).where(RankerRow.version.not_in(newest), RankerRow.version != live))
    return row.version


async def activate_ranker(session: AsyncSession, version: int, *, at: datetime, staff_id: UUID | None = None) -> None:
    """Makes a version live; 0 goes back to the one that ships. Raises NotFoundError."""
    if version and await session.get(RankerRow, version) is None:
        raise NotFoundError("There is no such version of the ranking")
    session.add(RankerActivationRow(version=version, staff_id=staff_id, at=at))
    await session.flush()


async def list_rankers(session: AsyncSession) -> list[RankerVersion]:
    """All versions that are kept, the newest first, the one that ships last."""
    live = await live_version(session)
    rows = (await session.execute(select(RankerRow).order_by(RankerRow.version.desc()))).scalars()
    found = [RankerVersion(row.version, row.made_at, row.figures, live=row.version == live) for row in rows]
    return [*found, RankerVersion(0, None, {}, live=live == 0)]
