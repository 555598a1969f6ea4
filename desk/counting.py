"""How many conversations each list holds: read once for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ConversationRow
from context.types import Handler, Status
from desk.personal.models import NotificationRow
from desk.views import View

COUNT_LIMIT = 1000  # resolved ones are counted up to here: "999+" says enough


@dataclass(frozen=True)
class Counts:
    """The numbers of all lists; `mine` and `unread` (things to look at) by person."""

    common: Mapping[View, int]
    mine: Mapping[UUID, int]
    unread: Mapping[UUID, int]

    def of(self, staff_id: UUID) -> dict[View, int]:
        """What one person sees."""
        return {**self.common, View.MINE: self.mine.get(staff_id, 0), View.MENTIONS: self.unread.get(staff_id, 0)}


async def read_counts(session: AsyncSession, *, now: datetime) -> Counts:
    """The numbers as they are now; resolved ones at most COUNT_LIMIT."""
    table = ConversationRow
    waits, late = table.waiting_since.is_not(None), func.coalesce(table.due_at <= now, False)
    query = select(table.handler, table.agent_id, waits.label("waits"), late.label("late"), func.count().label("n"))
    query = query.where(table.status != Status.RESOLVED).group_by(table.handler, table.agent_id, "waits", "late")
    groups = (await session.execute(query)).all()
    resolved = select(table.id).where(table.status == Status.RESOLVED).limit(COUNT_LIMIT).subquery()
    of_people: dict[UUID, int] = {}
    for group in groups:
        if group.agent_id is not None:
            of_people[group.agent_id] = of_people.get(group.agent_id, 0) + group.n
    unread = select(NotificationRow.staff_id, func.count()).where(NotificationRow.read_at.is_(None)).group_by(NotificationRow.staff_id)
    common = {
        View.ALL: sum(g.n for g in groups),
        View.UNASSIGNED: sum(g.n for g in groups if g.handler == Handler.QUEUE),
        View.WAITING: sum(g.n for g in groups if g.handler != Handler.BOT and g.waits),
        View.BREACHED: sum(g.n for g in groups if g.late),
        View.BOT: sum(g.n for g in groups if g.handler == Handler.BOT),
        View.RESOLVED: (await session.execute(select(func.count()).select_from(resolved))).scalar_one(),
    }
    return Counts(common, of_people, {row[0]: row[1] for row in (await session.execute(unread)).all()})
