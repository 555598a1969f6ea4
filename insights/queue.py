"""The queue for learning as it is read: sentences with how often, why and when customers said them. Asks for the right to teach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.keeping import HANDOFF, REASONS
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.registry import find_active
from kit.errors import InvalidInputError

RIGHT = "teach"
OPEN, TAUGHT, DISMISSED = "open", "taught", "dismissed"
STATUSES = (OPEN, TAUGHT, DISMISSED)
PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What to list; empty means all. `reason` handoff: a person had to take over."""

    status: str = OPEN
    language: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the queue with what is known of the messages that said it. `guess`: what the model took the newest one for."""

    id: UUID
    text: str
    language: str
    status: str
    count: int
    reasons: tuple[str, ...]
    handed_off: int
    answered: int
    guess: tuple[tuple[str, float], ...]
    model: str
    conversation_id: UUID | None
    first_at: datetime
    last_at: datetime
    intent: str | None = None
    taught_text: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


async def access_sentences(session: AsyncSession, staff: StaffRow, wanted: Filter, *, limit: int = PAGE) -> list[Sentence]:
    """Sentences that fit, those that most customers said first, then the newest. Raises NotAllowedError and InvalidInputError."""
    check_may(staff, RIGHT)
    if wanted.status and wanted.status not in STATUSES:
        raise InvalidInputError(f"There is no status {wanted.status!r}", hint=f"Use one of {', '.join(STATUSES)}.")
    if wanted.reason and wanted.reason not in REASONS:
        raise InvalidInputError(f"There is no reason {wanted.reason!r}", hint=f"Use one of {', '.join(REASONS)}.")
    count, last = func.count(LearningMessageRow.message_id), func.max(LearningMessageRow.at)
    order = (LearningSentenceRow.decided_at.desc(),) if wanted.status not in {"", OPEN} else (count.desc(), last.desc())
    query = _matching(_grouped(), wanted).order_by(*order, LearningSentenceRow.id).limit(limit)
    return [_sentence(row) for row in (await session.execute(query)).all()]


async def access_counts(session: AsyncSession, staff: StaffRow) -> dict[str, Any]:
    """How many sentences are open, taught and dismissed, and which languages occur."""
    check_may(staff, RIGHT)
    by_status = select(LearningSentenceRow.status, func.count()).where(_still_said()).group_by(LearningSentenceRow.status)
    found = {status: number for status, number in (await session.execute(by_status)).all()}  # noqa: C416 - rows, not pairs
    languages = (await session.execute(select(LearningSentenceRow.language).distinct().order_by(LearningSentenceRow.language))).scalars()
    return {"counts": {status: found.get(status, 0) for status in STATUSES}, "languages": list(languages)}


async def read_sentence(session: AsyncSession, sentence_id: UUID) -> Sentence:
    """One sentence that is known to be there; its reader must have been checked."""
    return _sentence((await session.execute(_grouped().where(LearningSentenceRow.id == sentence_id))).one())


def _still_said() -> Any:
    """Open and dismissed sentences whose messages are all erased are not shown any more."""
    any_of = aliased(LearningMessageRow)
    said = select(any_of.message_id).where(any_of.sentence_id == LearningSentenceRow.id).correlate(LearningSentenceRow).exists()
    return or_(LearningSentenceRow.status == TAUGHT, said)


def _grouped() -> Select[Any]:
    inner = aliased(LearningMessageRow)
    newest = (
        select(inner.guess, inner.model, inner.conversation_id)
        .where(inner.sentence_id == LearningSentenceRow.id)
        .correlate(LearningSentenceRow)
        .order_by(inner.at.desc())
        .limit(1)
        .lateral("newest")
    )
    message = LearningMessageRow
    return (
        select(
            LearningSentenceRow,
            func.count(message.message_id).label("said"),
            func.count(message.message_id).filter(message.handed_off).label("handed_off"),
            func.count(message.message_id).filter(message.answered).label("answered"),
            func.array_agg(message.reason.distinct()).label("reasons"),
            func.min(message.at).label("first_at"),
            func.max(message.at).label("last_at"),
            newest.c.guess,
            newest.c.model,
            newest.c.conversation_id,
        )
        .join(message, message.sentence_id == LearningSentenceRow.id, isouter=True)
        .join(newest, true(), isouter=True)
        .where(_still_said())
        .group_by(LearningSentenceRow.id, newest.c.guess, newest.c.model, newest.c.conversation_id)
    )


def _matching(query: Select[Any], wanted: Filter) -> Select[Any]:
    if wanted.status:
        query = query.where(LearningSentenceRow.status == wanted.status)
    if wanted.language:
        query = query.where(LearningSentenceRow.language == wanted.language)
    if wanted.text:
        query = query.where(
            or_(LearningSentenceRow.text.icontains(wanted.text, autoescape=True), LearningSentenceRow.intent == wanted.text)
        )
    if wanted.reason:
        any_of = aliased(LearningMessageRow)
        why = or_(any_of.handed_off, any_of.reason == wanted.reason) if wanted.reason == HANDOFF else any_of.reason == wanted.reason
        fits = select(any_of.message_id).where(any_of.sentence_id == LearningSentenceRow.id, why).correlate(LearningSentenceRow)
        query = query.where(fits.exists())
    return query


def _sentence(found: Any) -> Sentence:
    row: LearningSentenceRow = found[0]
    return Sentence(
        id=row.id,
        text=row.text,
        language=row.language,
        status=row.status,
        count=found.said,
        reasons=tuple(reason for reason in found.reasons if reason),
        handed_off=found.handed_off,
        answered=found.answered,
        guess=tuple((str(name), float(probability)) for name, probability in found.guess or ()),
        model=found.model or "",
        conversation_id=found.conversation_id,
        first_at=found.first_at or row.created_at,
        last_at=found.last_at or row.changed_at,
        intent=row.intent,
        taught_text=row.taught_text,
        decided_by=row.decided_name,
        decided_at=row.decided_at,
    )


async def count_untrained(session: AsyncSession) -> int:
    """How many sentences were taught since the live model was trained."""
    live = await find_active(session)
    query = select(func.count()).select_from(LearningSentenceRow).where(LearningSentenceRow.status == TAUGHT)
    if live is not None:
        query = query.where(LearningSentenceRow.decided_at > live.model.created_at)
    return int((await session.execute(query)).scalar_one())


async def last_change(session: AsyncSession) -> str:
    """Differs when a sentence came, was repeated or decided: when to read the list again."""
    found = (await session.execute(select(func.max(LearningSentenceRow.changed_at), func.count()))).one()
    return f"{found[0]}/{found[1]}"
