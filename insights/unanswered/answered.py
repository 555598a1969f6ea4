"""Whether an article answers a question by now: its wordings are asked of the live index, as a customer would."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.grouping import Vectors
from insights.unanswered.models import QuestionRow, WordingRow
from insights.unanswered.placing import unpack
from knowledge.answer import answer
from knowledge.search import SearchIndex

BATCH = 20
WORDINGS = 8
MOST_OF_THEM = 0.5


@dataclass(frozen=True)
class Asked:
    """A wording with how many customers used it."""

    text: str
    language: str
    vector: Vectors
    count: int


@dataclass(frozen=True)
class Found:
    """The article that answers most of the wordings: `share` (0 to 1) of those who asked, `confidence` of its best answer."""

    article_id: str
    language: str
    share: float
    confidence: float


async def look_again(session: AsyncSession, index: SearchIndex) -> int:
    """Looks up to `BATCH` questions up that were not looked up in this state of the index; returns how many. Searches in a thread."""
    due = select(QuestionRow).where(
        QuestionRow.status.in_(("open", "drafted", "closed")),
        or_(QuestionRow.found_generation.is_(None), QuestionRow.found_generation < index.generation),
    )
    rows = (await session.execute(due.order_by(QuestionRow.id).limit(BATCH).with_for_update())).scalars().all()
    for row in rows:
        asked = await read_wordings(session, row.id)
        found = await asyncio.to_thread(find_answer, index, asked)
        row.found_article, row.found_language = (found.article_id, found.language) if found else (None, None)
        row.found_share, row.found_confidence = (found.share, found.confidence) if found else (None, None)
        row.found_generation = index.generation
    await session.flush()
    return len(rows)


def find_answer(index: SearchIndex, asked: Sequence[Asked]) -> Found | None:
    """The article that answers at least half of those who asked, by the index's own threshold; None when none does."""
    said: dict[str, int] = {}
    best: dict[str, tuple[float, str]] = {}
    for one in asked:
        told = answer(index, one.text, language=one.language)  # its vector may be another encoder's
        if told.text is None:
            continue
        article = told.hits[0].passage.article_id
        said[article] = said.get(article, 0) + one.count
        best[article] = max(best.get(article, (0.0, "")), (told.confidence, told.hits[0].passage.language))
    if not said:
        return None
    article = max(sorted(said), key=lambda name: said[name])
    share = said[article] / sum(one.count for one in asked)
    return Found(article, best[article][1], share, best[article][0]) if share >= MOST_OF_THEM else None


async def read_wordings(session: AsyncSession, question_id: UUID, *, limit: int = WORDINGS) -> list[Asked]:
    """The wordings of a question that most customers used, first those said most often."""
    said = func.count(LearningMessageRow.message_id)
    query = (
        select(LearningSentenceRow.text, LearningSentenceRow.language, WordingRow.vector, said)
        .join(WordingRow, WordingRow.sentence_id == LearningSentenceRow.id)
        .join(LearningMessageRow, LearningMessageRow.sentence_id == LearningSentenceRow.id)
        .where(WordingRow.question_id == question_id)
        .group_by(LearningSentenceRow.id, WordingRow.sentence_id)
        .order_by(said.desc(), LearningSentenceRow.created_at, LearningSentenceRow.id)
        .limit(limit)
    )
    return [Asked(text, language, unpack(vector), count) for text, language, vector, count in (await session.execute(query)).all()]
