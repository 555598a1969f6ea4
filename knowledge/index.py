"""From the database to a search index and back: cutting and embedding what is published, loading, calibrating, noticing changes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from queue import Empty, Full, Queue
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Row, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import Clock, utc_now
from knowledge.calibrating import Judged, calibrate
from knowledge.calibration import SHIPPED, Calibration
from knowledge.dense import embed_views, version_of, views
from knowledge.entries import Entry
from knowledge.generation import raise_generation
from knowledge.models import ArticleRow, ChangeRow, EmbeddingRow, IndexStateRow, PassageRow, VersionRow
from knowledge.parts import SIZES, Sizes
from knowledge.passages import cut
from knowledge.ports import Embedder, Vectors
from knowledge.real import counted, usable
from knowledge.search import SearchIndex
from knowledge.stored import unexpired
from knowledge.storing import Mark
from knowledge.strays import strays_of
from knowledge.types import ArticleDraft, Passage

_STORED = np.dtype("<f4")
MOST_CHANGED = 300
T = TypeVar("T")
Real = Callable[[AsyncSession], Awaitable[Sequence[Judged]]]  # questions of customers of which is known what answers them
_MUCH = 0.1
MOST_CALIBRATED = 20_000
_AT_ONCE = 500


def encoder_key(embedder: Embedder) -> str:
    """Under which name vectors are stored: the encoder's name with its version, if it has one."""
    version = version_of(embedder)
    return f"{embedder.name}@{version}" if version else embedder.name


async def reindex(session: AsyncSession, embedder: Embedder, *, article_id: str | None = None) -> int:
    """Cuts and embeds what is published (of one article, or all) and raises the generation; returns how many passages were embedded.

    Passages and vectors that are as they should be stay. Encoding runs in a thread. One reindex at a time: others wait for the commit.
    When, since the confidence was last calibrated for this encoder, a tenth of the passages has changed, it is calibrated again in the
    same transaction, so that whoever loads the index next has it; but not with more than `MOST_CALIBRATED` passages, as that takes minutes.
    Questions of customers take longer: where some went into the calibration before, another is asked for (see `recalibrating`).
    """
    generation = await raise_generation(session, article_id=article_id)  # locks the index's row first: two never write the same passages
    assert generation
    wanted = await _published(session, article_id)
    await _store_passages(session, [passage for passage, _ in wanted], article_id)
    embedded = await _store_vectors(session, embedder, wanted)
    if await _changed_much(session, embedder, embedded):
        await _calibrate(session, embedder)
    return embedded


async def embed_articles(session: AsyncSession, embedder: Embedder, articles: Sequence[str]) -> int:
    """Embeds what is missing or stale of these articles' passages as they are stored; returns how many passages that were.

    The passages are kept from being deleted until the transaction ends.
    """
    query = select(PassageRow.id).where(PassageRow.article_id.in_(articles)).with_for_update(key_share=True, read=True)
    stored = set((await session.execute(query)).scalars())
    wanted = [one for article in articles for one in await _published(session, article) if one[0].id in stored]
    return await _store_vectors(session, embedder, wanted)


async def _changed_much(session: AsyncSession, embedder: Embedder, embedded: int) -> bool:
    """Counts what was embedded since the last calibration; whether it is a tenth of all passages."""
    if not embedded:
        return False
    row = (await session.execute(select(IndexStateRow).execution_options(populate_existing=True))).scalar_one()
    key = encoder_key(embedder)
    changed = int(row.uncalibrated.get(key, 0)) + embedded
    row.uncalibrated = row.uncalibrated | {key: changed}
    await session.flush()
    passages = (await session.execute(select(func.count()).select_from(PassageRow))).scalar_one()
    return _MUCH * passages <= changed and passages <= MOST_CALIBRATED


async def load_index(session: AsyncSession, embedder: Embedder, *, sizes: Sizes = SIZES, clock: Clock = utc_now) -> SearchIndex:
    """A snapshot of all passages that are published and have not expired (see `expiry.notice_expired`).

    Those that `embedder` has not embedded yet are found by their words only. Rows are streamed into it while it is built in a thread, so
    that they need not lie in memory twice.
    """
    generation, calibration = await _state(session, embedder)
    if calibration.curves:
        await asyncio.to_thread(strays_of, embedder)  # here, not in the first question
    handed: Queue[list[Entry] | None] = Queue(maxsize=4)
    building = asyncio.create_task(
        asyncio.to_thread(SearchIndex, _taken(handed), embedder, generation=generation, calibration=calibration, sizes=sizes)
    )  # fmt: skip
    try:
        async for entries in _stream(session, embedder, now=clock()):
            await _hand(handed, entries, building)
        await _hand(handed, None, building)
        return await building
    except BaseException:
        _end(handed)
        raise


