"""What customers asked while a person held the conversation, and that person answered: the answer stands in the agent's own reply."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import MessageRow
from context.types import Author, Visibility
from insights.unanswered.small_talk import is_small_talk
from knowledge.sentences import split_sentences

LOOKED_AT = 200  # messages
_ASKS = frozenset("?嗎吗呢咩")


async def asked_of_people(session: AsyncSession, conversation_id: UUID) -> list[MessageRow]:
    """The questions between two words of agents, in order: asked after one of them spoke, answered by more than a politeness."""
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation_id,
        MessageRow.visibility == Visibility.PUBLIC,
        MessageRow.author.in_((Author.CUSTOMER, Author.BOT, Author.AGENT)),
    )
    found: list[MessageRow] = []
    waiting: list[MessageRow] = []
    speaker = Author.BOT
    for row in (await session.execute(query.order_by(MessageRow.seq).limit(LOOKED_AT))).scalars():
        if row.author == Author.CUSTOMER:
            waiting += [row] if speaker == Author.AGENT and _asks(row) else []
            continue
        if row.author == Author.BOT:
            waiting = []
        elif _answers(row.text):
            found, waiting = [*found, *waiting], []
        speaker = Author(row.author)
    return found


def _asks(row: MessageRow) -> bool:
    return row.understanding is not None and not row.payload and bool(_ASKS & set(unicodedata.normalize("NFKC", row.text)))


def _answers(text: str) -> bool:
    return not all(is_small_talk(one) for one in split_sentences(text))
