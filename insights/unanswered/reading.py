"""Unanswered questions as they are read: with how many asked, what it cost, and where they stand. Asks for the right to edit articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.drafting import DraftAnswer
from insights.unanswered.grouping import Vectors
from insights.unanswered.models import QuestionRow, WordingRow
from insights.unanswered.placing import unpack
from insights.unanswered.saying import unanswered
from kit.errors import InvalidInputError, NotFoundError

RIGHT = "edit_articles"
OPEN, ANSWERED, DRAFTED, CLOSED, DISMISSED = "open", "answered", "drafted", "closed", "dismissed"
VIEWS = (OPEN, ANSWERED, DRAFTED, CLOSED, DISMISSED)
VOLUME, COST, NEWEST = "volume", "cost", "newest"
ORDERS = (VOLUME, COST, NEWEST)
PAGE = 50
EXAMPLES = 12
RELATED = 0.2


class QuestionNotFoundError(NotFoundError):
    """There is no such question."""


@dataclass(frozen=True)
class Wanted:
    """What to list. `view` answered: open ones that an article answers by now; `order` cost: most handoffs first."""

    view: str = OPEN
    language: str = ""
    text: str = ""
    order: str = VOLUME


@dataclass(frozen=True)
class Question:
    """A question. Counts are of messages that nothing answered: `asked` in all, by `conversations`, `handoffs` that followed.

    `since_closed`: conversations that asked again since it was closed; `found_*` see `QuestionRow`.
    """

    id: UUID
    text: str
    language: str
    status: str
    asked: int
    conversations: int
    handoffs: int
    since_closed: int
    languages: tuple[str, ...]
    first_at: datetime | None
    last_at: datetime | None
    found_article: str | None = None
    found_language: str | None = None
    found_confidence: float | None = None
    found_share: float | None = None
    article_id: str | None = None
    article_language: str | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: datetime | None = None
    reopened_why: str | None = None
    reopened_times: int = 0


@dataclass(frozen=True)
class Wording:
    """A redacted wording with how often it was said, and a conversation in which it was."""

    text: str
    language: str
    count: int
    handoffs: int
    conversation_id: UUID | None


@dataclass(frozen=True)
class QuestionDetail:
    """A question with wordings, those said most first, and draft answers by language."""

    question: Question
    wordings: tuple[Wording, ...]
    drafts: Mapping[str, DraftAnswer] = field(default_factory=dict)


async def access_questions(session: AsyncSession, staff: StaffRow, wanted: Wanted, *, limit: int = PAGE) -> list[Question]:
    """Questions of one view. Raises NotAllowedError, and InvalidInputError for an unknown view or order."""
    check_may(staff, RIGHT)
    if wanted.view not in VIEWS:
        raise InvalidInputError(f"There is no view {wanted.view!r}", hint=f"Use one of {', '.join(VIEWS)}.")
    if wanted.order not in ORDERS:
        raise InvalidInputError(f"There is no order {wanted.order!r}", hint=f"Use one of {', '.join(ORDERS)}.")
    counts = _counts(wanted.language).subquery()
    query = select(QuestionRow, counts).join(counts, counts.c.question_id == QuestionRow.id, isouter=not _must_be_said(wanted))
    query = query.where(in_view(wanted.view))
    if wanted.text:
        query = query.where(QuestionRow.id.in_(_saying(wanted.text)))
    volume, cost, newest = func.coalesce(counts.c.asked, 0).desc(), func.coalesce(counts.c.handoffs, 0).desc(), counts.c.last_at.desc()
    order = {VOLUME: (volume, cost), COST: (cost, volume), NEWEST: (newest.nulls_last(), volume)}[wanted.order]
    rows = (await session.execute(query.order_by(*order, QuestionRow.created_at, QuestionRow.id).limit(limit))).all()
    return [_question(row) for row in rows]


async def access_question(session: AsyncSession, staff: StaffRow, question_id: UUID) -> QuestionDetail:
    """One question; where it was merged, the one that it became part of. Raises NotAllowedError, QuestionNotFoundError."""
    check_may(staff, RIGHT)
    row = await find_row(session, question_id)
    counts = _counts("").subquery()
    query = select(QuestionRow, counts).join(counts, counts.c.question_id == QuestionRow.id, isouter=True).where(QuestionRow.id == row.id)
    question = _question((await session.execute(query.execution_options(populate_existing=True))).one())
    drafts = {language: _draft(draft) for language, draft in row.drafts.items()}
    return QuestionDetail(question, tuple(await _wordings(session, row.id)), drafts)


async def find_near(session: AsyncSession, question_id: UUID, *, limit: int = 5) -> list[tuple[UUID, str, float]]:
    """Other open questions, nearest first, with the mean cosine between their wordings: an editor may put them together."""
    query = select(QuestionRow.id, QuestionRow.text, WordingRow.vector).join(WordingRow, WordingRow.question_id == QuestionRow.id)
    query = query.where(or_(QuestionRow.status == OPEN, QuestionRow.id == question_id)).order_by(QuestionRow.created_at, QuestionRow.id)
    sums: dict[UUID, Vectors] = {}
    names: dict[UUID, str] = {}
    counts: dict[UUID, int] = {}
    for identity, words, vector in (await session.execute(query)).all():
        sums[identity] = sums.get(identity, 0) + unpack(vector)
        names[identity], counts[identity] = words, counts.get(identity, 0) + 1
    mine = sums.pop(question_id, None)
    if mine is None:
        return []
    near = [(one, names[one], float(total @ mine) / (counts[one] * counts[question_id])) for one, total in sums.items()]
    return sorted((one for one in near if one[2] >= RELATED), key=lambda one: -round(one[2], 5))[:limit]


async def find_row(session: AsyncSession, question_id: UUID, *, lock: bool = False) -> QuestionRow:
    """The row, or the one that it was merged into. Raises QuestionNotFoundError."""
    row = await session.get(QuestionRow, question_id, populate_existing=True, with_for_update=lock)
    if row is not None and row.merged_into is not None:
        row = await session.get(QuestionRow, row.merged_into, populate_existing=True, with_for_update=lock)
    if row is None:
        raise QuestionNotFoundError(hint="Its messages may have been erased.")
    return row


async def count_views(session: AsyncSession) -> dict[str, int]:
    """How many questions each view holds."""
    said = _counts("").subquery()
    found = {}
    for view in VIEWS:
        query = select(func.count()).select_from(QuestionRow).where(in_view(view))
        if view in (OPEN, ANSWERED):
            query = query.join(said, said.c.question_id == QuestionRow.id)
        found[view] = (await session.execute(query)).scalar_one()
    return found


def in_view(view: str) -> ColumnElement[bool]:
    """Which questions a view shows."""
    if view in (OPEN, ANSWERED):
        has = QuestionRow.found_article.is_not(None)
        return and_(QuestionRow.status == OPEN, has if view == ANSWERED else ~has)
    return QuestionRow.status == view


def _must_be_said(wanted: Wanted) -> bool:
    """Open questions whose messages are all erased or taught are not shown; decided ones are, unless a language is wanted."""
    return wanted.view in (OPEN, ANSWERED) or bool(wanted.language)


def _counts(language: str) -> Any:
    message = LearningMessageRow
    again = and_(QuestionRow.closed_at.is_not(None), message.at > QuestionRow.closed_at)
    query = (
        select(
            WordingRow.question_id,
            func.count(message.message_id).label("asked"),
            func.count(distinct(message.conversation_id)).label("conversations"),
            func.count(distinct(message.conversation_id)).filter(message.handed_off).label("handoffs"),
            func.count(distinct(message.conversation_id)).filter(again).label("since_closed"),
            func.array_agg(distinct(LearningSentenceRow.language)).label("languages"),
            func.min(message.at).label("first_at"),
            func.max(message.at).label("last_at"),
        )
        .join(LearningSentenceRow, LearningSentenceRow.id == WordingRow.sentence_id)
        .join(message, message.sentence_id == LearningSentenceRow.id)
        .join(QuestionRow, QuestionRow.id == WordingRow.question_id)
        .where(unanswered())
        .group_by(WordingRow.question_id)
    )
    return query.having(func.bool_or(LearningSentenceRow.language == language)) if language else query


def _saying(text: str) -> Any:
    wordings = select(WordingRow.question_id).join(LearningSentenceRow, LearningSentenceRow.id == WordingRow.sentence_id)
    said = wordings.where(LearningSentenceRow.text.icontains(text, autoescape=True))
    return select(QuestionRow.id).where(or_(QuestionRow.id.in_(said), QuestionRow.text.icontains(text, autoescape=True)))


async def _wordings(session: AsyncSession, question_id: UUID) -> list[Wording]:
    message = LearningMessageRow
    count = func.count(message.message_id)
    query = (
        select(
            LearningSentenceRow.text,
            LearningSentenceRow.language,
            count,
            func.count(message.message_id).filter(message.handed_off),
            func.max(func.cast(message.conversation_id, LearningSentenceRow.text.type)),
        )
        .join(WordingRow, WordingRow.sentence_id == LearningSentenceRow.id)
        .join(message, message.sentence_id == LearningSentenceRow.id)
        .where(WordingRow.question_id == question_id, unanswered())
        .group_by(LearningSentenceRow.id)
        .order_by(count.desc(), LearningSentenceRow.created_at, LearningSentenceRow.id)
        .limit(EXAMPLES)
    )
    rows = (await session.execute(query)).all()
    return [Wording(text, language, said, handoffs, UUID(where) if where else None) for text, language, said, handoffs, where in rows]


def _draft(stored: Mapping[str, Any]) -> DraftAnswer:
    return DraftAnswer(stored["language"], stored["text"], tuple(stored["replies"]), stored["count"])


def _question(found: Any) -> Question:
    row: QuestionRow = found[0]
    return Question(
        id=row.id,
        text=row.text,
        language=row.language,
        status=ANSWERED if row.status == OPEN and row.found_article else row.status,
        asked=found.asked or 0,
        conversations=found.conversations or 0,
        handoffs=found.handoffs or 0,
        since_closed=found.since_closed or 0,
        languages=tuple(found.languages or (row.language,)),
        first_at=found.first_at,
        last_at=found.last_at,
        found_article=row.found_article,
        found_language=row.found_language,
        found_confidence=row.found_confidence,
        found_share=row.found_share,
        article_id=row.article_id,
        article_language=row.article_language,
        reason=row.reason,
        decided_by=row.decided_name,
        decided_at=row.decided_at,
        closed_at=row.closed_at,
        reopened_at=row.reopened_at,
        reopened_why=row.reopened_why,
        reopened_times=row.reopened_times,
    )
