"""Presence: what a person chose, as long as their connection is alive."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow
from desk.models import PresenceRow
from kit.clock import Clock, utc_now

ALIVE = timedelta(seconds=45)
GONE = timedelta(minutes=5)  # so long without a console or any action, and a colleague may take over what they hold


class PresenceState(StrEnum):
    """What others see. Routing gives conversations to those online only; who is busy or away may still be given one by hand, who is offline
    may not.
    """

    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


async def record_presence(session: AsyncSession, staff_id: UUID, state: PresenceState | None = None, *, clock: Clock = utc_now) -> None:
    """A sign of life; `state` only when it changes. Call it at least every 30 seconds while the console is open."""
    values = {"staff_id": staff_id, "state": state or PresenceState.ONLINE, "seen_at": clock()}
    changes = {"seen_at": values["seen_at"]} | ({"state": state} if state else {})
    await session.execute(insert(PresenceRow).values(values).on_conflict_do_update(index_elements=["staff_id"], set_=changes))


async def record_action(session: AsyncSession, staff_id: UUID, *, clock: Clock = utc_now) -> None:
    """Someone did something, perhaps over the API: a sign of life that puts nobody online who is not."""
    values = {"staff_id": staff_id, "state": PresenceState.AWAY, "seen_at": clock()}
    row = insert(PresenceRow).values(values)
    await session.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_={"seen_at": values["seen_at"]}))


async def list_presence(session: AsyncSession, *, clock: Clock = utc_now) -> list[tuple[StaffRow, PresenceState]]:
    """All active people with their presence, by name."""
    query = select(StaffRow, PresenceRow).join(PresenceRow, PresenceRow.staff_id == StaffRow.id, isouter=True)
    people = (await session.execute(query.where(StaffRow.active).order_by(StaffRow.name))).all()
    since = clock() - ALIVE
    return [(staff, PresenceState(p.state) if p is not None and p.seen_at > since else PresenceState.OFFLINE) for staff, p in people]


async def is_here(session: AsyncSession, staff_id: UUID, *, clock: Clock = utc_now) -> bool:
    """Whether an active person gave a sign of life within five minutes (a console does all the time, and so does every action).

    Who chose to be offline is not here, though the console is open.
    """
    query = select(StaffRow.active, PresenceRow.seen_at, PresenceRow.state).join(
        PresenceRow, PresenceRow.staff_id == StaffRow.id, isouter=True
    )
    found = (await session.execute(query.where(StaffRow.id == staff_id))).one_or_none()
    if found is None or not found.active or found.seen_at is None or found.state == PresenceState.OFFLINE:
        return False
    return bool(found.seen_at > clock() - GONE)


async def count_online(session: AsyncSession, *, clock: Clock = utc_now) -> int:
    """How many people are here and not away."""
    query = (
        select(func.count())
        .select_from(PresenceRow)
        .where(PresenceRow.state == PresenceState.ONLINE, PresenceRow.seen_at > clock() - ALIVE)
    )
    return (await session.execute(query)).scalar_one()
