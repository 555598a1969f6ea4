"""Which message of a customer an answer or a suggestion was about, and its words, redacted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import MessageRow, TurnRow
from context.redaction.redactor import Redactor
from context.types import Author
from insights.keeping import names_of, parts_of


@dataclass(frozen=True)
class AskedMessage:
    """A customer's message: `text` redacted."""

    id: UUID
    seq: int
    text: str
    language: str


async def load_asked(session: AsyncSession, message_ids: Collection[UUID]) -> list[object]:
    """Reads these messages, the turns they were said in and what was asked there in three statements: the session has them for as long
    as the list is kept.
    """
    if not message_ids:
        return []
    messages = list((await session.execute(select(MessageRow).where(MessageRow.id.in_(message_ids)))).scalars())
    turns = list((await session.execute(select(TurnRow).where(TurnRow.id.in_([m.turn_id for m in messages if m.turn_id])))).scalars())
    asked = [UUID(one) for turn in turns for one in parts_of(turn.trace) if one != "None"]
    return [*messages, *turns, *(await session.execute(select(MessageRow).where(MessageRow.id.in_(asked)))).scalars()]


async def find_question(session: AsyncSession, message_id: UUID, article_id: str) -> MessageRow | None:
    """The customer's message that a bot's message with this article answers, or the message itself when it is the customer's."""
    row = await session.get(MessageRow, message_id)
    if row is None or row.author == Author.CUSTOMER:
        return row
    turn = await session.get(TurnRow, row.turn_id) if row.turn_id is not None else None
    asked = _answered_with(turn, article_id) if turn is not None else None
    if asked is not None:
        return await session.get(MessageRow, asked)
    before = select(MessageRow).where(
        MessageRow.conversation_id == row.conversation_id, MessageRow.author == Author.CUSTOMER, MessageRow.seq < row.seq
    )
    return (await session.execute(before.order_by(MessageRow.seq.desc()).limit(1))).scalar_one_or_none()


def _answered_with(turn: TurnRow, article_id: str) -> UUID | None:
    """Several messages may have been answered in one turn: the one whose passages name the article, else the last."""
    parts = parts_of(turn.trace)
    named = [
        message
        for message, steps in parts.items()
        if any(
            one.get("article") == article_id for step in steps for one in step.get("passages", ()) if step.get("knowledge") == "answered"
        )
    ]
    found = (named or list(parts))[-1:]
    return UUID(found[0]) if found and found[0] != "None" else None


async def read_asked(session: AsyncSession, row: MessageRow, redactor: Redactor) -> AskedMessage:
    """The message as others may read it."""
    language = str((row.understanding or {}).get("language") or "en")
    names = await names_of(session, row.conversation_id, also=row.author_name)
    return AskedMessage(row.id, row.seq, redactor.redact(row.text, language=language, profile=names), language)
