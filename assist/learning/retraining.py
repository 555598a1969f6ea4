"""The step that learns anew: once enough was settled since the last time, and live only when it foretells what came later better."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from assist.learning.fitting import first_used, fit_ranker, log_loss
from assist.learning.outcomes import SETTLED, Outcome, read_outcomes
from assist.learning.storing import activate_ranker, find_live_ranker, store_ranker
from assist.models import RankerRow, SuggestionRow
from assist.ranking import Ranker
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

WINDOW = timedelta(days=180)
ENOUGH, AGENTS = 200, 2
NEW = 100  # settled since the last version
LATER = 0.25  # the share, the newest, that a new version must foretell without having seen it
_LOCK = "assist ranker"

log = get_logger("assist")


@dataclass(frozen=True)
class Judged:
    """A new ranker with its figures on what came later; `better`: it may be made live."""

    ranker: Ranker
    figures: dict[str, Any]
    better: bool


@dataclass(frozen=True)
class Retrainer:
    """Looks whether there is enough that is new, and learns from it."""

    database: Database
    clock: Clock = utc_now

    async def step(self) -> bool:
        """Learns when it is time; returns False, as there is never more to do at once."""
        async with self.database.transaction() as session:
            if await _new_since_last(session) < NEW:
                return False
            outcomes = await read_outcomes(session, since=self.clock() - WINDOW)
            live = await find_live_ranker(session)
        if len(outcomes) < ENOUGH or len({one.staff_id for one in outcomes}) < AGENTS:
            return False
        judged = await asyncio.to_thread(judge, outcomes, live)
        async with self.database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": _LOCK})
            if await _new_since_last(session) < NEW:  # another worker was quicker
                return False
            version = await store_ranker(session, judged.ranker, figures=judged.figures, at=self.clock())
            if judged.better:
                await activate_ranker(session, version, at=self.clock())
        log.info("suggestions are ranked anew" if judged.better else "a new ranking was no better", version=version, **judged.figures)
        return False


def judge(outcomes: Sequence[Outcome], live: Ranker) -> Judged:
    """Learns from the earlier outcomes, compares on the later ones with what is live, then learns from all."""
    cut = int(len(outcomes) * (1 - LATER))
    earlier, later = outcomes[:cut], outcomes[cut:]
    tried = fit_ranker(earlier)
    before, after = log_loss(live, later), log_loss(tried, later)
    used_before, used_after = first_used(live, later), first_used(tried, later)
    figures = {
        "outcomes": len(outcomes),
        "agents": len({one.staff_id for one in outcomes}),
        "later": len(later),
        "log_loss_before": round(before, 4),
        "log_loss_after": round(after, 4),
        "hit1_before": round(used_before["hit1"], 4),
        "hit1_after": round(used_after["hit1"], 4),
    }
    return Judged(fit_ranker(outcomes), figures, after < before and used_after["hit1"] >= used_before["hit1"] - 0.01)


async def _new_since_last(session: AsyncSession) -> int:
    last = select(func.max(RankerRow.made_at)).scalar_subquery()
    query = select(func.count()).select_from(SuggestionRow).where(SuggestionRow.state.in_(SETTLED))
    return (await session.execute(query.where(SuggestionRow.settled_at > func.coalesce(last, text("'-infinity'"))))).scalar_one()
