"""Reading a source, place by place. After each place all is committed, so that a run that is killed goes on with the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.errors import InvalidInputError
from knowledge.imports.models import ImportFileRow, ImportRow, ItemRow, PlaceRow
from knowledge.sources.fetching import SiteExhaustedError
from knowledge.sources.types import LIMITS, FileBytes, Place, Reading, SourceItem, skip

LIMIT = "limit"  # the key under which it is said that a source was not read to its end
FILES_LIMIT = "files"  # the key under which it is said that not all pictures and attachments were kept
KEPT_BODY = 1_000_000
LONGEST_KEY = 2_000  # bytes: longer ones do not fit into an index


class Reader(Protocol):
    """A source that can be read in steps."""

    async def start(self) -> tuple[Place, ...]:
        """Where to begin. Raises UnreadableError when the source cannot be read at all."""

    async def read(self, place: Place) -> Reading:
        """What a place holds, and where to go on."""


class Runner(Protocol):
    """Whoever works on a run."""

    async def check(self, session: AsyncSession) -> None:
        """Raises when the run was taken away or dropped."""

    def tell(self, what: str, done: int, total: int) -> None:
        """Shows how far it is."""


async def read_all(database: Database, run_id: UUID, reader: Reader, runner: Runner, *, most: int) -> None:
    """Reads every place that has not been read yet, at most `most` in all. Raises InvalidInputError when the source cannot be read."""
    places = await reader.start()
    async with database.transaction() as session:
        await runner.check(session)
        await _store_places(session, run_id, places, most)
        await session.execute(update(ImportRow).where(ImportRow.id == run_id).values(state="reading"))
    while True:
        async with database.transaction() as session:
            place, done, total = await _next(session, run_id)
        runner.tell("reading", done, total)
        if place is None:
            return
        try:
            reading = await reader.read(place)
        except SiteExhaustedError as error:
            reading = await _stop(database, run_id, place, error.message)
        except InvalidInputError as error:
            if total == 1:
                raise
            reading = skip(place.key, " ".join(f"{part.rstrip('.')}." for part in (error.message, error.hint) if part))
        async with database.transaction() as session:
            await runner.check(session)
            await _store(session, run_id, place, reading)
            await _store_places(session, run_id, reading.places, most)


async def _next(session: AsyncSession, run_id: UUID) -> tuple[Place | None, int, int]:
    counted = select(func.count(), func.count().filter(PlaceRow.done)).where(PlaceRow.import_id == run_id)
    total, done = (await session.execute(counted)).one()
    await session.execute(update(ImportRow).where(ImportRow.id == run_id).values(done=done, total=total))
    query = select(PlaceRow.key, PlaceRow.depth).where(PlaceRow.import_id == run_id, ~PlaceRow.done)
    found = (await session.execute(query.order_by(PlaceRow.number).limit(1))).first()
    return (Place(found.key, found.depth) if found else None), done, total


async def _store_places(session: AsyncSession, run_id: UUID, places: Sequence[Place], most: int) -> None:
    """New places, as long as there is room; that there was none is said once."""
    if not places:
        return
    fresh = list(
        {place.key: place for place in places if len(place.key.encode(errors="replace")) < LONGEST_KEY and "\0" not in place.key}.values()
    )
    known = set((await session.execute(select(PlaceRow.key).where(PlaceRow.import_id == run_id))).scalars())
    fresh = [place for place in fresh if place.key not in known]
    room = max(most - len(known), 0)
    if fresh[:room]:
        rows = [{"import_id": run_id, "key": place.key, "depth": place.depth, "done": False} for place in fresh[:room]]
        await session.execute(insert(PlaceRow).on_conflict_do_nothing(index_elements=["import_id", "key"]), rows)
    if len(fresh) > room:
        await _note_limit(session, run_id, f"More pages were found than the {most:,} that are read at most; the rest was left out")


async def _note_limit(session: AsyncSession, run_id: UUID, reason: str) -> None:
    said = select(ItemRow.number).where(ItemRow.import_id == run_id, ItemRow.key == LIMIT)
    if (await session.execute(said)).first() is None:
        session.add(ItemRow(import_id=run_id, key=LIMIT, state="skipped", reason=reason))
        await session.flush()


async def _stop(database: Database, run_id: UUID, place: Place, reason: str) -> Reading:
    """Nothing more is read; what was read stays."""
    async with database.transaction() as session:
        await session.execute(delete(PlaceRow).where(PlaceRow.import_id == run_id, ~PlaceRow.done, PlaceRow.key != place.key))
        await _note_limit(session, run_id, f"{reason}; the rest was left out")
    return Reading()


async def _store(session: AsyncSession, run_id: UUID, place: Place, reading: Reading) -> None:
    here = (PlaceRow.import_id == run_id, PlaceRow.key == place.key)
    await session.execute(update(PlaceRow).where(*here).values(done=True))
    keys = [item.key for item in reading.items]
    found = select(ItemRow.key).where(ItemRow.import_id == run_id, ItemRow.state == "read", ItemRow.key.in_(keys))
    known = set((await session.execute(found)).scalars()) if keys else set()
    for item in reading.items:
        if len(item.key.encode(errors="replace")) >= LONGEST_KEY:
            session.add(ItemRow(import_id=run_id, key=_clean(item.key[:200]), state="skipped", reason="Its address is too long"))
        elif item.key in known:
            reason = "It is the same page as one that was read" if place.key != item.key else "It was read already"
            session.add(ItemRow(import_id=run_id, key=place.key, state="skipped", reason=reason))
        else:
            known.add(item.key)
            session.add(_row(run_id, item))
    session.add_all(ItemRow(import_id=run_id, key=_clean(one.key), state="skipped", reason=_clean(one.reason)) for one in reading.skipped)
    await session.flush()
    await _store_files(session, run_id, reading.files)


async def _store_files(session: AsyncSession, run_id: UUID, files: Sequence[FileBytes]) -> None:
    """Keeps bytes until they are with their articles, as long as there is room; that there was none is said once."""
    if not files:
        return
    kept = select(func.coalesce(func.sum(ImportFileRow.size), 0)).where(ImportFileRow.import_id == run_id)
    room = LIMITS.files_bytes - (await session.execute(kept)).scalar_one()
    for file in files:
        if len(file.data) > room:
            reason = f"More than {LIMITS.files_bytes:,} bytes of pictures and attachments were found; the rest was left out"
            if (await session.execute(select(ItemRow.number).where(ItemRow.import_id == run_id, ItemRow.reason == reason))).first() is None:
                session.add(ItemRow(import_id=run_id, key=FILES_LIMIT, state="skipped", reason=reason))
            return
        room -= len(file.data)
        values = {"import_id": run_id, "digest": file.digest, "name": file.name, "size": len(file.data), "data": file.data}
        await session.execute(insert(ImportFileRow).values(values).on_conflict_do_nothing())


async def forget_files(session: AsyncSession, run_id: UUID) -> None:
    """Lets go of the bytes that a run kept."""
    await session.execute(delete(ImportFileRow).where(ImportFileRow.import_id == run_id))


def _row(run_id: UUID, item: SourceItem) -> ItemRow:
    data = _cleaned(asdict(item))
    if len(item.body) > KEPT_BODY:
        data["body"] = data["body"][:KEPT_BODY]  # longer than any article; it will be refused with its length
    return ItemRow(import_id=run_id, key=_clean(item.key), state="read", title=data["title"][:300], data=data, notes=list(data["notes"]))


def _cleaned(value: Any) -> Any:
    """Without what PostgreSQL cannot hold: NUL and lone surrogates."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {name: _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def _clean(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
