"""Puts the sources of suggestions together for a worker: articles, macros, and what agents wrote before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from assist.history.source import HistoryDrafts
from assist.joining import JoinedDrafts
from assist.learning.storing import find_live_ranker
from assist.macro_source import MacroDrafts
from assist.ports import HISTORY, KNOWLEDGE, MACRO, DraftSource
from assist.ranking import SHIPPED, Ranker
from assist.wanting import Wanting
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger
from knowledge.ports import Embedder

REFRESH_SECONDS = 2.0

log = get_logger("suggesting")


class Suggestions:
    """The sources of one worker, each refreshed in the background, and the ranking that is live."""

    def __init__(self, database: Database, knowledge: DraftSource, embedder: Callable[[], Embedder]) -> None:
        self.database = database
        self.macros, self.history = MacroDrafts(database, embedder), HistoryDrafts(database, embedder)
        self.ranker: Ranker = SHIPPED
        sources: dict[str, DraftSource] = {KNOWLEDGE: knowledge, MACRO: self.macros, HISTORY: self.history}
        self.embedder = embedder
        self.wanting: Wanting | None = None
        self._learning: asyncio.Task[None] | None = None
        self.joined = JoinedDrafts(sources, embedder, lambda: self.ranker, lambda: self.wanting)
        self._looked = 0.0

    async def refresh(self) -> None:
        """Takes over changed macros, new replies and a newer ranking; looks at most every two seconds."""
        if time.monotonic() - self._looked < REFRESH_SECONDS:
            return
        self._begin_wanting()
        if await self.macros.refresh():
            log.info("macros read")
        await self.history.refresh()
        async with self.database.transaction() as session:
            self.ranker = await find_live_ranker(session, known=self.ranker)
        self._looked = time.monotonic()

    def _begin_wanting(self) -> None:
        """Once for each encoder it is learned, in the background, which turns want an answer; until then all do."""
        embedder = self.embedder()
        learned = self.wanting is not None and self.wanting.encoder == embedder.name
        if not learned and (self._learning is None or self._learning.done()):
            self._learning = asyncio.create_task(self._learn_wanting(embedder))

    async def _learn_wanting(self, embedder: Embedder) -> None:
        try:
            self.wanting = await asyncio.to_thread(Wanting, embedder)
        except BatonError as error:
            log.error("which turns want an answer could not be learned", reason=error.code)
