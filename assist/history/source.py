"""What agents wrote in similar conversations, as drafts: a picture in memory, taken further as conversations end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assist.history.offering import NOBODY, Given, Standing, standing_of
from assist.history.wording import filled
from assist.matching import NONE, Sentences
from assist.models import LearnedExampleRow, LearnedReplyRow
from assist.ports import HISTORY, Ask, Draft
from kit.db import Database
from knowledge.chinese import one_script
from knowledge.dense import unrelated_of
from knowledge.ports import Embedder, Vectors
from knowledge.strays import strays_of

MOST = 100_000  # the newest examples that are looked through
_READ_AGAIN = 64  # examples of another encoder that are encoded anew at a time


@dataclass(frozen=True)
class _Reply:
    """A reply with its language and to whom it is offered."""

    id: UUID
    text: str
    language: str
    standing: Standing = NOBODY


@dataclass(frozen=True)
class _Picture:
    """What is known at one moment; `stamp` tells whether something changed since."""

    stamp: tuple[Any, ...] = ()
    encoder: str = ""
    replies: tuple[_Reply, ...] = ()
    sentences: Sentences = NONE


class HistoryDrafts:
    """The source. `refresh` takes over what was learned since; drafts come from the last picture."""

    def __init__(self, database: Database, embedder: Callable[[], Embedder]) -> None:
        self.database, self.embedder = database, embedder
        self._picture = _Picture()

    def __len__(self) -> int:
        return len(self._picture.sentences)

    async def refresh(self) -> bool:
        """Takes over what changed; returns whether anything did."""
        embedder = self.embedder()
        async with self.database.transaction() as session:
            stamp = await _stamp(session, embedder.name)
            if (stamp, embedder.name) == (self._picture.stamp, self._picture.encoder):
                return False
            await _read_again(session, embedder)
            examples = await _examples(session, embedder.name)
            replies = (await session.execute(select(LearnedReplyRow))).scalars().all()
            stamp = await _stamp(session, embedder.name)
        self._picture = await asyncio.to_thread(_draw, stamp, embedder, examples, replies)
        return True

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See `DraftSource`."""
        picture, embedder = self._picture, self.embedder()
        if ask.vector is None or not len(picture.sentences) or picture.encoder != embedder.name:
            return []
        return await asyncio.to_thread(_drafts, picture, ask, strays_of(embedder).nearness(ask.vector), limit)


def _drafts(picture: _Picture, ask: Ask, stray: float, limit: int) -> list[Draft]:
    assert ask.vector is not None
    found: list[Draft] = []
    usable = np.array([one.standing.reaches(ask.staff_id) and one.language == ask.language for one in picture.replies], dtype=bool)
    allowed: NDArray[np.bool_] = usable[picture.sentences.owners]
    if not allowed.any():
        return []
    for match in picture.sentences.matches(ask.question, ask.vector, language=ask.language, stray=stray, allowed=allowed):
        reply = picture.replies[match.owner]
        text = filled(reply.text, ask.values)
        if text is not None and allowed.any():
            found.append(Draft(HISTORY, text, (), match.chance, origin=str(reply.id), language=reply.language, title=match.sentence))
        if len(found) == limit:
            break
    return found


async def _stamp(session: AsyncSession, encoder: str) -> tuple[Any, ...]:
    """Changes with every example that comes, goes or is rated, and with every reply that is hidden."""
    examples = select(
        func.count(), func.coalesce(func.max(LearnedExampleRow.number), 0), func.coalesce(func.sum(LearnedExampleRow.rating), 0)
    ).select_from(LearnedExampleRow)
    hidden = select(func.count()).select_from(LearnedReplyRow).where(LearnedReplyRow.hidden)
    unread = select(func.count()).select_from(LearnedExampleRow).where(LearnedExampleRow.encoder != encoder)
    return (*(await session.execute(examples)).one(), *[(await session.execute(query)).scalar_one() for query in (hidden, unread)])


async def _read_again(session: AsyncSession, embedder: Embedder) -> None:
    """What another encoder read is encoded anew, some at a time."""
    stale = select(LearnedExampleRow).where(LearnedExampleRow.encoder != embedder.name).limit(_READ_AGAIN)
    examples = (await session.execute(stale.with_for_update(skip_locked=True))).scalars().all()
    await _encode([(row, row.question) for row in examples], embedder)
    old = select(LearnedReplyRow).where(LearnedReplyRow.encoder != embedder.name).limit(_READ_AGAIN)
    replies = (await session.execute(old.with_for_update(skip_locked=True))).scalars().all()
    await _encode([(row, row.reply) for row in replies], embedder)
    await session.flush()


async def _encode(read: Sequence[tuple[LearnedExampleRow | LearnedReplyRow, str]], embedder: Embedder) -> None:
    if not read:
        return
    vectors = await asyncio.to_thread(embedder.encode, [one_script(text) for _, text in read])
    for (row, _), vector in zip(read, vectors, strict=True):
        row.vector, row.encoder = np.asarray(vector, dtype="<f4").tobytes(), embedder.name


async def _examples(session: AsyncSession, encoder: str) -> Sequence[Any]:
    one = LearnedExampleRow
    query = select(one.reply_id, one.conversation_id, one.staff_id, one.question, one.vector, one.rating).where(one.encoder == encoder)
    return (await session.execute(query.order_by(one.number.desc()).limit(MOST))).all()


def _draw(stamp: tuple[Any, ...], embedder: Embedder, examples: Sequence[Any], replies: Sequence[LearnedReplyRow]) -> _Picture:
    given: dict[UUID, list[Given]] = defaultdict(list)
    for one in examples:
        given[one.reply_id].append(Given(one.staff_id, one.conversation_id, one.rating))
    read = [row for row in replies if row.encoder == embedder.name]
    known = [_Reply(row.id, row.reply, row.language, standing_of(given[row.id], hidden=row.hidden)) for row in read]
    offered = {reply.id: number for number, reply in enumerate(known) if reply.standing != NOBODY}
    usable = [one for one in examples if one.reply_id in offered]
    vectors = _vectors([one.vector for one in usable], embedder.dimension)
    owners = [offered[one.reply_id] for one in usable]
    bodies = _vectors([row.vector for row in read], embedder.dimension)
    sentences = Sentences([one.question for one in usable], vectors, owners, bodies, unrelated=unrelated_of(embedder))
    return _Picture(stamp, embedder.name, tuple(known), sentences)


def _vectors(stored: Sequence[bytes], dimension: int) -> Vectors:
    return np.frombuffer(b"".join(stored), dtype="<f4").reshape(len(stored), dimension).astype(np.float32)
