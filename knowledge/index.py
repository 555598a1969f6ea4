"""From the database to a search index and back: cutting and embedding what is published, loading, calibrating, noticing changes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

import numpy as np
from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.articles import raise_generation
from knowledge.calibrating import calibrate
from knowledge.calibration import SHIPPED, Calibration
from knowledge.dense import embed_views, version_of, views
from knowledge.entries import Entry
from knowledge.models import ArticleRow, EmbeddingRow, IndexStateRow, PassageRow, VersionRow
from knowledge.passages import cut
from knowledge.ports import Embedder, Vectors
from knowledge.search import SearchIndex
from knowledge.strays import strays_of
from knowledge.types import ArticleDraft, Passage

_STORED = np.dtype("<f4")
_MUCH = 0.1


def encoder_key(embedder: Embedder) -> str:
    """Under which name vectors are stored: the encoder's name with its version, if it has one."""
    version = version_of(embedder)
    return f"{embedder.name}@{version}" if version else embedder.name


async def reindex(session: AsyncSession, embedder: Embedder, *, article_id: str | None = None) -> int:
    """Cuts and embeds what is published (of one article, or all) and raises the generation; returns how many passages were embedded.

    Passages and vectors that are as they should be stay. Encoding runs in a thread. One reindex at a time: others wait for the commit.
    When, since the confidence was last calibrated for this encoder, a tenth of the passages has changed, it is calibrated again in the
    same transaction, so that whoever loads the index next has it.
    """
    generation = await raise_generation(session)  # locks the row of the index first, so that two never write the same passages
    assert generation
    wanted = await _published(session, article_id)
    await _store_passages(session, [passage for passage, _ in wanted], article_id)
    embedded = await _store_vectors(session, embedder, wanted)
    if await _changed_much(session, embedder, embedded):
        await _calibrate(session, embedder)
    return embedded


async def _changed_much(session: AsyncSession, embedder: Embedder, embedded: int) -> bool:
    """Counts what was embedded since the last calibration; whether it is a tenth of all passages."""
    if not embedded:
        return False
    row = (await session.execute(select(IndexStateRow).execution_options(populate_existing=True))).scalar_one()
    key = encoder_key(embedder)
    changed = int(row.uncalibrated.get(key, 0)) + embedded
    row.uncalibrated = row.uncalibrated | {key: changed}
    await session.flush()
    return changed >= _MUCH * (await session.execute(select(func.count()).select_from(PassageRow))).scalar_one()


async def load_index(session: AsyncSession, embedder: Embedder) -> SearchIndex:
    """A snapshot of all published passages. Those that `embedder` has not embedded yet are found by their words only."""
    generation, calibration = await _state(session, embedder)
    query = (
        select(PassageRow, ArticleRow, EmbeddingRow, VersionRow.questions)
        .join(ArticleRow, ArticleRow.id == PassageRow.article_id)
        .join(VersionRow, _same_version())
        .outerjoin(EmbeddingRow, (EmbeddingRow.passage_id == PassageRow.id) & (EmbeddingRow.encoder == encoder_key(embedder)))
        .where(ArticleRow.status == "published")
        .order_by(PassageRow.article_id, PassageRow.language, PassageRow.ordinal)
        .execution_options(populate_existing=True)
    )
    rows = (await session.execute(query)).all()
    entries = [
        _entry(passage, article, _vectors(embedding, embedder.dimension), questions) for passage, article, embedding, questions in rows
    ]
    if calibration.curves:
        await asyncio.to_thread(strays_of, embedder)  # here, not in the first question
    return await asyncio.to_thread(SearchIndex, entries, embedder, generation=generation, calibration=calibration)


async def needs_refresh(session: AsyncSession, generation: int) -> bool:
    """Whether the passages have changed since an index of that generation was loaded."""
    return await current_generation(session) != generation


async def current_generation(session: AsyncSession) -> int:
    """The generation of the passages; 0 before the first reindex."""
    return (await session.execute(select(IndexStateRow.generation))).scalar() or 0


async def current_calibration(session: AsyncSession, embedder: Embedder) -> Calibration:
    """The calibration in use, with what it lets expect of each family of languages (`Curve`); the shipped one before the first."""
    return (await _state(session, embedder))[1]


async def recalibrate(session: AsyncSession, embedder: Embedder) -> Calibration:
    """Fits the confidence to the present articles and stores it for this encoder; raises the generation.

    Works in a thread: 3 s for 150 articles with attached questions (some more where there are none, see `calibrate`).
    """
    await raise_generation(session)
    return await _calibrate(session, embedder)


async def _calibrate(session: AsyncSession, embedder: Embedder) -> Calibration:
    index = await load_index(session, embedder)
    calibration = await asyncio.to_thread(calibrate, index)
    row = (await session.execute(select(IndexStateRow).execution_options(populate_existing=True))).scalar_one()
    row.calibrations = row.calibrations | {encoder_key(embedder): calibration.as_json()}
    row.uncalibrated = row.uncalibrated | {encoder_key(embedder): 0}
    await session.flush()
    return calibration


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


def _entry(row: PassageRow, article: ArticleRow, vectors: Vectors, questions: Sequence[str]) -> Entry:
    attached = tuple(questions) if row.ordinal == 0 else ()
    return Entry(_passage(row), vectors, article.audience, article.category, tuple(article.tags), attached)


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
    if stale:
        await session.execute(delete(PassageRow).where(PassageRow.id.in_(stale)))
    fresh = [_passage_values(passage) for passage in wanted if stored.get(passage.id) != passage]
    if fresh:
        await session.execute(insert(PassageRow), fresh)


async def _store_vectors(session: AsyncSession, embedder: Embedder, wanted: Sequence[tuple[Passage, ArticleDraft]]) -> int:
    key = encoder_key(embedder)
    texts = {passage.id: views(passage, draft.tags, draft.questions or ()) for passage, draft in wanted}
    digests = {identity: _digest(group) for identity, group in texts.items()}
    query = select(EmbeddingRow.passage_id, EmbeddingRow.digest).where(EmbeddingRow.encoder == key)
    stored = {row.passage_id: row.digest for row in (await session.execute(query)).all()}
    missing = [identity for identity, digest in digests.items() if stored.get(identity) != digest]
    if not missing:
        return 0
    await session.execute(delete(EmbeddingRow).where(EmbeddingRow.encoder == key, EmbeddingRow.passage_id.in_(missing)))
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


def _digest(texts: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()


def _passage(row: PassageRow) -> Passage:
    return Passage(row.id, row.article_id, row.language, tuple(row.title_path), row.text, row.ordinal)


def _passage_values(passage: Passage) -> dict[str, object]:
    return {
        "id": passage.id, "article_id": passage.article_id, "language": passage.language, "version": int(passage.id.split("/")[2]),
        "ordinal": passage.ordinal, "title_path": list(passage.title_path), "text": passage.text,
    }  # fmt: skip


def _vectors(row: EmbeddingRow | None, dimension: int) -> Vectors:
    if row is None or len(row.vectors) != row.views * dimension * _STORED.itemsize:
        return np.zeros((0, dimension), dtype=np.float32)
    return np.frombuffer(row.vectors, dtype=_STORED).reshape(row.views, dimension).astype(np.float32)
