"""While a customer waits for a person the house goes on helping: what articles answer is quoted at once, and the place is kept.

Only the house speaks, not the bot: it does not hold the conversation, asks nothing and changes nothing. Each message is answered at
most once, an article is quoted at most once a wait, and after `MOST` answers nothing more is said. Once the customer was told that they may
leave an address, a message that is nothing but an address or a telephone number, on any channel, is the wish to be reached there later.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.callbacks import AddressError, find_open_callback, parse_address, request_callback
from context.conversations import get_conversation, lock_conversation
from context.handoffs import find_latest_handoff
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.outbound import add_message
from context.phrases import phrase
from context.threads import is_chat
from context.types import Author, Content, Handler, Status, Visibility
from kit.db import Database
from knowledge.types import Answer

MOST = 3
HELPED = "while_waiting"  # of the house's message: which message it answers, and the article


class Knows(Protocol):
    """As much of `bot.engine.KnowledgeReader` as is needed."""

    async def answer(self, question: str, *, language: str) -> Answer:
        """What the articles say; `text` is None when nothing answers."""


@dataclass(frozen=True)
class WhileWaiting:
    """Helps those who wait, with what `knows`."""

    database: Database
    ledger: Ledger
    knows: Knows

    async def help(self, conversation_id: UUID) -> bool:
        """Answers the newest message of a customer who waits, where there is something to say; whether it was said."""
        async with self.database.transaction() as session:
            conversation = await get_conversation(session, conversation_id)
            asked = await _unanswered(session, conversation)
        if asked is None:
            return False
        if (address := _address_in(asked.text)) is not None:
            return await self._call_back(asked, address)
        said = await self.knows.answer(asked.text, language=conversation.language or "en")
        if said.text is None or not said.citations:
            return False
        return await self._say(asked, said)

    async def _say(self, asked: MessageRow, said: Answer) -> bool:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, asked.conversation_id)
            newest = await _unanswered(session, conversation)
            if newest is None or newest.id != asked.id:
                return False  # a person came, or the customer wrote again meanwhile
            article = said.citations[0].article_id
            helped = [m.body.get("custom", {}).get(HELPED, {}) for m in await _said_by_house(session, conversation)]
            if len([one for one in helped if one]) >= MOST or any(one.get("article") == article for one in helped):
                return False
            words = f"{phrase('while_waiting', conversation.language)}\n\n{said.text}"
            content = Content(words, citations=said.citations, custom={HELPED: {"message": str(asked.id), "article": article}})
            await add_message(session, self.ledger, conversation, content=content, author=Author.SYSTEM)
        return True

    async def _call_back(self, asked: MessageRow, address: str) -> bool:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, asked.conversation_id)
            newest = await _unanswered(session, conversation)
            if newest is None or newest.id != asked.id:
                return False
            handoff, known = await find_latest_handoff(session, conversation.id), await find_open_callback(session, conversation.id)
            if handoff is None or handoff.told_at is None or (known is not None and known.address == address):
                return False  # nobody has offered it yet, or it is known
            await request_callback(session, self.ledger, conversation, address=address)
        return True


def _address_in(text: str) -> str | None:
    """The whole message, where it is an address or a number and nothing else."""
    with contextlib.suppress(AddressError):
        return parse_address(text)[1]
    return None


async def _unanswered(session: AsyncSession, conversation: ConversationRow) -> MessageRow | None:
    """The newest message of a customer who waits in a chat, written since the wait began and not answered by the house; else None."""
    if conversation.handler != Handler.QUEUE or conversation.status != Status.OPEN or not is_chat(conversation.thread_key):
        return None
    handoff = await find_latest_handoff(session, conversation.id)
    newest = await session.scalar(_newest_of_customer(conversation.id))
    if newest is None or handoff is None or newest.at <= handoff.at or not newest.text.strip():
        return None
    answered = any(m.seq > newest.seq and m.body.get("custom", {}).get(HELPED) for m in await _said_by_house(session, conversation))
    return None if answered else newest


def _newest_of_customer(conversation_id: UUID) -> Select[MessageRow]:
    query = select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.author == Author.CUSTOMER)
    return query.order_by(MessageRow.seq.desc()).limit(1)


async def _said_by_house(session: AsyncSession, conversation: ConversationRow) -> list[MessageRow]:
    """What the house said aloud since the wait began."""
    handoff = await find_latest_handoff(session, conversation.id)
    if handoff is None:
        return []
    query = select(MessageRow).where(MessageRow.conversation_id == conversation.id, MessageRow.author == Author.SYSTEM)
    query = query.where(MessageRow.visibility == Visibility.PUBLIC, MessageRow.at >= handoff.at).order_by(MessageRow.seq)
    return list((await session.execute(query)).scalars())
