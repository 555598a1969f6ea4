"""Another encoder: it reads all articles in the background, a few at a time, while the index is served from the old one.

Each few are committed by themselves, so that after a kill it goes on where it was. When nothing is missing, the new encoder is adopted in
one transaction, and every node builds its index from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger
from knowledge.calibration import SHIPPED, Calibration
from knowledge.generation import raise_generation
from knowledge.index import MOST_CALIBRATED, embed_articles, encoder_key, recalibrate
from knowledge.models import EmbeddingRow, IndexStateRow, PassageRow, VersionRow
from knowledge.ports import Embedder

ARTICLES = 10  # read in one transaction
LOOK_SECONDS = 20.0
_LOCK = 5_220_005

log = get_logger("index")


@dataclass(frozen=True)
class Progress:
    """Of how many published passages there are vectors of an encoder."""

    done: int
    total: int


async def find_serving(session: AsyncSession) -> str:
    """The name of the encoder that was adopted; empty when none was."""
    return (await session.execute(select(IndexStateRow.encoder))).scalar() or ""


async def note_serving(session: AsyncSession, name: str) -> None:
    """Says of a base that was embedded before encoders could be changed which one it is served from."""
    await session.execute(update(IndexStateRow).where(IndexStateRow.encoder == "").values(encoder=name))


async def most_used(session: AsyncSession) -> str | None:
    """The key (`encoder_key`) of the encoder that has embedded most passages, if any has."""
    query = select(EmbeddingRow.encoder).group_by(EmbeddingRow.encoder).order_by(func.count().desc(), EmbeddingRow.encoder).limit(1)
    return (await session.execute(query)).scalar()


async def served_calibration(session: AsyncSession) -> Calibration:
    """How sure answers are with the encoder that serves, and what that lets expect; the shipped one before the first calibration."""
    row = (await session.execute(select(IndexStateRow.encoder, IndexStateRow.calibrations))).one_or_none()
    if row is None:
        return SHIPPED
    name = row.encoder or (await most_used(session) or "").rpartition("@")[0]
    found = next((known for key, known in sorted(row.calibrations.items(), reverse=True) if key.rpartition("@")[0] == name), None)
    return SHIPPED if found is None else Calibration.from_json(found)


async def progress_of(session: AsyncSession, embedder: Embedder) -> Progress:
    """How far an encoder is."""
    total = (await session.execute(select(func.count()).select_from(PassageRow))).scalar_one()
    mine = select(func.count()).select_from(EmbeddingRow).where(EmbeddingRow.encoder == encoder_key(embedder))
    return Progress((await session.execute(mine)).scalar_one(), total)


async def embed_next(session: AsyncSession, embedder: Embedder, *, after: str, count: int = ARTICLES) -> str | None:
    """Embeds what is missing or stale of the next published articles by id; returns the last of them, None after all.

    Only one node at a time does this: where another does, nothing is done and `after` is returned.
    """
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(_LOCK)))).scalar_one():
        return after
    query = select(VersionRow.article_id).where(VersionRow.status == "published", VersionRow.article_id > after).distinct()
    articles = list((await session.execute(query.order_by(VersionRow.article_id).limit(count))).scalars())
    if not articles:
        return None
    await embed_articles(session, embedder, articles)
    return articles[-1]


async def adopt(session: AsyncSession, embedder: Embedder, name: str) -> bool:
    """Serves from this encoder from now on; returns False, and changes nothing, while passages are missing."""
    await session.execute(text("SELECT id FROM knowledge_index FOR UPDATE"))
    progress = await progress_of(session, embedder)
    if progress.done < progress.total:
        return False
    await raise_generation(session)
    await session.execute(update(IndexStateRow).values(encoder=name))
    if 0 < progress.total <= MOST_CALIBRATED:
        await recalibrate(session, embedder)
    return True


class Reembedding:
    """Brings the base to the wanted encoder. `state` says how far it is, and what is in the way."""

    def __init__(self, database: Database, embedder_of: Callable[[str], Embedder], *, wanted: str) -> None:
        """`embedder_of` opens an encoder by name; it raises BatonError when there is none, as encoding may do later."""
        self.database, self.wanted = database, wanted
        self._open = embedder_of
        self._progress: Progress | None = None
        self._trouble: str | None = None

    def state(self) -> dict[str, object]:
        """For the sign of life."""
        state: dict[str, object] = {"wanted": self.wanted, "trouble": self._trouble}
        return state | ({"done": self._progress.done, "total": self._progress.total} if self._progress else {})

    async def run(self) -> None:
        """Looks every 20 s whether there is something to embed, until cancelled."""
        while True:
            try:
                await self.step()
                self._trouble = None
            except (BatonError, SQLAlchemyError, OSError) as error:
                self._complain(error)
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> bool:
        """Embeds all that is missing and adopts the encoder; returns whether it did. Raises what the encoder or the database raises."""
        embedder: Embedder = self._open(self.wanted)
        async with self.database.transaction() as session:
            serving, progress = await find_serving(session), await progress_of(session, embedder)
        self._progress = progress
        if progress.done >= progress.total and serving in ("", self.wanted):
            return False
        log.info("articles are read by another encoder", encoder=self.wanted, done=progress.done, total=progress.total)
        after: str | None = ""
        while after is not None:
            before = after
            async with self.database.transaction() as session:
                after = await embed_next(session, embedder, after=before)
                self._progress = await progress_of(session, embedder)
            if after == before:
                return False  # another node does it
        async with self.database.transaction() as session:
            adopted = await adopt(session, embedder, self.wanted)
        log.info("the index is served from another encoder" if adopted else "more was published meanwhile", encoder=self.wanted)
        return adopted

    def _complain(self, error: Exception) -> None:
        trouble = f"{type(error).__name__}: {error}"[:300]
        if trouble != self._trouble:
            log.error("the wanted encoder cannot be used; the old index keeps serving", encoder=self.wanted, error=trouble)
        self._trouble = trouble
