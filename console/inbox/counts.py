"""The numbers beside the lists, for many open pages at once: read once for all of them, and at most a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from desk.counting import Counts, read_counts
from kit.clock import utc_now
from kit.db import Database
from kit.log import get_logger

EVERY_SECONDS = 0.4

log = get_logger("console")


class CountBoard:
    """Tells every open page the numbers when they may have changed."""

    def __init__(self, database: Database, *, every: float = EVERY_SECONDS) -> None:
        self.database, self.every = database, every
        self._pages: set[Callable[[Counts], None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._stale = False

    @contextmanager
    def shown_by(self, page: Callable[[Counts], None]) -> Iterator[None]:
        """While this lasts, the page is told."""
        self._pages.add(page)
        try:
            yield
        finally:
            self._pages.discard(page)

    def changed(self) -> None:
        """The numbers may have changed: they are read soon, also when that is said while they are being read."""
        self._stale = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while self._stale and self._pages:
            await asyncio.sleep(self.every)
            self._stale = False
            try:
                async with self.database.transaction() as session:
                    counts = await read_counts(session, now=utc_now())
            except (SQLAlchemyError, OSError) as error:
                log.warning("counts were not read", reason=type(error).__name__)
                continue
            for page in list(self._pages):
                page(counts)
