"""How well promises are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow
from context.staff.rights import check_may
from desk.models import SlaClockRow
from desk.sla.clocks import FIRST, MET, MISSED, NEXT, RESOLUTION


@dataclass(frozen=True)
class MetricFigures:
    """Of one metric: clocks that ended in time and late since then; those that run now, and how many of them are broken already."""

    met: int = 0
    missed: int = 0
    running: int = 0
    broken: int = 0

    @property
    def share(self) -> float | None:
        """The share kept, from 0 to 1; None while nothing has ended."""
        return self.met / (self.met + self.missed) if self.met + self.missed else None


async def access_sla_figures(session: AsyncSession, staff: StaffRow, *, since: datetime) -> dict[str, MetricFigures]:
    """The figures by metric. Raises NotAllowedError."""
    check_may(staff, "supervise")
    is_running = SlaClockRow.ended_at.is_(None)
    query = select(
        SlaClockRow.metric,
        func.count().filter(SlaClockRow.outcome == MET),
        func.count().filter(SlaClockRow.outcome == MISSED),
        func.count().filter(is_running),
        func.count().filter(is_running, SlaClockRow.breached_at.is_not(None)),
    ).where(is_running | (SlaClockRow.ended_at >= since))
    rows = (await session.execute(query.group_by(SlaClockRow.metric))).all()
    found = {row[0]: MetricFigures(row[1], row[2], row[3], row[4]) for row in rows}
    return {metric: found.get(metric, MetricFigures()) for metric in (FIRST, NEXT, RESOLUTION)}
