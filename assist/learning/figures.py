"""How suggestions do: by source, by article or macro or reply, by agent, over any span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.models import SuggestionRow

MOST = 500
_SEEN = ("shown", "accepted", "edited", "dismissed")


class By(StrEnum):
    """What figures are told apart by."""

    SOURCE = "source"
    ORIGIN = "origin"
    AGENT = "agent"


@dataclass(frozen=True)
class Use:
    """What became of suggestions of one kind. `used` is the share of the shown that was sent, `changed` the mean share that was edited."""

    key: str
    source: str
    shown: int
    accepted: int
    edited: int
    dismissed: int
    changed: float

    @property
    def used(self) -> float:
        """0 to 1."""
        return (self.accepted + self.edited) / self.shown if self.shown else 0.0


async def suggestion_use(session: AsyncSession, *, by: By, since: datetime, until: datetime) -> list[Use]:
    """Suggestions that were shown in the span, most shown first. `by` origin: articles, macros and learned replies, with their source."""
    one = SuggestionRow
    key: Any = {By.SOURCE: one.source, By.ORIGIN: one.origin, By.AGENT: one.staff_id}[by]
    source: Any = one.source if by != By.AGENT else func.min("")
    changed = func.avg(func.least(1.0, cast(one.distance, Float) / func.greatest(1, func.length(one.text)))).filter(one.state == "edited")
    counts = [func.count().filter(one.state == state) for state in ("accepted", "edited", "dismissed")]
    query = select(key, source, func.count(), *counts, func.coalesce(changed, 0.0)).where(
        one.state.in_(_SEEN), one.shown_at >= since, one.shown_at < until
    )
    query = query.group_by(key, *([one.source] if by == By.ORIGIN else [])).order_by(func.count().desc()).limit(MOST)
    rows = (await session.execute(query)).all()
    return [
        Use(str(key or ""), str(of), shown, accepted, edited, dismissed, round(float(share), 4))
        for key, of, shown, accepted, edited, dismissed, share in rows
    ]
