"""Puts the sources of suggestions together for a worker: articles, macros, and what agents wrote before."""

from __future__ import annotations

import time
from collections.abc import Callable

from assist.history.source import HistoryDrafts
from assist.joining import JoinedDrafts
from assist.learning.storing import find_live_ranker
from assist.macro_source import MacroDrafts
from assist.ports import HISTORY, KNOWLEDGE, MACRO, DraftSource
from assist.ranking import SHIPPED, Ranker
from kit.db import Database
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
        self.joined = JoinedDrafts(sources, embedder, lambda: self.ranker)
        self._looked = 0.0

    async def refresh(self) -> None:
        """Takes over changed macros, new replies and a newer ranking; looks at most every two seconds."""
        if time.monotonic() - self._looked < REFRESH_SECONDS:
            return
        if await self.macros.refresh():
            log.info("macros read")
        await self.history.refresh()
        async with self.database.transaction() as session:
            self.ranker = await find_live_ranker(session, known=self.ranker)
        self._looked = time.monotonic()