async def refresh_index(session: AsyncSession, index: SearchIndex, *, clock: Clock = utc_now) -> SearchIndex | None:
    """The index with what has changed since it was taken, beside which the old one stays as it is; None when it must be loaded anew.

    That is when everything has changed, or more than `MOST_CHANGED` articles, or longer ago than changes are kept.
    """
    generation, calibration = await _state(session, index.embedder)
    query = select(ChangeRow.article_id, ChangeRow.everything).where(ChangeRow.generation > index.generation)
    rows = (await session.execute(query.where(ChangeRow.generation <= generation).limit(MOST_CHANGED + 1))).all()
    if len(rows) != generation - index.generation or any(row.everything for row in rows):
        return None
    articles = {row.article_id for row in rows if row.article_id is not None}
    found = _stream(session, index.embedder, articles, now=clock())
    fresh = [entry async for entries in found for entry in entries] if articles else []
    return await asyncio.to_thread(index.changed, articles, fresh, generation=generation, calibration=calibration)


async def _stream(
    session: AsyncSession, embedder: Embedder, articles: Collection[str] | None = None, *, now: datetime
) -> AsyncIterator[list[Entry]]:
    """The entries of all articles that are published and have not expired, or of these, some at a time, in the order of the index."""
    passage = (PassageRow.id, PassageRow.article_id, PassageRow.language, PassageRow.title_path, PassageRow.text, PassageRow.ordinal)
    query = (
        select(*passage, ArticleRow.audience, ArticleRow.category, ArticleRow.tags, VersionRow.questions)
        .add_columns(EmbeddingRow.views, EmbeddingRow.vectors)
        .join(ArticleRow, ArticleRow.id == PassageRow.article_id)
        .join(VersionRow, _same_version())
        .outerjoin(EmbeddingRow, (EmbeddingRow.passage_id == PassageRow.id) & (EmbeddingRow.encoder == encoder_key(embedder)))
        .where(ArticleRow.status == "published", unexpired(now))
        .order_by(PassageRow.article_id, PassageRow.language, PassageRow.ordinal)
    )
    if articles is not None:
        query = query.where(PassageRow.article_id.in_(articles))
    result = await session.stream(query.execution_options(yield_per=_AT_ONCE))
    async for rows in result.partitions():
        yield [_entry(row, embedder.dimension) for row in rows]


def _taken(handed: Queue[list[Entry] | None]) -> Iterator[Entry]:
    while (entries := handed.get()) is not None:
        yield from entries


async def _hand(handed: Queue[list[Entry] | None], entries: list[Entry] | None, building: asyncio.Task[SearchIndex]) -> None:
    """Puts the entries where the builder takes them from, unless the builder has failed."""
    while not building.done():
        try:
            handed.put_nowait(entries)
        except Full:
            await asyncio.sleep(0.01)
        else:
            return


def _end(handed: Queue[list[Entry] | None]) -> None:
    """Lets the builder's thread end, whatever became of the task that awaits it: a process cannot stop while the thread waits for more."""
    while True:
        try:
            handed.put_nowait(None)
        except Full:
            with contextlib.suppress(Empty):
                handed.get_nowait()
        else:
            return


async def find_mark(session: AsyncSession, embedder: Embedder, generation: int) -> Mark | None:
    """What an index of that generation is of; None when that generation is not known here, or is forgotten."""
    token = (await session.execute(select(ChangeRow.token).where(ChangeRow.generation == generation))).scalar()
    return None if token is None else Mark(encoder_key(embedder), generation, str(token))


async def read_calibration(session: AsyncSession, embedder: Embedder) -> Calibration:
    """How sure answers are with this encoder, as it was last calibrated."""
    return (await _state(session, embedder))[1]


async def needs_refresh(session: AsyncSession, generation: int) -> bool:
    """Whether the passages have changed since an index of that generation was loaded."""
    return await current_generation(session) != generation


async def current_generation(session: AsyncSession) -> int:
    """The generation of the passages; 0 before the first reindex."""
    return (await session.execute(select(IndexStateRow.generation))).scalar() or 0


async def current_calibration(session: AsyncSession, embedder: Embedder) -> Calibration:
    """The calibration in use, with what it lets expect of each family of languages (`Curve`); the shipped one before the first."""
    return (await _state(session, embedder))[1]


async def recalibrate(session: AsyncSession, embedder: Embedder, real: Real | None = None) -> Calibration:
    """Fits the confidence to the present articles and stores it for this encoder; raises the generation.

    Works in a thread: 3 s for 150 articles with attached questions (some more where there are none, see `calibrate`).
    """
    await raise_generation(session, everything=False)
    return await _calibrate(session, embedder, real)


async def _calibrate(session: AsyncSession, embedder: Embedder, real: Real | None = None) -> Calibration:
    index = await load_index(session, embedder)
    asked = usable(index, await real(session)) if real is not None else []
    calibration = counted(await asyncio.to_thread(calibrate, index, real=asked), asked)
    row = (await session.execute(select(IndexStateRow).execution_options(populate_existing=True))).scalar_one()
    if real is not None:
        row.calibration_asked_at = None
    elif row.calibration_asked_at is None and any(_had_real(one) for one in row.calibrations.values()):
        row.calibration_asked_at = utc_now()
    row.calibrations = row.calibrations | {encoder_key(embedder): calibration.as_json()}
    row.uncalibrated = row.uncalibrated | {encoder_key(embedder): 0}
    row.calibrated_at = utc_now()
    await session.flush()
    return calibration


