"""What a worker thinks with: the understander, the bot and the search index, each swapped as a whole when a newer one appears."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.models import NoModelError, current_model
from app.project import open_project
from app.readers import DatabaseOrders, IndexDrafts, IndexKnowledge
from app.settings import Settings
from bot.baton_engine import BatonEngine
from bot.engine import Reply, Turn
from context.types import Understanding
from kit.db import Database
from kit.errors import BatonError, UnavailableError
from kit.log import get_logger
from knowledge.index import load_index, needs_refresh
from knowledge.ports import Embedder
from knowledge.search import SearchIndex
from nlu.encoders import get_encoder
from nlu.understander import Understander

WATCH_SECONDS = 0.5

log = get_logger("brain")


class NotReadyError(UnavailableError):
    """The model is not loaded yet."""


class Brain:
    """Holds the parts in use. A newer model or index that cannot be loaded is logged, and the old one keeps serving."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.embedder: Embedder = get_encoder("use-multilingual", settings.encoder_dir)
        self.understander: Understander | None = None
        self.engine: BatonEngine | None = None
        self.index: SearchIndex | None = None
        self.model_name: str | None = None
        self._refused: Path | None = None
        self.knowledge = IndexKnowledge(lambda: self.index)
        self.drafts = IndexDrafts(lambda: self.index)
        self.orders = DatabaseOrders(database)

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        """Understands with the live model. Raises NotReadyError before there is one."""
        if self.understander is None:
            raise NotReadyError
        return self.understander.understand(text, language=language, previous_language=previous_language, expected=expected)

    async def respond(self, turn: Turn) -> Reply:
        """Replies with the live bot. Raises NotReadyError before there is one."""
        if self.engine is None:
            raise NotReadyError
        return await self.engine.respond(turn)

    def state(self) -> dict[str, object]:
        """For the sign of life: the live model and the generation of the index."""
        return {"model": self.model_name, "index": self.index.generation if self.index else None}

    async def watch(self) -> None:
        """Looks for a newer model or index every half second, until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(WATCH_SECONDS)

    async def refresh(self) -> None:
        """Takes over a newer model or index, if there is one."""
        try:
            await self._refresh_model()
            await self._refresh_index()
        except (BatonError, SQLAlchemyError, OSError) as error:
            log.error("the newer model or index was refused; the old one keeps serving", error=str(error)[:300])

    async def _refresh_model(self) -> None:
        try:
            folder = current_model(self.settings.models_dir)
        except NoModelError:
            return
        if folder.name == self.model_name or folder == self._refused:
            return
        try:
            understander, engine = await asyncio.to_thread(self._load, folder)
        except BatonError:
            self._refused = folder
            raise
        self.understander, self.engine, self.model_name = understander, engine, folder.name
        log.info("model loaded", model=folder.name)

    def _load(self, folder: Path) -> tuple[Understander, BatonEngine]:
        understander = Understander.load(folder / "nlu", encoder_cache=self.settings.encoder_dir)
        understander.warm_up()
        project = open_project(folder / "project")
        return understander, BatonEngine(project, orders=self.orders, knowledge=self.knowledge)

    async def _refresh_index(self) -> None:
        async with self.database.transaction() as session:
            if self.index is not None and not await needs_refresh(session, self.index.generation):
                return
            self.index = await load_index(session, self.embedder)
        log.info("index loaded", generation=self.index.generation)
