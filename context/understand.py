"""Each customer message is understood once and stored; bot, routing, alerts and suggestions read it."""

from __future__ import annotations

import asyncio
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import dump_understanding, lock_conversation
from context.events import MessageUnderstood
from context.ledger import SYSTEM, Ledger
from context.models import MessageRow
from context.types import Understanding
from kit.db import Database
from kit.errors import UnavailableError
from kit.log import get_logger

log = get_logger("understand")


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
    try:
        understanding = await asyncio.to_thread(nlu.understand, message.text, previous_language=previous, expected=expected)
    except UnavailableError:
        raise  # no model at the moment: the job comes again
    except Exception as error:  # a text that breaks the model must not silence the bot: it falls back, and hands over if need be
        log.exception("message not understood", message=str(message_id), error=type(error).__name__)
        understanding = Understanding(previous or "en", None, 0.0)
    async with database.transaction() as session:
        await _store(session, ledger, message, understanding)


async def _store(session: AsyncSession, ledger: Ledger, message: MessageRow, understanding: Understanding) -> None:
    conversation = await lock_conversation(session, message.conversation_id)
    row = await session.get(MessageRow, message.id, populate_existing=True)
    if row is None or row.understanding is not None:
        return
    row.understanding = dump_understanding(understanding)
    later = select(MessageRow.id).where(
        MessageRow.conversation_id == row.conversation_id, MessageRow.seq > row.seq, MessageRow.understanding.is_not(None)
    )
    if (await session.execute(later.limit(1))).first() is None:  # messages of a burst may be understood out of order
        conversation.language = understanding.language
    event = MessageUnderstood(
        message_id=str(row.id), language=understanding.language, intent=understanding.intent, confidence=understanding.confidence,
        out_of_scope=understanding.intent is None, sentiment=understanding.sentiment.level,
    )  # fmt: skip
    await ledger.append(session, event, actor=SYSTEM, conversation=conversation)
