"""What agents replied to a question, redacted, as the material of a draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import MessageRow
from context.redaction.redactor import Redactor
from context.types import Author, Visibility
from insights.keeping import names_of
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import WordingRow
from insights.unanswered.saying import unanswered
from knowledge.sentences import split_sentences

MOST_MESSAGES = 60
MOST_REPLIES = 4  # of one conversation: what comes later is about something else
WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Reply:
    """One message of an agent after the question: its sentences, redacted, in the language that the customer asked in."""

    message_id: UUID
    language: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences in one line."""
        return ("" if self.language.startswith("zh") else " ").join(self.sentences)


async def read_replies(session: AsyncSession, question_id: UUID, redactor: Callable[[], Redactor]) -> list[Reply]:
    """The first replies of agents within a day after each of the newest messages that asked it, oldest first, each once."""
    asked = (
        select(MessageRow.conversation_id, MessageRow.seq, MessageRow.at, LearningSentenceRow.language)
        .join(LearningMessageRow, LearningMessageRow.message_id == MessageRow.id)
        .join(LearningSentenceRow, LearningSentenceRow.id == LearningMessageRow.sentence_id)
        .join(WordingRow, WordingRow.sentence_id == LearningSentenceRow.id)
        .where(WordingRow.question_id == question_id, unanswered())
        .order_by(MessageRow.at.desc(), MessageRow.id)
        .limit(MOST_MESSAGES)
    )
    found: dict[UUID, Reply] = {}
    for conversation_id, seq, at, language in (await session.execute(asked)).all():
        rows = await _after(session, conversation_id, seq=seq, until=at + WITHIN)
        for row in rows:
            profile = await names_of(session, conversation_id, also=row.author_name)
            sentences = (redactor().redact(one, language=language, profile=profile) for one in split_sentences(row.text))
            found.setdefault(row.id, Reply(row.id, language, tuple(one for one in sentences if one)))
    return list(reversed(found.values()))


async def _after(session: AsyncSession, conversation_id: UUID, *, seq: int, until: object) -> Sequence[MessageRow]:
    mine = and_(
        MessageRow.conversation_id == conversation_id, MessageRow.seq > seq, MessageRow.at <= until,
        MessageRow.author == Author.AGENT, MessageRow.visibility == Visibility.PUBLIC,
    )  # fmt: skip
    return (await session.execute(select(MessageRow).where(mine).order_by(MessageRow.seq).limit(MOST_REPLIES))).scalars().all()
