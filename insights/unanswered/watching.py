"""What happens to questions by themselves: closed when their article is published, opened again when customers go on asking."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, distinct, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.following import follow
from context.models import EventRow
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import QuestionRow, WordingRow
from insights.unanswered.saying import unanswered
from kit.clock import Clock, utc_now

FOLLOWER = "unanswered"
ASKED_AGAIN = 2  # conversations: one alone may be a message that no article could help
SETTLED = timedelta(minutes=1)  # what was asked while the article was on its way to every node does not count
CLOSED_BY, OPENED_BY, REPLIED = "article.published", "article.retired", "agent.replied"


async def follow_events(session: AsyncSession, *, clock: Clock = utc_now) -> bool:
    """Reads a page of the event log from where it was left; returns whether there is more. The caller holds the lock."""
    page = await follow(session, FOLLOWER, (CLOSED_BY, OPENED_BY, REPLIED))
    for event in page.events:
        if event.name == REPLIED:
            await _draft_again(session, event.conversation_id)
        elif event.name == CLOSED_BY:
            await _close(session, event, clock=clock)
        else:
            await _retired(session, event, clock=clock)
    return page.more


async def reopen_asked(session: AsyncSession, *, clock: Clock = utc_now) -> int:
    """Opens closed questions again that customers went on asking and nothing answered; returns how many."""
    query = (
        select(QuestionRow.id)
        .join(WordingRow, WordingRow.question_id == QuestionRow.id)
        .join(LearningSentenceRow, LearningSentenceRow.id == WordingRow.sentence_id)
        .join(LearningMessageRow, LearningMessageRow.sentence_id == LearningSentenceRow.id)
        .where(QuestionRow.status == "closed", LearningMessageRow.at > QuestionRow.closed_at + SETTLED, unanswered())
        .group_by(QuestionRow.id)
        .having(func.count(distinct(LearningMessageRow.conversation_id)) >= ASKED_AGAIN)
    )
    found = list((await session.execute(query)).scalars())
    for question_id in found:
        await reopen(session, question_id, why="asked_again", at=clock())
    return len(found)


async def reopen(session: AsyncSession, question_id: UUID, *, why: str, at: datetime) -> None:
    """Opens a question again and says why; its article stays named."""
    values = {
        "status": "open", "reopened_at": at, "reopened_why": why, "reopened_times": QuestionRow.reopened_times + 1,
        "found_generation": None, "stale": True, "changed_at": at,
    }  # fmt: skip
    await session.execute(update(QuestionRow).where(QuestionRow.id == question_id).values(values))


async def forget_erased(session: AsyncSession) -> int:
    """Deletes open questions of which no message is kept any more; returns how many."""
    said = exists().where(LearningMessageRow.sentence_id == WordingRow.sentence_id, WordingRow.question_id == QuestionRow.id)
    gone = delete(QuestionRow).where(QuestionRow.status == "open", ~said).returning(QuestionRow.id)
    return len((await session.execute(gone)).all())


async def _draft_again(session: AsyncSession, conversation_id: UUID | None) -> None:
    asked = (
        select(WordingRow.question_id)
        .join(LearningMessageRow, LearningMessageRow.sentence_id == WordingRow.sentence_id)
        .where(LearningMessageRow.conversation_id == conversation_id)
    )
    await session.execute(update(QuestionRow).where(QuestionRow.id.in_(asked)).values(stale=True))


async def _close(session: AsyncSession, event: EventRow, *, clock: Clock) -> None:
    """Closes what waited for this article in this language; what was published before the editor's decision is something else."""
    closes = update(QuestionRow).where(
        QuestionRow.status == "drafted", QuestionRow.article_id == event.data["article_id"],
        QuestionRow.article_language == event.data["language"], QuestionRow.decided_at <= event.at,
    )  # fmt: skip
    await session.execute(closes.values(status="closed", closed_at=event.at, changed_at=clock(), found_generation=None))


async def _retired(session: AsyncSession, event: EventRow, *, clock: Clock) -> None:
    query = select(QuestionRow.id).where(
        QuestionRow.status.in_(("drafted", "closed")),
        QuestionRow.article_id == event.data["article_id"],
        QuestionRow.decided_at <= event.at,
    )
    for question_id in (await session.execute(query)).scalars().all():
        await reopen(session, question_id, why="retired", at=clock())
