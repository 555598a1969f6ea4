"""Puts sentences of the queue for learning that are new into questions: every sentence once, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from sqlalchemy import exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.grouping import Groups, Merge, Vectors, middle
from insights.unanswered.models import QuestionRow, WordingRow
from kit.clock import Clock, utc_now
from knowledge.chinese import one_script
from knowledge.dense import version_of
from knowledge.ports import Embedder

BATCH, AT_ONCE = 64, 8
LOCK = "unanswered questions"
_FROM_SENTENCE = UUID("6b0f1a0e-3a0b-4d8e-9b52-1d2f5c7e9a10")  # a question is named after its first sentence
_STORED = np.dtype("<f4")


async def lock_questions(session: AsyncSession) -> None:
    """One writer at a time, until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": LOCK})


def encoder_name(embedder: Embedder) -> str:
    """Under which name vectors are kept."""
    return f"{embedder.name}@{version_of(embedder)}"


async def place_new(session: AsyncSession, embedder: Embedder, *, clock: Clock = utc_now) -> int:
    """Places up to `BATCH` sentences that are in no question yet; returns how many. Encodes in a thread."""
    await lock_questions(session)
    await _encode_again(session, embedder)
    fresh = await _unplaced(session)
    if not fresh:
        return 0
    vectors = await encode([row.text for row in fresh], embedder)
    known = await _read_known(session)
    plan = await asyncio.to_thread(_plan, known, [row.id for row in fresh], vectors)
    touched: set[UUID] = set()
    for row, vector, (question, merges) in zip(fresh, vectors, plan, strict=True):
        if question == _named_after(row.id):
            session.add(QuestionRow(id=question, text=row.text, language=row.language, created_at=row.created_at, changed_at=clock()))
            await session.flush()
        session.add(
            WordingRow(sentence_id=row.id, question_id=question, encoder=encoder_name(embedder), vector=pack(vector), placed_at=clock())
        )
        await session.flush()
        for merge in merges:
            await join(session, merge)
            touched.discard(merge.younger)
        touched.add(merges[-1].older if merges else question)
    for question in touched:
        await name_question(session, question, clock=clock)
    return len(fresh)


def _named_after(sentence_id: UUID) -> UUID:
    return uuid5(_FROM_SENTENCE, str(sentence_id))


def _plan(known: Sequence[Any], sentences: Sequence[UUID], vectors: Vectors) -> list[tuple[UUID, list[Merge]]]:
    """Where each sentence goes, with what becomes one by it. Takes a moment when there are many questions: for a thread."""
    held: dict[UUID, list[Vectors]] = {}
    fixed: dict[UUID, bool] = {}
    for identity, status, vector in known:
        held.setdefault(identity, []).append(unpack(vector))
        fixed[identity] = status != "open"
    groups = Groups(vectors.shape[1])
    for identity, rows in held.items():
        groups.add(identity, np.stack(rows), fixed=fixed[identity])
    return [groups.place(vector, new=_named_after(one)) for one, vector in zip(sentences, vectors, strict=True)]


async def encode(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """float32 (texts, dimension), in one Chinese script, encoded in a thread, few at a time: customers' messages must not wait for it."""
    ready = [one_script(one) for one in texts]
    parts = [await asyncio.to_thread(embedder.encode, ready[at : at + AT_ONCE]) for at in range(0, len(ready), AT_ONCE)]
    return np.concatenate([np.zeros((0, embedder.dimension), dtype=np.float32), *parts])


def pack(vector: Vectors) -> bytes:
    """A vector as it is stored."""
    return vector.astype(_STORED).tobytes()


def unpack(stored: bytes) -> Vectors:
    """The reverse of `pack`."""
    return np.frombuffer(stored, dtype=_STORED).astype(np.float32)


async def join(session: AsyncSession, merge: Merge) -> None:
    """Makes the younger question part of the older one: its wordings move, its row says where to."""
    move = update(WordingRow).where(WordingRow.question_id == merge.younger).values(question_id=merge.older)
    await session.execute(move)
    followers = update(QuestionRow).where(QuestionRow.merged_into == merge.younger).values(merged_into=merge.older)
    await session.execute(followers)
    gone = (
        update(QuestionRow).where(QuestionRow.id == merge.younger).values(status="merged", merged_into=merge.older, drafts={}, stale=False)
    )
    await session.execute(gone)


async def name_question(session: AsyncSession, question_id: UUID, *, clock: Clock = utc_now) -> None:
    """Names a question by the wording that stands for all; what hangs on its wordings is to be made again."""
    said = func.count(LearningMessageRow.message_id)
    query = (
        select(LearningSentenceRow, WordingRow.vector, said)
        .join(WordingRow, WordingRow.sentence_id == LearningSentenceRow.id)
        .outerjoin(LearningMessageRow, LearningMessageRow.sentence_id == LearningSentenceRow.id)
        .where(WordingRow.question_id == question_id)
        .group_by(LearningSentenceRow.id, WordingRow.sentence_id)
        .order_by(LearningSentenceRow.created_at, LearningSentenceRow.id)
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return
    best = rows[middle([unpack(vector) for _, vector, _ in rows], [count for *_, count in rows])][0]
    change = update(QuestionRow).where(QuestionRow.id == question_id)
    values = {"text": best.text, "language": best.language, "stale": True, "found_generation": None, "changed_at": clock()}
    await session.execute(change.values(values))


async def _unplaced(session: AsyncSession) -> Sequence[LearningSentenceRow]:
    placed = exists().where(WordingRow.sentence_id == LearningSentenceRow.id)
    said = exists().where(LearningMessageRow.sentence_id == LearningSentenceRow.id, ~LearningMessageRow.answered)
    query = select(LearningSentenceRow).where(~placed, said).order_by(LearningSentenceRow.created_at, LearningSentenceRow.id)
    return (await session.execute(query.limit(BATCH))).scalars().all()


async def _read_known(session: AsyncSession) -> Sequence[Any]:
    """(question, status, vector) of every wording, the oldest question first."""
    query = (
        select(QuestionRow.id, QuestionRow.status, WordingRow.vector)
        .join(WordingRow, WordingRow.question_id == QuestionRow.id)
        .order_by(QuestionRow.created_at, QuestionRow.id, WordingRow.placed_at, WordingRow.sentence_id)
    )
    return (await session.execute(query)).all()


async def _encode_again(session: AsyncSession, embedder: Embedder) -> None:
    """After a change of the encoder: new vectors for every wording; what belongs together stays together."""
    query = select(WordingRow, LearningSentenceRow.text).join(LearningSentenceRow, LearningSentenceRow.id == WordingRow.sentence_id)
    rows = (await session.execute(query.where(WordingRow.encoder != encoder_name(embedder)))).all()
    if not rows:
        return
    vectors = await encode([words for _, words in rows], embedder)
    for (row, _), vector in zip(rows, vectors, strict=True):
        row.vector, row.encoder = pack(vector), encoder_name(embedder)
    await session.flush()
