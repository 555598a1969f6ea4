"""Real questions of which is known what answers them, for calibrating how sure answers are: redacted, the newest first, few of each talk.

Answered: an article answered it and the customer was content, or an editor wrote or named an article for it. Unanswered: people had to
answer and no article does by now, or an editor said that it needs no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.redaction.redactor import PLACEHOLDERS
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import QuestionRow, WordingRow
from insights.unanswered.saying import unanswered
from insights.usage.counting import GOOD, OPEN
from insights.usage.models import ArticleUseRow
from kit.clock import utc_now
from knowledge.calibrating import Judged
from knowledge.models import ArticleRow

DAYS = 365
READ = 2_000  # rows looked at of each kind
FROM_ONE_TALK = 3  # one customer alone does not move the threshold
LONGEST = 300
Row = tuple[str, str, str | None, UUID | None, datetime]


async def real_questions(session: AsyncSession) -> Sequence[Judged]:
    """What customers asked in the last year, as `knowledge` takes it. What is left of a redacted text with gaps is not taken."""
    since = utc_now() - timedelta(days=DAYS)
    rows: list[Row] = []
    for query in (_content(since), _written_for(since), _left_to_people(since)):
        rows += [(one[0], one[1], one[2], one[3], one[4]) for one in (await session.execute(query.limit(READ))).all()]
    return _chosen(sorted(rows, key=lambda row: row[4], reverse=True))


def _content(since: datetime) -> Any:
    use = ArticleUseRow
    content = or_(use.helped.is_(True), and_(use.rating >= GOOD, use.helped.is_(None)))
    query: Any = select(use.question, use.question_language, use.article_id, use.conversation_id, use.at)
    query = query.join(ArticleRow, and_(ArticleRow.id == use.article_id, ArticleRow.audience == "public"))
    return query.where(use.kind == "answer", use.outcome == OPEN, use.at > since, content).order_by(use.at.desc())


def _written_for(since: datetime) -> Select[Any]:
    query = _wordings(QuestionRow.article_id, since).join(
        ArticleRow, and_(ArticleRow.id == QuestionRow.article_id, ArticleRow.audience == "public", ArticleRow.status == "published")
    )
    return query.where(QuestionRow.status == "closed")


def _left_to_people(since: datetime) -> Select[Any]:
    by_people = and_(QuestionRow.status == "open", QuestionRow.found_article.is_(None), LearningMessageRow.handed_off, unanswered())
    return _wordings(null(), since).where(or_(by_people, QuestionRow.status == "dismissed"))


def _wordings(article: Any, since: datetime) -> Select[Any]:
    sentence, message = LearningSentenceRow, LearningMessageRow
    return (
        select(sentence.text, sentence.language, article, message.conversation_id, message.at)
        .join(WordingRow, WordingRow.sentence_id == sentence.id)
        .join(QuestionRow, QuestionRow.id == WordingRow.question_id)
        .join(message, message.sentence_id == sentence.id)
        .where(message.at > since)
        .order_by(message.at.desc())
    )


def _chosen(rows: Iterable[Row]) -> list[Judged]:
    """Each text once; where rows disagree about a text, it says nothing."""
    said: dict[tuple[str, str], set[str | None]] = {}
    for text, language, article, *_ in (kept := list(rows)):
        said.setdefault((text, language), set()).add(article)
    taken: Counter[UUID | None] = Counter()
    found: dict[tuple[str, str], Judged] = {}
    for text, language, article, conversation_id, _ in kept:
        key = (text, language)
        if key in found or len(said[key]) > 1 or not text or len(text) > LONGEST or any(mark in text for mark in PLACEHOLDERS):
            continue
        taken[conversation_id] += 1
        if conversation_id is None or taken[conversation_id] <= FROM_ONE_TALK:
            found[key] = Judged(text, language, article)
    return list(found.values())
