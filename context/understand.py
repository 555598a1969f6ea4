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
from context.models import ConversationRow, MessageRow
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
    understanding = await understand_text(nlu, message.text, previous=previous, expected=expected, about=message_id)
    async with database.transaction() as session:
        conversation = await lock_conversation(session, message.conversation_id)
        await store_understanding(session, ledger, conversation, message_id=message_id, understanding=understanding)


async def understand_text(nlu: Understands, text: str, *, previous: str | None, expected: str | None, about: UUID) -> Understanding:
    """What a message means, thought out beside the event loop. Raises UnavailableError while there is no model."""
    try:
        return await asyncio.to_thread(nlu.understand, text, previous_language=previous, expected=expected)
    except UnavailableError:
        raise  # no model at the moment: the job comes again
    except Exception as error:  # a text that breaks the model must not silence the bot: it falls back, and hands over if need be
        log.exception("message not understood", message=str(about), error=type(error).__name__)
        return Understanding(previous or "en", None, 0.0)


async def store_understanding(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, message_id: UUID, understanding: Understanding
) -> None:
    """Stores what a message of a locked conversation means, unless that is known already."""
    row = await session.get(MessageRow, message_id, populate_existing=True)
    if row is None or row.understanding is not None:
        return
    row.understanding = dump_understanding(understanding)
    later = select(MessageRow.id).where(
        MessageRow.conversation_id == row.conversation_id, MessageRow.seq > row.seq, MessageRow.understanding.is_not(None)
    )
    if (await session.execute(later.limit(1))).first() is None:  # messages of a burst may be understood out of order
        conversation.language = understanding.language
    await ledger.append(session, understood(message_id, understanding), actor=SYSTEM, conversation=conversation)


def understood(message_id: UUID, understanding: Understanding) -> MessageUnderstood:
    """The event that says what a message means."""
    return MessageUnderstood(
        message_id=str(message_id), language=understanding.language, intent=understanding.intent, confidence=understanding.confidence,
        out_of_scope=understanding.intent is None, sentiment=understanding.sentiment.level,
    )  # fmt: skip
