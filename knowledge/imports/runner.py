"""Works on a run from where it stands: reads, compares, and when it may, stores. Whoever is killed at it leaves it to the next."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import BlobStore
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import BatonError, ConflictError
from kit.log import get_logger
from knowledge.imports.applying import Announce, Storing, apply_all
from knowledge.imports.comparing import Guess, compare_all
from knowledge.imports.reading import Reader, forget_files, read_all
from knowledge.imports.runs import count_items, fail, get_run, lock_run, renew, take
from knowledge.imports.sources import get_source, read_upload
from knowledge.imports.types import Run, Source
from knowledge.sources.apart import Apart
from knowledge.sources.fetching import Fetcher, check_address
from knowledge.sources.types import LIMITS, UnreadableError

RENEW_SECONDS = 5.0
Tell = Callable[[str, int, int], None]  # what is being done (reading, comparing, storing), how many are done, of how many

log = get_logger("import")


class RunTakenError(ConflictError):
    """Another process works on this import, or it was dropped."""


@dataclass
class Importer:
    """One worker. `owner` names it; `authorization` is sent to the host of the source, and never stored. Attachments go to `blobs`."""

    database: Database
    blobs: BlobStore
    owner: str
    announce: Announce
    guess: Guess
    show: Tell = lambda *_: None
    authorization: str = ""
    clock: Clock = utc_now
    apart: Callable[[], Apart] = Apart
    _run_id: UUID | None = None

    def tell(self, what: str, done: int, total: int) -> None:
        """See `Runner.tell`."""
        self.show(what, done, total)

    async def check(self, session: AsyncSession) -> None:
        """See `Runner.check`."""
        assert self._run_id is not None
        if not await renew(session, self._run_id, owner=self.owner, clock=self.clock):
            raise RunTakenError

    async def work(self, run_id: UUID) -> Run:
        """Brings a run to where it waits for approval, or to its end: `failed`, when the source cannot be read. Raises RunTakenError."""
        async with self.database.transaction() as session:
            run = await take(session, run_id, owner=self.owner, clock=self.clock)
            if run is None:
                raise RunTakenError
            source = await get_source(session, run.source_id)
        self._run_id = run_id
        async with self._alive():
            try:
                await self._steps(run, source)
            except UnreadableError as error:
                await self._fail(". ".join(part for part in (error.message, error.hint) if part))
        async with self.database.transaction() as session:
            return await get_run(session, run_id)

    async def _steps(self, run: Run, source: Source) -> None:
        if run.state in {"asked", "reading"}:
            async with self._reader(source) as reader:
                most = source.options.pages if source.kind == "site" else LIMITS.entries
                await read_all(self.database, run.id, reader, self, most=most)
            if not await self._compare(run.id, source):
                return
        storing = Storing(self.blobs, source, run.by.id, self.announce)
        await apply_all(self.database, run.id, storing, self)
        async with self.database.transaction() as session:
            await self.check(session)
            row = await lock_run(session, run.id)
            row.counts = await count_items(session, run.id)
            row.state, row.owner, row.ended_at = "done", None, self.clock()
            await forget_files(session, run.id)

    async def _compare(self, run_id: UUID, source: Source) -> bool:
        """Whether the run may go on to store: when nobody wants to be asked, or nothing has changed."""
        self.tell("comparing", 0, 1)
        async with self.database.transaction() as session:
            await self.check(session)
            row = await lock_run(session, run_id)
            await compare_all(session, row, source, guess=self.guess)
            row.counts = await count_items(session, run_id)
            nothing = not any(row.counts.get(state) for state in ("new", "changed", "conflict"))
            goes_on = row.unasked or nothing
            row.state = "approved" if goes_on else "ready"
            row.owner = row.owner if goes_on else None
        self.tell("comparing", 1, 1)
        return goes_on

    @asynccontextmanager
    async def _reader(self, source: Source) -> AsyncIterator[Reader]:
        async with self.apart() as apart:
            if source.kind == "files":
                from knowledge.sources.files import Files

                yield Files(Path(source.location), source.options, apart)
            elif source.kind == "upload":
                from knowledge.sources.files import Upload

                async with self.database.transaction() as session:
                    data = await read_upload(session, source.id)
                yield Upload(source.location, data, source.options, apart)
            else:
                async with self._network_reader(source, apart) as reader:
                    yield reader

    @asynccontextmanager
    async def _network_reader(self, source: Source, apart: Apart) -> AsyncIterator[Reader]:
        from knowledge.sources.site import Site
        from knowledge.sources.zendesk_live import ZendeskLive

        home, options = check_address(source.location)[0], source.options
        async with Fetcher(delay=options.delay, private=options.private, home=home, authorization=self.authorization) as fetcher:
            reader = ZendeskLive if source.kind == "zendesk" else Site
            yield reader(source.location, options, fetcher, apart)

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[None]:
        """Gives signs of life while a single place takes long."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with contextlib.suppress(SQLAlchemyError, OSError, BatonError):
                    async with self.database.transaction() as session:
                        await self.check(session)

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _fail(self, reason: str) -> None:
        assert self._run_id is not None
        log.info("an import failed", run=str(self._run_id))
        async with self.database.transaction() as session:
            await fail(session, self._run_id, error=reason, clock=self.clock)
