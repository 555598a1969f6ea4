"""Each customer message is understood once and stored; bot, routing, alerts and suggestions read it."""

from __future__ import annotations

import asyncio
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import dump_understanding, lock_conversation
from context.events import MessageUnderstood
from context.ledger import SYSTEM, Ledger
from context.models import MessageRow
from context.types import Understanding
from kit.db import Database


class Understands(Protocol):
    """As much of nlu as is needed here."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        """What a text means; deterministic."""


async def understand_message(database: Database, ledger: Ledger, nlu: Understands, *, message_id: UUID) -> None:
    """Understands a stored message outside any transaction, then stores what was understood; a repeat changes nothing."""
    async with database.transaction() as session:
        message = await session.get(MessageRow, message_id)
        if message is None or message.understanding is not None:
            return
        conversation = await lock_conversation(session, message.conversation_id)
        previous, expected = conversation.language, conversation.dialogue.get("expected")
    understanding = await asyncio.to_thread(nlu.understand, message.text, previous_language=previous, expected=expected)
    async with database.transaction() as session:
        await _store(session, ledger, message, understanding)


async def _store(session: AsyncSession, ledger: Ledger, message: MessageRow, understanding: Understanding) -> None:
    conversation = await lock_conversation(session, message.conversation_id)
    row = await session.get(MessageRow, message.id, populate_existing=True)
    if row is None or row.understanding is not None:
        return
    row.understanding = dump_understanding(understanding)
    conversation.language = understanding.language
    event = MessageUnderstood(
        message_id=str(row.id), language=understanding.language, intent=understanding.intent, confidence=understanding.confidence,
        out_of_scope=understanding.intent is None, sentiment=understanding.sentiment.level,
    )  # fmt: skip
    await ledger.append(session, event, actor=SYSTEM, conversation=conversation)
