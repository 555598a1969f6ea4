"""Learning from a conversation that an agent has finished: each reply with what was asked, redacted, each once.

What Baton had suggested and the agent sent as it was teaches nothing new; it counts where suggestions are ranked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from assist.history.wording import find_near, reply_key, reusable
from assist.models import LearnedExampleRow, LearnedReplyRow
from context.models import ContactRow, ConversationRow, EventRow, MessageRow, RatingRow
from context.redaction.redactor import Redactor, holds_words
from context.types import Author, Visibility
from kit.db import Database
from knowledge.chinese import one_script
from knowledge.ports import Embedder, Vectors

MOST_ASKED = 2  # of the customer's messages before a reply
COMPARED = 3000  # so many replies of a language are looked through for a near one
_LOCK = "assist learned replies"


@dataclass(frozen=True)
class _Pair:
    """A reply with what was asked before it, both redacted."""

    message: MessageRow
    question: str
    reply: str
    language: str


@dataclass(frozen=True)
class _Read:
    """The vectors of a pair, as bytes."""

    encoder: str
    question: bytes
    reply: bytes


@dataclass(frozen=True)
class Learner:
    """The job that follows when a conversation is resolved, handed back or rated."""

    database: Database
    embedder: Callable[[], Embedder]
    redactor: Callable[[], Redactor]

    async def learn(self, conversation_id: UUID) -> int:
        """Keeps what the conversation teaches; returns how many replies are new. A repeat changes nothing but the rating."""
        redactor = await asyncio.to_thread(self.redactor)
        async with self.database.transaction() as session:
            await _note_rating(session, conversation_id)
            pairs = await _read_pairs(session, conversation_id, redactor)
        if not pairs:
            return 0
        embedder = self.embedder()
        texts = [one_script(text) for pair in pairs for text in (pair.question, pair.reply)]
        vectors = await asyncio.to_thread(embedder.encode, texts)
        async with self.database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": _LOCK})
            for number, pair in enumerate(pairs):
                read = _Read(embedder.name, _bytes(vectors[2 * number]), _bytes(vectors[2 * number + 1]))
                await _store(session, pair, read)
            await _note_rating(session, conversation_id)
        return len(pairs)


async def _read_pairs(session: AsyncSession, conversation_id: UUID, redactor: Redactor) -> list[_Pair]:
    conversation = await session.get(ConversationRow, conversation_id)
    if conversation is None:
        return []
    query = select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.visibility == Visibility.PUBLIC)
    messages = (await session.execute(query.order_by(MessageRow.seq))).scalars().all()
    if not any(message.author == Author.AGENT for message in messages):
        return []
    profile = await _names(session, conversation, messages)
    skipped = await _known(session, conversation_id)
    found: list[_Pair] = []
    asked: list[MessageRow] = []
    for message in messages:
        if message.author == Author.CUSTOMER:
            asked.append(message)
        elif message.author == Author.AGENT and asked:
            if message.id not in skipped:
                found += _pair(message, asked, conversation, redactor=redactor, profile=profile)
            asked = []
    return found


def _pair(
    message: MessageRow, asked: Sequence[MessageRow], conversation: ConversationRow, *, redactor: Redactor, profile: Sequence[str]
) -> list[_Pair]:
    understood = next((one.understanding for one in reversed(asked) if one.understanding), None)
    language = str(understood["language"]) if understood else conversation.language or "en"
    question = " ".join(redactor.redact(one.text, language=language, profile=profile) for one in asked[-MOST_ASKED:])
    reply = reusable(message.text, redactor, language=language, profile=profile)
    return [_Pair(message, question, reply, language)] if reply is not None and holds_words(question) else []


async def _names(session: AsyncSession, conversation: ConversationRow, messages: Sequence[MessageRow]) -> list[str]:
    contact = await session.get(ContactRow, conversation.contact_id)
    known = [contact.name, (contact.email or "").split("@")[0]] if contact else []
    return [name for name in dict.fromkeys([*known, *(message.author_name for message in messages)]) if name]


async def _known(session: AsyncSession, conversation_id: UUID) -> set[UUID]:
    """Replies that were learned already, and those that Baton itself had written."""
    learned = select(LearnedExampleRow.message_id).where(LearnedExampleRow.conversation_id == conversation_id)
    accepted = select(EventRow.data["message_id"].astext).where(
        EventRow.conversation_id == conversation_id, EventRow.name == "suggestion.accepted"
    )
    return {*(await session.execute(learned)).scalars(), *(UUID(one) for one in (await session.execute(accepted)).scalars())}


def _bytes(vector: Vectors) -> bytes:
    return np.asarray(vector, dtype="<f4").tobytes()


async def _store(session: AsyncSession, pair: _Pair, read: _Read) -> None:
    values = {
        "message_id": pair.message.id,
        "reply_id": await _find_reply(session, pair, read),
        "conversation_id": pair.message.conversation_id,
        "staff_id": UUID(pair.message.author_id) if pair.message.author_id else None,
        "question": pair.question,
        "vector": read.question,
        "encoder": read.encoder,
        "at": pair.message.at,
    }
    await session.execute(insert(LearnedExampleRow).values(values).on_conflict_do_nothing(index_elements=["message_id"]))


async def _find_reply(session: AsyncSession, pair: _Pair, read: _Read) -> UUID:
    """The reply that this one repeats, exactly or nearly, or a new one."""
    key = reply_key(pair.reply)
    mine = select(LearnedReplyRow.key, LearnedReplyRow.id).where(LearnedReplyRow.language == pair.language)
    rows = (await session.execute(mine.order_by(LearnedReplyRow.created_at.desc()).limit(COMPARED))).all()
    known: dict[str, UUID] = {row.key: row.id for row in rows}
    near = key if key in known else find_near(key, known.keys())
    if near is not None:
        return known[near]
    values = {"language": pair.language, "key": key, "reply": pair.reply, "vector": read.reply, "encoder": read.encoder}
    row = insert(LearnedReplyRow).values(values).on_conflict_do_update(index_elements=["language", "key"], set_={"key": key})
    found: UUID = (await session.execute(row.returning(LearnedReplyRow.id))).scalar_one()
    return found


async def _note_rating(session: AsyncSession, conversation_id: UUID) -> None:
    """What the customer thought of it is noted on everything that was learned there."""
    score = await session.scalar(select(func.max(RatingRow.score)).where(RatingRow.conversation_id == conversation_id))
    if score is not None:
        await session.execute(update(LearnedExampleRow).where(LearnedExampleRow.conversation_id == conversation_id).values(rating=score))
