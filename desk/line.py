"""The line of those who wait: who stands where, and how long it takes, as far as recent real waits tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.routing.order import place_sql

RECENT = timedelta(hours=2)
FEWEST = 5  # waits that are needed before anything is said
NEWEST = 50
STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)  # minutes, as they are said

_LINE = f"""
SELECT c.id, c.team_id, c.language, row_number() OVER (PARTITION BY c.team_id ORDER BY {place_sql("c")}, c.id) AS place
FROM conversation AS c WHERE c.handler = 'queue' AND c.status = 'open'
"""
_PLACES = text(f"SELECT id, place FROM ({_LINE}) AS line")
_TO_TELL = text(f"""
SELECT line.id, line.team_id, line.place, h.told_place, h.id AS handoff_id
FROM ({_LINE}) AS line JOIN handoff AS h ON h.conversation_id = line.id AND h.state = 'queued'
WHERE (h.told_at IS NULL AND h.at <= :first)
   OR (h.told_at <= :again AND (line.place * 2 <= h.told_place OR (line.place = 1 AND h.told_place > 1)))
ORDER BY line.place LIMIT :most
""")
_WAITS = text("""
SELECT extract(epoch FROM h.accepted_at - h.at) AS seconds, coalesce(h.place, 1) AS place
FROM handoff AS h JOIN conversation AS c ON c.id = h.conversation_id
WHERE h.accepted_at > h.at AND h.at > :since AND c.team_id IS NOT DISTINCT FROM :team
ORDER BY h.accepted_at DESC LIMIT :newest
""")
_STILL = text("""
SELECT extract(epoch FROM :now - h.at) AS seconds, coalesce(h.place, 1) AS place
FROM handoff AS h JOIN conversation AS c ON c.id = h.conversation_id
WHERE h.state = 'queued' AND h.at > :since AND c.team_id IS NOT DISTINCT FROM :team AND c.handler = 'queue' AND c.status = 'open'
ORDER BY h.at LIMIT 1
""")


@dataclass(frozen=True)
class ToTell:
    """A waiting customer who is to be told something: `place` now, and the one they were told last."""

    conversation_id: UUID
    handoff_id: UUID
    team_id: UUID | None
    place: int
    told_place: int | None


async def read_places(session: AsyncSession) -> dict[UUID, int]:
    """Everybody's place in the line of their team, from 1."""
    return {row.id: row.place for row in (await session.execute(_PLACES)).all()}


async def list_to_tell(session: AsyncSession, *, now: datetime, first_after: timedelta, again_after: timedelta, most: int) -> list[ToTell]:
    """Whom to tell: once soon after the wait begins; later only when the place is halved, or is the first, and not too often."""
    values = {"first": now - first_after, "again": now - again_after, "most": most}
    rows = (await session.execute(_TO_TELL, values)).all()
    return [ToTell(row.id, row.handoff_id, row.team_id, row.place, row.told_place) for row in rows]


async def read_pace(session: AsyncSession, team_id: UUID | None, *, now: datetime) -> float | None:
    """Seconds that one place in the line takes; None while too little is known. See `pace`."""
    values = {"since": now - RECENT, "team": team_id, "newest": NEWEST}
    waits = [(float(row.seconds), row.place) for row in (await session.execute(_WAITS, values)).all()]
    still = (await session.execute(_STILL, {"now": now, "since": now - RECENT, "team": team_id})).one_or_none()
    return pace(waits, waiting=(float(still.seconds), still.place) if still else None)


def pace(waits: Sequence[tuple[float, int]], *, waiting: tuple[float, int] | None = None) -> float | None:
    """Seconds for one place, of (seconds waited, place at the beginning): what three of four recent ones did not exceed.

    Who waits the longest now (`waiting`) has taken that long at least. None with fewer than five waits.
    """
    if len(waits) < FEWEST:
        return None
    each = sorted(seconds / place for seconds, place in waits)
    usual = each[min(len(each) - 1, (len(each) * 3) // 4)]
    return max(usual, waiting[0] / waiting[1]) if waiting else usual


def minutes_to_say(seconds: float) -> int | None:
    """Whole minutes, rounded up to a number that people say; None for more than an hour."""
    return next((minutes for minutes in STEPS if seconds <= minutes * 60), None)
