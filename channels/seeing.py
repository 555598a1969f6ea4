"""Tells a customer at once that their message was seen and that an answer is being written, where the bot answers; it may fail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from uuid import UUID

from channels.accounts import Accounts
from channels.base import Account, Channel
from channels.happenings import CustomerMessage
from context.models import ConversationRow
from context.types import Handler
from kit.db import Database
from kit.log import get_logger

MOST = 16  # more at once are left out: answers matter more than ticks

log = get_logger("seeing")


@runtime_checkable
class ShowsSeen(Protocol):
    """A channel that can show that a message was seen. `answers_choices` (if there): a pressed button must be answered in any case."""

    async def seen(self, account: Account, external_id: str, *, typing: bool) -> None:
        """Marks a customer's message as read, and shows "typing" where wanted."""


@dataclass
class Seeing:
    """Runs beside the intake."""

    database: Database
    accounts: Accounts
    channels: Mapping[str, Channel]
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def after(self, happening: CustomerMessage, conversation_id: UUID) -> None:
        """Starts what belongs to a new message, if there is not too much of it."""
        channel = self.channels.get(happening.inbound.channel)
        if not isinstance(channel, ShowsSeen) or len(self._running) >= MOST:
            return
        task = asyncio.create_task(self._show(channel, happening, conversation_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _show(self, channel: ShowsSeen, happening: CustomerMessage, conversation_id: UUID) -> None:
        try:
            async with self.database.transaction() as session:
                conversation = await session.get(ConversationRow, conversation_id)
            by_bot = conversation is not None and conversation.handler == Handler.BOT
            if not by_bot and (happening.choice is None or not getattr(channel, "answers_choices", False)):
                return  # an agent's eyes, not ours; but a pressed button waits for its answer on some channels
            account = await self.accounts.find(happening.inbound.channel, happening.inbound.account)
            if account is not None and account.state == "active":
                await channel.seen(account, happening.inbound.external_id, typing=by_bot)
        except Exception as error:  # ticks are not worth an error
            log.info("not shown as seen", error=type(error).__name__)
