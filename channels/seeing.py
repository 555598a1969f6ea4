"""What follows a new message and may fail: the customer is told that it was seen and an answer is written; their name is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from channels.accounts import Accounts
from channels.base import Account, Channel
from channels.happenings import CustomerMessage
from context.contacts import find_identity
from context.models import ContactRow, ConversationRow
from context.types import Handler, Inbound
from kit.db import Database
from kit.log import get_logger

MOST_ASKED = 50_000
MOST_LETTERS = 100
MOST = 16  # more at once are left out: answers matter more than ticks

log = get_logger("seeing")


@runtime_checkable
class ShowsSeen(Protocol):
    """A channel that can show that a message was seen. `answers_choices` (if there): a pressed button must be answered in any case."""

    async def seen(self, account: Account, external_id: str, *, typing: bool) -> None:
        """Marks a customer's message as read, and shows "typing" where wanted."""


@runtime_checkable
class KnowsNames(Protocol):
    """A channel whose webhooks bring no names, and whose provider tells them when asked."""

    async def name_of(self, account: Account, address: str) -> str | None:
        """How a customer calls themselves, if that is told."""


@dataclass
class Seeing:
    """Runs beside the intake."""

    database: Database
    accounts: Accounts
    channels: Mapping[str, Channel]
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _asked: set[tuple[str, str, str]] = field(default_factory=set)

    def after(self, happening: CustomerMessage, conversation_id: UUID) -> None:
        """Starts what belongs to a new message, if there is not too much of it."""
        channel = self.channels.get(happening.inbound.channel)
        if isinstance(channel, ShowsSeen):
            self._start(self._show(channel, happening, conversation_id))
        if isinstance(channel, KnowsNames) and happening.inbound.profile_name is None:
            self._start(self._name(channel, happening.inbound))

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        if len(self._running) >= MOST:
            doing.close()
            return
        task = asyncio.create_task(doing)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _name(self, channel: KnowsNames, inbound: Inbound) -> None:
        """Names a contact that has no name yet; asked once by a process, as it may not be told."""
        place = (inbound.channel, inbound.account, inbound.identity)
        if place in self._asked or len(self._asked) > MOST_ASKED:
            return
        self._asked.add(place)
        try:
            account = await self.accounts.find(inbound.channel, inbound.account)
            name = await channel.name_of(account, inbound.identity) if account is not None and account.state == "active" else None
            if not name or not name.isprintable():
                return
            async with self.database.transaction() as session:
                identity = await find_identity(session, *place)
                contact = await session.get(ContactRow, identity.contact_id, with_for_update=True) if identity is not None else None
                if contact is not None and not contact.name:
                    contact.name = name[:MOST_LETTERS]
        except Exception as error:  # a name is not worth an error
            log.info("no name was told", error=type(error).__name__)

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
