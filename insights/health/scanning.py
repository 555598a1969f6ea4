"""Reads published versions one by one: their sentences, what these have to do with all others, and their links. Goes on after a restart."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sqlalchemy import and_, delete, exists, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from insights.health.comparing import Contradiction, Duplicate, Line, compare
from insights.health.lines import lines_of
from insights.health.links import links_of
from insights.health.models import ArticleLinkRow, FindingRow, LineRow, LinkCheckRow, ReadVersionRow
from insights.unanswered.placing import encode, encoder_name
from kit.clock import Clock, utc_now
from kit.db import Database
from knowledge.models import ArticleRow, VersionRow
from knowledge.ports import Embedder
from knowledge.types import ArticleDraft

LOCK = "health of the knowledge base"
BATCH = 12
AT_ONCE = 500  # lines read from the database without looking up
MOST_LINES = 100_000  # beyond, sentences are not compared: links are still read
_STORED = np.dtype("<f2")


@dataclass(frozen=True)
class Scanner:
    """The job."""

    database: Database
    embedder: Embedder
    clock: Clock = utc_now

    async def step(self) -> bool:
        """Forgets what is not published any more and reads up to `BATCH` versions that were not read; False when there are none."""
        async with self.database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": LOCK})
            gone = await self._forget(session)
            fresh = await self._unread(session)
            for version, article in fresh:
                await self._read(session, version, article)
            if fresh:
                await self._compare(session, [(version.article_id, version.language) for version, _ in fresh])
            return bool(gone or fresh)

    async def _forget(self, session: AsyncSession) -> int:
        published = (
            select(VersionRow.version)
            .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
            .where(
                VersionRow.article_id == ReadVersionRow.article_id, VersionRow.language == ReadVersionRow.language,
                VersionRow.version == ReadVersionRow.version, VersionRow.status == "published", ArticleRow.status == "published",
            )
        )  # fmt: skip
        old = or_(~published.correlate(ReadVersionRow).exists(), ReadVersionRow.encoder != encoder_name(self.embedder))
        dropped = delete(ReadVersionRow).where(old).returning(ReadVersionRow.article_id, ReadVersionRow.language)
        gone = [(article, language) for article, language in (await session.execute(dropped)).all()]
        linked = exists().where(ArticleLinkRow.target == LinkCheckRow.target)
        if gone:
            await session.execute(delete(LinkCheckRow).where(~linked))
        await _drop_orphans(session)
        return len(gone)

    async def _unread(self, session: AsyncSession) -> list[tuple[VersionRow, ArticleRow]]:
        same = and_(
            ReadVersionRow.article_id == VersionRow.article_id, ReadVersionRow.language == VersionRow.language,
            ReadVersionRow.version == VersionRow.version,
        )  # fmt: skip
        query = (
            select(VersionRow, ArticleRow)
            .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
            .where(VersionRow.status == "published", ArticleRow.status == "published", ~exists().where(same))
            .order_by(VersionRow.article_id, VersionRow.language)
            .limit(BATCH)
        )
        return [(version, article) for version, article in (await session.execute(query)).all()]

    async def _read(self, session: AsyncSession, version: VersionRow, article: ArticleRow) -> None:
        of = {"article_id": version.article_id, "language": version.language, "version": version.version}
        draft = ArticleDraft(article.id, version.language, version.title, version.body)
        lines = await asyncio.to_thread(lines_of, draft)
        vectors = await encode([ready for _, ready in lines], self.embedder)
        await session.execute(insert(ReadVersionRow).values(of | {"encoder": encoder_name(self.embedder), "read_at": self.clock()}))
        rows = [
            of | {"place": place, "sentence": sentence, "vector": vector.astype(_STORED).tobytes()}
            for place, ((sentence, _), vector) in enumerate(zip(lines, vectors, strict=True))
        ]
        links = links_of(version.body, language=version.language, article_id=article.id)
        if rows:
            await session.execute(insert(LineRow), rows)
        if links:
            await session.execute(insert(ArticleLinkRow), [of | asdict(link) for link in links])
        outside = [{"target": link.target, "next_at": self.clock()} for link in links if link.outside]
        if outside:
            await session.execute(insert(LinkCheckRow).values(outside).on_conflict_do_nothing(index_elements=["target"]))

    async def _compare(self, session: AsyncSession, fresh: Sequence[tuple[str, str]]) -> None:
        columns = (LineRow.article_id, LineRow.language, LineRow.version, LineRow.sentence, LineRow.vector)
        if (await session.execute(select(func.count()).select_from(LineRow))).scalar_one() > MOST_LINES:
            return
        lines: list[Line] = []
        rows = await session.stream(select(*columns).order_by(LineRow.article_id, LineRow.language, LineRow.place))
        async for part in rows.partitions(AT_ONCE):  # between them the worker does what customers and agents wait for
            lines += [
                Line(a, code, number, words, np.frombuffer(vector, _STORED).astype(np.float32)) for a, code, number, words, vector in part
            ]
        changed = set(fresh)
        mine = [line for line in lines if line.of in changed]
        duplicates, contradictions = await asyncio.to_thread(compare, mine, lines)
        found = [*map(_duplicate_row, duplicates), *map(_contradiction_row, contradictions)]
        for start in range(0, len(found), 500):
            values = [row | {"found_at": self.clock()} for row in found[start : start + 500]]
            await session.execute(insert(FindingRow).values(values).on_conflict_do_nothing(index_elements=["key"]))


async def _drop_orphans(session: AsyncSession) -> None:
    """Findings of which a sentence does not stand in its article any more."""
    for article, language, words in (
        (FindingRow.one_article, FindingRow.one_language, FindingRow.one_text),
        (FindingRow.other_article, FindingRow.other_language, FindingRow.other_text),
    ):
        there = exists().where(tuple_(LineRow.article_id, LineRow.language, LineRow.sentence) == tuple_(article, language, words))
        await session.execute(delete(FindingRow).where(~there))


def _duplicate_row(found: Duplicate) -> dict[str, object]:
    one, other = sorted((found.one, found.other), key=lambda line: line.of)
    return _row("duplicate", one, other, score=found.share) | {"key": _key("duplicate", one, other)}


def _contradiction_row(found: Contradiction) -> dict[str, object]:
    turned = found.one.of > found.other.of
    one, other = (found.other, found.one) if turned else (found.one, found.other)
    detail = [[d.kind, d.other, d.one] if turned else [d.kind, d.one, d.other] for d in found.found]
    return _row("contradiction", one, other, score=found.nearness) | {"key": _key("contradiction", one, other), "detail": detail}


def _row(kind: str, one: Line, other: Line, *, score: float) -> dict[str, object]:
    return {
        "kind": kind, "one_article": one.article_id, "one_language": one.language, "one_text": one.text, "score": round(score, 4),
        "other_article": other.article_id, "other_language": other.language, "other_text": other.text, "detail": [],
    }  # fmt: skip


def _key(kind: str, one: Line, other: Line) -> str:
    parts = (kind, *one.of, one.text, *other.of, other.text)
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
