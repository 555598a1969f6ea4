"""What a worker thinks with: the understander, the bot and the search index, each swapped as a whole when a newer one appears."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.dialogue import open_engine
from app.entity_settings import read_entity_settings
from app.expecting import Understood
from app.models import LocalModels
from app.order_settings import build_source
from app.rasa import RasaHouse
from app.readers import DatabaseOrders, DatabaseShop, IndexDrafts, IndexKnowledge
from app.search_encoder import open_reranker, open_search_encoder
from app.settings import Settings
from app.suggesting import Suggestions
from bot.baton_engine import BatonEngine
from bot.engine import Reply, Turn
from bot.rasa.engine import RasaEngine
from context.ledger import SYSTEM, Ledger
from context.orders.mirror import OrderMirror
from context.teaching_events import ModelRefused
from context.types import Understanding
from insights.registry import Active, find_active, find_candidates
from kit.db import Database
from kit.errors import BatonError, UnavailableError
from kit.log import get_logger
from knowledge.expiry import notice_expired
from knowledge.generator.writing import Writer
from knowledge.keeping import LiveIndex
from knowledge.ports import Embedder
from knowledge.reembedding import Reembedding
from knowledge.search import SearchIndex
from nlu.understander import Understander

WATCH_SECONDS = 0.5
RETRY_SECONDS = 30.0

log = get_logger("brain")


class NotReadyError(UnavailableError):
    """The model is not loaded yet."""


@dataclass(frozen=True)
class Refused:
    """A live model that this node could not take over, and when it may be tried again."""

    activation: int
    model_id: str
    why: str
    again_at: float


class Brain:
    """Holds the parts in use. A newer model or index that cannot be loaded is logged, and the old one keeps serving."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        models: LocalModels,
        ledger: Ledger,
        rasa: RasaHouse | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.settings, self.database, self.models, self.ledger, self.rasa = settings, database, models, ledger, rasa
        self.live = LiveIndex(database, self.open_encoder, wanted=settings.encoder_search, folder=settings.data_dir / "index")
        self.live.reranker = open_reranker(settings)
        self.expecting = Understood(lambda: self.understander, lambda: self.index, file=settings.data_dir / "index" / "expected.json")
        self.live.expecting = self.expecting
        self.reembedding = Reembedding(database, self.open_encoder, wanted=settings.encoder_search)
        self.understander: Understander | None = None
        self.engine: BatonEngine | RasaEngine | None = None
        self.model_name: str | None = None
        self._activation: int | None = None
        self._refused: Refused | None = None
        self.knowledge = IndexKnowledge(lambda: self.index, writer)
        self.suggestions = Suggestions(database, IndexDrafts(lambda: self.index, writer), lambda: self.reader)
        self.drafts = self.suggestions.joined
        source = build_source(settings.orders)
        self.mirror = OrderMirror(database, source) if source is not None else None
        self.orders = DatabaseOrders(database, self.mirror)
        self.shop = DatabaseShop(database)

    @property
    def index(self) -> SearchIndex | None:
        """The index in use."""
        return self.live.index

    @property
    def embedder(self) -> Embedder:
        """What reads articles and questions now."""
        return self.live.embedder

    @property
    def reader(self) -> Embedder:
        """What reads questions for the index in use."""
        return self.index.embedder if self.index is not None else self.embedder

    def open_encoder(self, name: str) -> Embedder:
        """The encoder of that name. Raises EncoderError."""
        return open_search_encoder(name, self.settings.encoder_dir)

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
        """For the sign of life: the live model, the generation of the index, and the model that was refused, if one was."""
        refused = {"model": self._refused.model_id, "why": self._refused.why} if self._refused else None
        state: dict[str, object] = {"model": self.model_name, "index": self.index.generation if self.index else None, "refused": refused}
        state["encoder"] = {"serving": self.live.served} | self.reembedding.state()
        return state | ({"rasa": self.rasa.state()} if self.rasa is not None else {})

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
            self.expecting.refresh()
            await self.suggestions.refresh()
        except (BatonError, SQLAlchemyError, OSError) as error:
            log.error("model or index could not be looked for; the old ones keep serving", error=str(error)[:300])

    async def _refresh_model(self) -> None:
        async with self.database.transaction() as session:
            live = await find_active(session)
        if live is None or live.activation == self._activation or self._is_refused(live):
            return
        trouble = None if live.model.id == self.model_name else await self._take_over(live)
        if trouble is None:
            self._activation, self._refused = live.activation, None
            return
        await self._refuse(live, trouble)
        if self.understander is None:
            await self._take_an_earlier_one()

    def _is_refused(self, live: Active) -> bool:
        refused = self._refused
        return refused is not None and refused.activation == live.activation and time.monotonic() < refused.again_at

    async def _take_an_earlier_one(self) -> None:
        """A node that has just started and cannot use the live model serves with the one before it."""
        async with self.database.transaction() as session:
            earlier = (await find_candidates(session))[1:]
        for one in earlier:
            if await self._take_over(one) is None:
                return

    async def _take_over(self, one: Active) -> str | None:
        """Fetches and loads a model beside the old one, then swaps it in; returns what is wrong with it when that does not work."""
        try:
            folder = await asyncio.to_thread(self.models.ensure, one.model)
            understander = await asyncio.to_thread(self._load, folder)
            engine = await self._engine(folder / "project")
            await asyncio.to_thread(self.models.note_current, one.model.id)
        except Exception as error:  # whatever a foreign or damaged model breaks with, the old one goes on
            return f"{type(error).__name__}: {error}"[:300]
        self.understander, self.engine, self.model_name = understander, engine, one.model.id
        log.info("model loaded", model=one.model.id)
        await asyncio.to_thread(self.models.tidy)
        return None

    async def _refuse(self, one: Active, why: str) -> None:
        known = self._refused is not None and self._refused.activation == one.activation
        self._refused = Refused(one.activation, one.model.id, why, time.monotonic() + RETRY_SECONDS)
        if known:
            return
        log.error("the newer model was refused; the old one keeps serving", model=one.model.id, old=self.model_name, error=why)
        async with self.database.transaction() as session:
            await self.ledger.append(session, ModelRefused(model_id=one.model.id, node=socket.gethostname(), why=why), actor=SYSTEM)

    async def _engine(self, project: Path) -> BatonEngine | RasaEngine:
        """The engine of the settings for a project."""
        if self.rasa is not None:
            return await self.rasa.engine_for(project, orders=self.orders, knowledge=self.knowledge, shop=self.shop)
        return await asyncio.to_thread(open_engine, project.parent, orders=self.orders, knowledge=self.knowledge, shop=self.shop)

    def _load(self, folder: Path) -> Understander:
        understander = Understander.load(folder / "nlu", encoder_cache=self.settings.encoder_dir, settings=read_entity_settings())
        understander.warm_up()
        return understander

    async def _refresh_index(self) -> None:
        async with self.database.transaction() as session:
            await notice_expired(session)
        if await self.live.refresh() and self.index is not None:
            log.info("index loaded", generation=self.index.generation)
