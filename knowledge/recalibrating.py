"""Calibrating anew when somebody asks for it, and by itself once customers have asked enough that is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import ConflictError
from kit.log import get_logger
from knowledge.index import MOST_CALIBRATED, Real, read_calibration, recalibrate
from knowledge.models import IndexStateRow, PassageRow
from knowledge.real import usable
from knowledge.search import SearchIndex

LOOK_EVERY = timedelta(hours=6)
AGAIN_AFTER = timedelta(days=7)
ENOUGH_NEW = 20

log = get_logger("calibration")


class TooLargeToCalibrateError(ConflictError):
    """There is too much to calibrate on."""


@dataclass(frozen=True)
class Calibrating:
    """When the confidence was calibrated last, and since when somebody waits for it."""

    calibrated_at: datetime | None = None
    asked_at: datetime | None = None


async def find_calibrating(session: AsyncSession) -> Calibrating:
    """How it stands."""
    row = (await session.execute(select(IndexStateRow.calibrated_at, IndexStateRow.calibration_asked_at))).one_or_none()
    return Calibrating(*row) if row is not None else Calibrating()


async def ask_for_calibration(session: AsyncSession, *, clock: Clock = utc_now) -> Calibrating:
    """Has a worker calibrate anew. Raises TooLargeToCalibrateError when that would take minutes, or when there is nothing yet."""
    passages = (await session.execute(select(func.count()).select_from(PassageRow))).scalar_one()
    if not 0 < passages <= MOST_CALIBRATED:
        said = "There are no published articles" if not passages else f"{passages:,} passages are more than the {MOST_CALIBRATED:,}"
        raise TooLargeToCalibrateError(f"{said} that can be calibrated on")
    waits = update(IndexStateRow).where(IndexStateRow.calibration_asked_at.is_(None))
    await session.execute(waits.values(calibration_asked_at=clock()))
    return await find_calibrating(session)


@dataclass
class Recalibrating:
    """The worker's step. `index` is the live one, None while it is loading; `real` brings the questions of customers."""

    database: Database
    index: Callable[[], SearchIndex | None]
    real: Real
    clock: Clock = utc_now
    _looked: datetime | None = field(default=None)

    async def step(self) -> bool:
        """Calibrates when it is due; False when it is not."""
        index = self.index()
        if index is None or not 0 < len(index.entries) <= MOST_CALIBRATED:
            return False
        async with self.database.transaction() as session:
            state = await find_calibrating(session)
            if state.asked_at is None and not await self._due(session, index, state):
                return False
            await session.execute(select(IndexStateRow.id).with_for_update())
            if await find_calibrating(session) != state:
                return False  # another worker did it
            await recalibrate(session, index.embedder, self.real)
        log.info("answers are calibrated anew", asked=state.asked_at is not None)
        return True

    async def _due(self, session: AsyncSession, index: SearchIndex, state: Calibrating) -> bool:
        """Whether enough is new since the last time, a week ago or longer; looked at every few hours."""
        now = self.clock()
        if self._looked is not None and now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        if state.calibrated_at is not None and now - state.calibrated_at < AGAIN_AFTER:
            return False
        known = (await read_calibration(session, index.embedder)).curves.values()
        before = sum(curve.real_answered + curve.real_unanswered for curve in known)
        return abs(len(usable(index, await self.real(session))) - before) >= ENOUGH_NEW