def _had_real(stored: dict[str, Any]) -> bool:
    curves = Calibration.from_json(stored).curves.values()
    return any(curve.real_answered + curve.real_unanswered for curve in curves)


async def _state(session: AsyncSession, embedder: Embedder) -> tuple[int, Calibration]:
    row = (await session.execute(select(IndexStateRow).execution_options(populate_existing=True))).scalar()
    if row is None:
        return 0, SHIPPED
    stored = row.calibrations.get(encoder_key(embedder))
    return row.generation, Calibration.from_json(stored) if stored else SHIPPED


def _same_version() -> ColumnElement[bool]:
    return and_(
        VersionRow.article_id == PassageRow.article_id,
        VersionRow.language == PassageRow.language,
        VersionRow.version == PassageRow.version,
    )


def _entry(row: Row[Any], dimension: int) -> Entry:
    passage = Passage(row.id, row.article_id, row.language, tuple(row.title_path), row.text, row.ordinal)
    attached = tuple(row.questions) if row.ordinal == 0 else ()
    return Entry(passage, _vectors(row.views, row.vectors, dimension), row.audience, row.category, tuple(row.tags), attached)


async def _published(session: AsyncSession, article_id: str | None) -> list[tuple[Passage, ArticleDraft]]:
    """Every passage that should be there, with its article."""
    query = select(VersionRow, ArticleRow).join(ArticleRow).where(VersionRow.status == "published", ArticleRow.status == "published")
    query = query.order_by(VersionRow.article_id, VersionRow.language).execution_options(populate_existing=True)
    if article_id is not None:
        query = query.where(ArticleRow.id == article_id)
    found: list[tuple[Passage, ArticleDraft]] = []
    for version, article in (await session.execute(query)).all():
        tags, questions = tuple(article.tags), tuple(version.questions)
        draft = ArticleDraft(article.id, version.language, version.title, version.body, article.category, tags, article.audience, questions)
        found.extend((passage, draft) for passage in cut(draft, version=version.version))
    return found


async def _store_passages(session: AsyncSession, wanted: Sequence[Passage], article_id: str | None) -> None:
    query = select(PassageRow).execution_options(populate_existing=True)
    if article_id is not None:
        query = query.where(PassageRow.article_id == article_id)
    stored = {row.id: _passage(row) for row in (await session.execute(query)).scalars()}
    right = {passage.id: passage for passage in wanted}
    stale = [identity for identity, passage in stored.items() if right.get(identity) != passage]
    for some in batched(stale, 5_000):
        await session.execute(delete(PassageRow).where(PassageRow.id.in_(some)))
    fresh = [_passage_values(passage) for passage in wanted if stored.get(passage.id) != passage]
    if fresh:
        await session.execute(insert(PassageRow), fresh)


async def _store_vectors(session: AsyncSession, embedder: Embedder, wanted: Sequence[tuple[Passage, ArticleDraft]]) -> int:
    key = encoder_key(embedder)
    texts = {passage.id: views(passage, draft.tags, draft.questions or ()) for passage, draft in wanted}
    digests = {identity: _digest(group) for identity, group in texts.items()}
    stored: dict[str, str] = {}
    for some in batched(digests, 5_000):
        query = select(EmbeddingRow.passage_id, EmbeddingRow.digest).where(EmbeddingRow.encoder == key, EmbeddingRow.passage_id.in_(some))
        stored |= {row.passage_id: row.digest for row in (await session.execute(query)).all()}
    missing = [identity for identity, digest in digests.items() if stored.get(identity) != digest]
    if not missing:
        return 0
    for some in batched(missing, 5_000):
        await session.execute(delete(EmbeddingRow).where(EmbeddingRow.encoder == key, EmbeddingRow.passage_id.in_(some)))
    groups = await asyncio.to_thread(embed_views, [texts[identity] for identity in missing], embedder)
    values = [
        {
            "passage_id": identity,
            "encoder": key,
            "digest": digests[identity],
            "views": len(group),
            "vectors": group.astype(_STORED).tobytes(),
        }
        for identity, group in zip(missing, groups, strict=True)
    ]
    await session.execute(insert(EmbeddingRow), values)
    return len(missing)


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values, `size` at a time."""
    source = iter(values)
    while some := list(islice(source, size)):
        yield some


def _digest(texts: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()


def _passage(row: PassageRow) -> Passage:
    return Passage(row.id, row.article_id, row.language, tuple(row.title_path), row.text, row.ordinal)


def _passage_values(passage: Passage) -> dict[str, object]:
    return {
        "id": passage.id, "article_id": passage.article_id, "language": passage.language, "version": int(passage.id.split("/")[2]),
        "ordinal": passage.ordinal, "title_path": list(passage.title_path), "text": passage.text,
    }  # fmt: skip


def _vectors(count: int | None, stored: bytes | None, dimension: int) -> Vectors:
    if count is None or stored is None or len(stored) != count * dimension * _STORED.itemsize:
        return np.zeros((0, dimension), dtype=np.float32)
    return np.frombuffer(stored, dtype=_STORED).reshape(count, dimension).astype(np.float32)
