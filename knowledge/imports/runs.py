"""Runs: asking for one, taking it to work on it, deciding about what it found. Nothing here commits: the edge does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from kit.errors import ConflictError, NotFoundError
from knowledge.imports.models import OPEN_STATES, ImportRow, ItemRow, SourceRow
from knowledge.imports.reading import forget_files
from knowledge.imports.sources import next_time
from knowledge.imports.types import Item, Person, Run

SILENT = timedelta(seconds=30)  # whoever works on a run gives a sign of life every few seconds
KEPT_RUNS = 20
WORKABLE = ("asked", "reading", "approved", "applying")
_ORDER = ("conflict", "changed", "new", "skipped", "gone", "unchanged", "read")
SCHEDULER = Person("schedule", "Schedule")


class ImportMissingError(NotFoundError):
    """There is no such import."""


class ImportOpenError(ConflictError):
    """This source is being imported already."""


class NotReadyError(ConflictError):
    """This import does not wait for a decision."""


async def ask(
    session: AsyncSession, source_id: UUID, *, by: Person, worker: bool = True, unasked: bool = False, clock: Clock = utc_now
) -> Run:
    """A new run over a source; `unasked`: store what it finds without waiting for approval. Raises ImportOpenError."""
    now = clock()
    values = {
        "source_id": source_id, "state": "asked", "worker": worker, "scheduled": by == SCHEDULER, "unasked": unasked, "by_id": by.id,
        "by_name": by.name, "asked_at": now, "seen_at": now, "counts": {}, "done": 0, "total": 0,
    }  # fmt: skip
    made = insert(ImportRow).values(values).on_conflict_do_nothing().returning(ImportRow.id)
    run_id = (await session.execute(made)).scalar_one_or_none()
    if run_id is None:
        raise ImportOpenError(hint="Decide about that import first, or drop it.")
    await _forget_old(session, source_id)
    return await get_run(session, run_id)


async def ask_for_due(session: AsyncSession, *, clock: Clock = utc_now) -> list[Run]:
    """Runs over the sources whose time has come. One that is being imported, or waits for approval, is let pass until next time."""
    due = select(SourceRow).where(SourceRow.next_at <= clock()).with_for_update(skip_locked=True)
    asked: list[Run] = []
    for source in (await session.execute(due)).scalars():
        source.next_at = next_time(clock(), source.every_hours)
        try:
            asked.append(await ask(session, source.id, by=SCHEDULER, unasked=source.unasked, clock=clock))
        except ImportOpenError:
            continue
    return asked


async def take(session: AsyncSession, run_id: UUID, *, owner: str, clock: Clock = utc_now) -> Run | None:
    """Makes `owner` the one who works on a run; None when somebody else does, or there is nothing to do."""
    now = clock()
    free = or_(ImportRow.owner.is_(None), ImportRow.owner == owner, ImportRow.seen_at < now - SILENT)
    statement = update(ImportRow).where(ImportRow.id == run_id, ImportRow.state.in_(WORKABLE), free).values(owner=owner, seen_at=now)
    taken = (await session.execute(statement.returning(ImportRow.id))).scalar_one_or_none()
    return await get_run(session, taken) if taken is not None else None


async def find_workable(session: AsyncSession, *, clock: Clock = utc_now) -> list[UUID]:
    """Runs that a worker could take now, oldest first."""
    free = or_(ImportRow.owner.is_(None), ImportRow.seen_at < clock() - SILENT)
    query = select(ImportRow.id).where(ImportRow.worker, ImportRow.state.in_(WORKABLE), free).order_by(ImportRow.asked_at).limit(10)
    return list((await session.execute(query)).scalars())


async def renew(session: AsyncSession, run_id: UUID, *, owner: str, clock: Clock = utc_now) -> bool:
    """A sign of life; False when the run is no longer this owner's."""
    mine = (ImportRow.id == run_id, ImportRow.owner == owner, ImportRow.state.in_(OPEN_STATES))
    return (await session.execute(update(ImportRow).where(*mine).values(seen_at=clock()).returning(ImportRow.id))).first() is not None


async def find_owner(session: AsyncSession, run_id: UUID) -> str | None:
    """Who works on a run, or did last."""
    return (await session.execute(select(ImportRow.owner).where(ImportRow.id == run_id))).scalar_one_or_none()


async def release(session: AsyncSession, run_id: UUID, *, owner: str) -> None:
    """Lets another one go on with a run at once, if it is still this owner's."""
    await session.execute(update(ImportRow).where(ImportRow.id == run_id, ImportRow.owner == owner).values(owner=None))


