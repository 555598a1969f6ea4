"""Whose widget is open: noted for all of them together, so that many open ones do not each write."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from context.models import VisitorSessionRow
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger

EVERY_SECONDS = 20.0

log = get_logger("widget")


@dataclass
class Presence:
    """The visitors who follow their chat at this process. `note` writes it down; `run` does so until cancelled."""

    database: Database
    clock: Clock = utc_now
    _open: Counter[str] = field(default_factory=Counter)
    _left: set[str] = field(default_factory=set)

    @contextmanager
    def here(self, visitor: str) -> Iterator[None]:
        """While a stream of the visitor is open."""
        self._open[visitor] += 1
        try:
            yield
        finally:
            self._open[visitor] -= 1
            if self._open[visitor] <= 0:
                del self._open[visitor]
                self._left.add(visitor)

    async def note(self) -> None:
        """Writes down who is here, and who was since the last time."""
        left, self._left = self._left, set()
        who = [*self._open.keys() | left]
        if not who:
            return
        try:
            async with self.database.transaction() as session:
                await session.execute(update(VisitorSessionRow).where(VisitorSessionRow.visitor.in_(who)).values(seen_at=self.clock()))
        except (DBAPIError, OSError):
            self._left |= left
            raise

    async def run(self) -> None:
        """Notes it every few seconds; a database that is away is tried again."""
        while True:
            try:
                await self.note()
            except (DBAPIError, OSError) as error:
                log.warning("presence could not be noted", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
