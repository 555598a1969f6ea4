"""`?wait`: what the bot answers, in the answer to the webhook that asked. It only looks: the outbox posts all of it as ever."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Account, Sending, ShapeError
from channels.happenings import CustomerMessage
from channels.render import render
from channels.sends import part_key
from channels.webhook.capabilities import CAPABILITIES, NAME, SPECIALS
from channels.webhook.parse import parse
from channels.webhook.schemas import CreatedData
from channels.webhook.send import message_data
from context.conversations import view_message
from context.models import ConversationRow, MessageRow
from context.types import Author, Direction, Handler, Inbound, MessageView, Visibility
from kit.db import Database

MOST_SECONDS = 25
MOST_WAITING = 32  # in one process; who comes beside them is answered at once
MOST_MESSAGES = 20
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 0.5


@dataclass
class Waiting:
    """Those who wait at this process."""

    database: Database
    most: int = MOST_WAITING
    _now: int = 0

    async def replies(self, body: bytes, account: Account, *, seconds: float) -> list[CreatedData]:
        """What the house answers to a customer's message within so many seconds, under the names by which it is posted.

        Nothing when the bot says nothing in that time, a person holds the conversation, too many wait, or it is no customer's message.
        What has files comes to the account's url alone, and so does `reply_to`.
        """
        asked = _asked(body, account)
        if asked is None or self._now >= self.most:
            return []
        self._now += 1
        try:
            return await self._wait(asked, account, until=time.monotonic() + seconds)
        finally:
            self._now -= 1

    async def _wait(self, asked: Inbound, account: Account, *, until: float) -> list[CreatedData]:
        pause = PAUSE_SECONDS
        while True:
            async with self.database.transaction() as session:
                found = await _find_replies(session, asked, account)
            left = until - time.monotonic()
            if found is not None or left <= 0:
                return found or []
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.2, LONGEST_PAUSE_SECONDS)


def _asked(body: bytes, account: Account) -> Inbound | None:
    try:
        return next((one.inbound for one in parse(body, account) if isinstance(one, CustomerMessage)), None)
    except ShapeError:
        return None


async def _find_replies(session: AsyncSession, asked: Inbound, account: Account) -> list[CreatedData] | None:
    """What was said after the message; None while more is to be waited for: it is not taken in yet, or the bot has it and is silent."""
    mine = (MessageRow.channel == NAME, MessageRow.account == account.account)
    about = (await session.execute(select(MessageRow).where(*mine, MessageRow.external_id == asked.external_id))).scalar()
    if about is None:
        return None
    conversation = await session.get_one(ConversationRow, about.conversation_id)
    said = (MessageRow.direction == Direction.OUT, MessageRow.visibility == Visibility.PUBLIC, MessageRow.author != Author.AGENT)
    query = select(MessageRow).where(MessageRow.conversation_id == about.conversation_id, MessageRow.seq > about.seq, *mine, *said)
    messages = [view_message(row) for row in (await session.execute(query.order_by(MessageRow.seq).limit(MOST_MESSAGES))).scalars()]
    if conversation.handler == Handler.BOT and not any(message.author == Author.BOT for message in messages):
        return None
    language = conversation.language or "en"
    return [one for message in messages for one in _shown(message, asked, account, language=language)]


def _shown(message: MessageView, asked: Inbound, account: Account, *, language: str) -> list[CreatedData]:
    if message.content.attachments:
        return []
    parts = render(message.content, CAPABILITIES, message_id=message.id, specials=SPECIALS)
    return [
        message_data(Sending(part_key(message.id, n), message, part, asked.identity, account, language=language), None)
        for n, part in enumerate(parts)
    ]
