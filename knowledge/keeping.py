"""The index that a process searches: taken from disk or built, kept up to date, swapped as a whole; the old one serves until then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger
from knowledge.expecting import Expecting
from knowledge.index import encoder_key, find_mark, load_index, needs_refresh, read_calibration, refresh_index
from knowledge.parts import SIZES, Sizes
from knowledge.ports import Embedder, Reranker
from knowledge.reembedding import find_serving, most_used, note_serving
from knowledge.search import SearchIndex
from knowledge.storing import StoredIndexError, read_index, read_mark, save_index

SMALL = 2_000  # passages up to which an index is built anew in the background after every change
MOST_BESIDE, LEAST_BESIDE = 0.05, 500  # the share of changed passages, or their number, beyond which all is built anew

log = get_logger("index")


class LiveIndex:
    """Keeps `index` as new as the database. One task calls `refresh`; any thread may read `index`."""

    def __init__(
        self, database: Database, encoders: Callable[[str], Embedder], *, wanted: str, folder: Path | None = None, small: int = SMALL,
        sizes: Sizes = SIZES,
    ) -> None:  # fmt: skip
        """`encoders` opens one by name; `wanted` serves unless another was adopted; a large index is kept in `folder`.

        `reranker` and `expecting` may be set afterwards, for the indexes that are taken from then on.
        """
        self.reranker: Reranker | None = None
        self.expecting: Expecting | None = None
        self.database, self.wanted = database, wanted
        self.index: SearchIndex | None = None
        self._encoders, self._folder, self._small, self._sizes = encoders, folder, small, sizes
        self._embedder: Embedder | None = None
        self._served = self._complained_of = ""
        self._building: asyncio.Task[SearchIndex] | None = None

    @property
    def embedder(self) -> Embedder:
        """What reads articles and questions now."""
        if self._embedder is None:
            self._embedder = self._encoders(self.wanted)
        return self._embedder

    @property
    def served(self) -> str:
        """The name of the encoder that is served from."""
        return self._served or self.wanted

    async def refresh(self) -> bool:
        """Takes in what has changed, at once where that is little; else a new index is built while the old one serves.

        Returns whether `index` is another now. Raises what the database raises; the old index stays.
        """
        before = self.index
        async with self.database.transaction() as session:
            await self._choose_encoder(session)
            if self.index is None:
                self.index = await self._first(session)
            elif self._building is None or not self._building.done():
                heavy = not await self._take_in(session, self.index)
                if self._building is None and (heavy or self._is_heavy()):
                    self._building = asyncio.create_task(self._build(self.embedder))
            else:
                await self._swap(session, self._building)
        if self.index is not None:
            self.index.reranker, self.index.expecting = self.reranker, self.expecting
        return self.index is not before

    async def finish(self) -> None:
        """Waits until what is being built serves."""
        while self._building is not None:
            await asyncio.wait([self._building])
            await self.refresh()

    async def _choose_encoder(self, session: AsyncSession) -> None:
        name = await find_serving(session)
        if not name and self._embedder is None:
            name = await self._used_before(session)
        name = name or self.wanted
        if self._embedder is not None and name == self.served:
            return
        try:
            self._embedder, self._served = self._encoders(name), name
        except BatonError as error:
            if self._embedder is None and name != self.wanted:
                self._embedder, self._served = self._encoders(self.wanted), self.wanted
            if self._complained_of != name:
                log.error("the encoder cannot be used; the index keeps serving", encoder=name, error=error.message)
            self._complained_of = name

    async def _used_before(self, session: AsyncSession) -> str:
        """The encoder of a base that was embedded before one could be adopted, if it can be opened."""
        key = await most_used(session)
        for name in (key, key.rpartition("@")[0]) if key else ():
            try:
                if encoder_key(self._encoders(name)) == key:
                    await note_serving(session, name)
                    return name
            except BatonError:
                continue
        return ""

    async def _take_in(self, session: AsyncSession, index: SearchIndex) -> bool:
        """Makes the index new if it can be done here and now; returns whether it is."""
        embedder = self.embedder
        same = index.embedder is embedder
        if same and not await needs_refresh(session, index.generation):
            return True
        taken = await refresh_index(session, index) if same else None
        self.index = taken or index
        return taken is not None

    def _is_heavy(self) -> bool:
        """Whether all is to be built anew: little is, after every change, so that nothing lies beside for long."""
        index = self.index
        if index is None or index.parts.base is None:
            return False
        few = len(index.entries) <= self._small
        return few or len(index.parts.then) > max(LEAST_BESIDE, MOST_BESIDE * len(index.entries))

    async def close(self) -> None:
        """Stops building."""
        if self._building is not None:
            self._building.cancel()
            await asyncio.wait([self._building])
            self._building = None

    async def _build(self, embedder: Embedder) -> SearchIndex:
        async with self.database.transaction() as session:
            index = await load_index(session, embedder, sizes=self._sizes)
            await self._save(session, index)
        return index

    async def _swap(self, session: AsyncSession, building: asyncio.Task[SearchIndex]) -> None:
        """Serves what was built, with what has changed since; when it failed, the old one serves on and it is built again."""
        self._building = None
        try:
            built = building.result()
        except (BatonError, SQLAlchemyError, OSError) as error:
            log.error("the index could not be built; the old one keeps serving", error=str(error)[:300])
            return
        self.index = await refresh_index(session, built) or built

    async def _first(self, session: AsyncSession) -> SearchIndex:
        stored = await self._stored(session)
        taken = await refresh_index(session, stored) if stored is not None else None
        if taken is not None:
            return taken
        index = await load_index(session, self.embedder, sizes=self._sizes)
        await self._save(session, index)
        return index

    async def _stored(self, session: AsyncSession) -> SearchIndex | None:
        """The index on disk, if it is sound and of this very database."""
        if self._folder is None:
            return None
        try:
            mark = read_mark(self._folder)
            if await find_mark(session, self.embedder, mark.generation) != mark:
                raise StoredIndexError("The index on disk is of another database, encoder or time.")
            calibration = await read_calibration(session, self.embedder)
            return await asyncio.to_thread(read_index, self._folder, self.embedder, calibration)
        except StoredIndexError as error:
            if self._folder.exists():
                log.warning("the index is built anew", why=error.message)
            return None

    async def _save(self, session: AsyncSession, index: SearchIndex) -> None:
        """A large index is written down; a full disk costs only the quick start."""
        mark = await find_mark(session, index.embedder, index.generation)
        if self._folder is None or mark is None:
            return
        try:
            await asyncio.to_thread(save_index, index, mark, self._folder)
        except OSError as error:
            log.warning("the index could not be kept on disk", error=str(error)[:300])
