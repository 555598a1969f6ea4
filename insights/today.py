"""Today's figures for supervisors, from the event log; each is defined in docs/howto/supervise.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow
from context.staff.rights import check_may


@dataclass(frozen=True)
class Today:
    """Figures since a moment. Shares are 0 to 1, times in seconds; None where nothing has been counted yet."""

    waiting: int
    longest_wait: float | None
    opened: int
    answered: int
    handoffs: int
    first_response_p50: float | None
    first_response_p90: float | None
    containment: float | None
    abandonment: float | None
    csat: float | None
    ratings: int


_NOW = """
SELECT count(*) AS waiting, max(extract(epoch FROM CAST(:now AS timestamptz) - waiting_since)) AS longest
FROM conversation WHERE handler = 'queue' AND status = 'open'
"""
_COUNTS = """
SELECT count(DISTINCT conversation_id) FILTER (WHERE name = 'conversation.opened') AS opened,
       count(DISTINCT conversation_id) FILTER (WHERE name = 'agent.replied') AS answered,
       count(DISTINCT conversation_id) FILTER (WHERE name = 'handoff.queued') AS handoffs,
       count(*) FILTER (WHERE name = 'handoff.abandoned') AS abandoned,
       count(*) FILTER (WHERE name = 'handoff.accepted') AS accepted,
       count(*) FILTER (WHERE name = 'rating.given') AS ratings,
       count(*) FILTER (WHERE name = 'rating.given' AND CAST(data->>'score' AS integer) >= 4) AS good
FROM event WHERE at >= :since AND name IN ('conversation.opened', 'agent.replied', 'handoff.queued', 'handoff.abandoned',
                                           'handoff.accepted', 'rating.given')
"""
_FIRST_RESPONSE = """
WITH asked AS (SELECT conversation_id, min(at) AS at FROM event WHERE name = 'handoff.queued' AND at >= :since GROUP BY conversation_id),
     waits AS (SELECT extract(epoch FROM min(replied.at) - asked.at) AS seconds FROM asked
               JOIN event replied ON replied.conversation_id = asked.conversation_id AND replied.name = 'agent.replied'
                                 AND replied.at >= asked.at
               GROUP BY asked.conversation_id, asked.at)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50, percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90 FROM waits
"""
_CONTAINED = """
WITH begun AS (SELECT DISTINCT conversation_id FROM event WHERE name = 'conversation.opened' AND at >= :since),
     bots AS (SELECT conversation_id FROM begun
              WHERE EXISTS (SELECT FROM event e WHERE e.conversation_id = begun.conversation_id AND e.name = 'turn.taken'))
SELECT count(*) AS all_of_them,
       count(*) FILTER (WHERE NOT EXISTS (SELECT FROM event e WHERE e.conversation_id = bots.conversation_id
                                                              AND e.name = 'handoff.requested')) AS kept
FROM bots
"""


async def access_today(session: AsyncSession, staff: StaffRow, *, since: datetime, now: datetime) -> Today:
    """The figures from `since` to now. Raises NotAllowedError for those who may not see figures."""
    check_may(staff, "view_reports")
    waits = (await session.execute(text(_NOW), {"now": now})).one()
    counts = (await session.execute(text(_COUNTS), {"since": since})).one()
    responses = (await session.execute(text(_FIRST_RESPONSE), {"since": since})).one()
    contained = (await session.execute(text(_CONTAINED), {"since": since})).one()
    return Today(
        waiting=waits.waiting,
        longest_wait=None if waits.longest is None else max(0.0, float(waits.longest)),
        opened=counts.opened,
        answered=counts.answered,
        handoffs=counts.handoffs,
        first_response_p50=responses.p50,
        first_response_p90=responses.p90,
        containment=_share(contained.kept, contained.all_of_them),
        abandonment=_share(counts.abandoned, counts.abandoned + counts.accepted),
        csat=_share(counts.good, counts.ratings),
        ratings=counts.ratings,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