async def approve(session: AsyncSession, run_id: UUID, *, by: Person, worker: bool = True) -> Run:
    """Has what a run found stored. Raises NotReadyError, ImportMissingError."""
    row = await lock_run(session, run_id)
    if row.state != "ready":
        raise NotReadyError
    row.state, row.owner, row.worker = "approved", None, worker
    row.by_id, row.by_name = by.id, by.name
    await session.flush()
    return _run(row)


async def drop(session: AsyncSession, run_id: UUID, *, clock: Clock = utc_now) -> Run:
    """Ends a run of which nothing (more) shall be stored. Raises NotReadyError when it has ended, ImportMissingError."""
    row = await lock_run(session, run_id)
    if row.state not in OPEN_STATES:
        raise NotReadyError("This import has ended already")
    row.state, row.owner, row.ended_at = "dropped", None, clock()
    await forget_files(session, run_id)
    await session.flush()
    return _run(row)


async def decide(session: AsyncSession, run_id: UUID, numbers: Collection[int], *, take_it: bool | None) -> None:
    """Takes or leaves items of a run that waits: a conflict is left unless taken, a change taken unless left. Raises NotReadyError."""
    row = await lock_run(session, run_id)
    if row.state != "ready":
        raise NotReadyError
    chosen = (ItemRow.import_id == run_id, ItemRow.number.in_(list(numbers)), ItemRow.state.in_(("new", "changed", "conflict")))
    await session.execute(update(ItemRow).where(*chosen).values(take=take_it))


async def fail(session: AsyncSession, run_id: UUID, *, error: str, clock: Clock = utc_now) -> None:
    """Ends a run that went wrong; one that has ended stays as it is."""
    row = await lock_run(session, run_id)
    if row.state in OPEN_STATES:
        row.state, row.error, row.owner, row.ended_at = "failed", error[:1000], None, clock()
        await forget_files(session, run_id)


async def lock_run(session: AsyncSession, run_id: UUID) -> ImportRow:
    """The row, locked. Raises ImportMissingError."""
    row = await session.get(ImportRow, run_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise ImportMissingError
    return row


async def get_run(session: AsyncSession, run_id: UUID) -> Run:
    """One run. Raises ImportMissingError."""
    row = await session.get(ImportRow, run_id, populate_existing=True)
    if row is None:
        raise ImportMissingError
    return _run(row)


async def find_open_run(session: AsyncSession, source_id: UUID) -> Run | None:
    """The run over a source that has not ended."""
    query = select(ImportRow).where(ImportRow.source_id == source_id, ImportRow.state.in_(OPEN_STATES))
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    return _run(row) if row is not None else None


async def latest_runs(session: AsyncSession) -> dict[UUID, Run]:
    """The newest run of each source."""
    query = select(ImportRow).ext(distinct_on(ImportRow.source_id)).order_by(ImportRow.source_id, ImportRow.asked_at.desc())
    return {row.source_id: _run(row) for row in (await session.execute(query.execution_options(populate_existing=True))).scalars()}


async def list_items(session: AsyncSession, run_id: UUID, *, state: str = "", limit: int = 200, offset: int = 0) -> list[Item]:
    """What a run found: conflicts and news first."""
    query = select(ItemRow).where(ItemRow.import_id == run_id)
    if state:
        query = query.where(ItemRow.state == state)
    place = case({name: number for number, name in enumerate(_ORDER)}, value=ItemRow.state)
    query = query.order_by(place, ItemRow.number).limit(limit).offset(offset).execution_options(populate_existing=True)
    return [as_item(row) for row in (await session.execute(query)).scalars()]


async def count_items(session: AsyncSession, run_id: UUID) -> dict[str, int]:
    """How many items there are in each state, and of each outcome."""
    counts: dict[str, int] = {}
    for column in (ItemRow.state, ItemRow.outcome):
        query = select(column, func.count()).where(ItemRow.import_id == run_id).group_by(column)
        counts |= {name: count for name, count in (await session.execute(query)).all() if name}
    return counts


async def _forget_old(session: AsyncSession, source_id: UUID) -> None:
    newest = select(ImportRow.id).where(ImportRow.source_id == source_id).order_by(ImportRow.asked_at.desc()).limit(KEPT_RUNS)
    await session.execute(delete(ImportRow).where(ImportRow.source_id == source_id, ImportRow.id.not_in(newest)))


def as_item(row: ItemRow) -> Item:
    """A row as others see it."""
    return Item(
        row.number, row.key, row.state, row.reason, row.article_id, row.language, row.title, tuple(row.notes), tuple(row.changes),
        row.added, row.removed, row.take, row.outcome,
    )  # fmt: skip


def _run(row: ImportRow) -> Run:
    return Run(
        row.id, row.source_id, row.state, row.worker, row.scheduled, row.unasked, Person(row.by_id, row.by_name), row.done, row.total,
        dict(row.counts), row.error, row.asked_at, row.ended_at,
    )  # fmt: skip
