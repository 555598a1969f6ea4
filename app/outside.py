"""Tells outside desks what has become theirs: follows the event log, one process at a time, and queues what the outbox sends there.

Each thing bears a key made of what it follows from, so that a page that is read again says nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.outside_facts import facts_of, said_of
from assist.suggestions import settle_taken
from channels.accounts import wake_outbox
from channels.chatwoot.capabilities import FACTS, NOTE
from channels.chatwoot.capabilities import NAME as CHATWOOT
from channels.desks import STATUS
from channels.models import ChannelAccountRow
from context import ownership
from context.addresses import Address
from context.conversations import lock_conversation
from context.following import follow
from context.handoffs import find_latest_handoff
from context.ledger import Ledger
from context.models import ConversationRow, EventRow, HandoffRow, MessageRow
from context.outbound import Writer, add_message
from context.outside import desk_holds, ensure_desk, find_desk, is_desk
from context.types import Author, Content, Delivery, Handler, HandoffReason, Visibility
from desk.card import Card, make_card
from kit.db import Database
from kit.errors import BatonError, NotFoundError
from kit.log import get_logger

READER = "outside"
DESKS = frozenset({CHATWOOT})
"""Channels behind which people answer outside Baton."""
NAMES = frozenset({"agent.assigned", "agent.released", "conversation.resolved", "message.received", "message.queued"})
EVERY_SECONDS = 0.25
ALONE_SECONDS = 2.0  # where no outside desk is connected
_LOCK = 0x6261746F6E12

log = get_logger("outside")

Accounts = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass
class OutsideWatch:
    """Follows what happens in conversations that outside desks may hold."""

    database: Database
    ledger: Ledger
    _connected: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.look()
            except (BatonError, SQLAlchemyError, OSError) as error:
                log.warning("outside desks were not told", reason=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS if self._connected else ALONE_SECONDS)

    async def look(self) -> int:
        """Works off what has happened since the last look; how many events that were."""
        seen = 0
        while True:
            async with self.database.transaction() as session:
                if not (await session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one():
                    return seen
                accounts = await self._accounts(session)
                self._connected = bool(accounts)
                page = await follow(session, READER, NAMES if accounts else ())
                for event in page.events:
                    if event.conversation_id is not None and (event.name != "message.queued" or _by_people(event)):
                        await self._follow(event, accounts)
            seen += len(page.events)
            if not page.more:
                return seen

    async def _accounts(self, session: AsyncSession) -> Accounts:
        """The accounts with outside desks and their settings; each has its colleague from here on."""
        rows = (await session.execute(select(ChannelAccountRow).where(ChannelAccountRow.channel.in_(DESKS)))).scalars().all()
        for row in rows:
            async with self.database.transaction() as own:
                await ensure_desk(own, row.channel, row.account, name=row.name)
        return {(row.channel, row.account): row.settings for row in rows}

    async def _follow(self, event: EventRow, accounts: Accounts) -> None:
        assert event.conversation_id is not None
        async with self.database.transaction() as session:
            try:
                conversation = await lock_conversation(session, event.conversation_id)
            except NotFoundError:  # erased meanwhile
                return
            if event.name == "message.received":
                await self._received(session, conversation, event)
            elif event.name == "message.queued":
                await self._answered(session, event)
            elif (conversation.channel, conversation.account) in accounts:
                await self._changed(session, conversation, event, accounts[conversation.channel, conversation.account])

    async def _received(self, session: AsyncSession, conversation: ConversationRow, event: EventRow) -> None:
        """What reaches a conversation that an outside desk holds must be seen there, or come to somebody who sees it."""
        if conversation.handler != Handler.AGENT or conversation.agent_id is None:
            return
        if await desk_holds(session, conversation) is None:
            if await is_desk(session, conversation.agent_id):  # they wrote on a channel that the desk does not have
                await ownership.reclaim(session, self.ledger, conversation, reason="elsewhere")
            return
        message = await session.get(MessageRow, UUID(event.data["message_id"]))
        handoff = await find_latest_handoff(session, conversation.id)
        if message is not None and message.address and handoff is not None:
            await self._set(session, conversation, "open", key=_open_key(handoff, message.address), address=message.address)

    async def _answered(self, session: AsyncSession, event: EventRow) -> None:
        """People wrote at the desk: perhaps what they had copied from the panel."""
        message = await session.get(MessageRow, UUID(event.data["message_id"]))
        if message is not None and message.body.get("custom", {}).get("echo"):
            await settle_taken(session, self.ledger, message.conversation_id, message_id=message.id, sent_text=message.text)

    async def _changed(self, session: AsyncSession, conversation: ConversationRow, event: EventRow, settings: Mapping[str, Any]) -> None:
        desk = await find_desk(session, conversation.channel, conversation.account)
        by_desk = desk is not None and event.data.get("staff_id") == str(desk.id)
        if event.name == "agent.assigned" and by_desk and await desk_holds(session, conversation) is not None:
            await self._hand_over(session, conversation, settings)
        elif event.name == "agent.released" and event.data["reason"] == "handed_back" and not by_desk:
            await self._set(session, conversation, "pending", key=_key(event, "pending"))
        elif event.name == "conversation.resolved" and event.data["by"] != "outside":
            await self._set(session, conversation, "resolved", key=_key(event, "resolved"))

    async def _hand_over(self, session: AsyncSession, conversation: ConversationRow, settings: Mapping[str, Any]) -> None:
        """First it is opened, so that nobody is forgotten whatever becomes of the note; what is set beside it comes last."""
        handoff = await find_latest_handoff(session, conversation.id)
        if handoff is None or conversation.address is None:
            return
        await self._set(session, conversation, "open", key=_open_key(handoff, conversation.address))
        if handoff.reason == HandoffReason.AGENT_TOOK_OVER:
            return
        note = note_of(make_card(handoff.packet, language=str(settings.get("language") or "en")))
        await self._queue(session, conversation, Content(note, custom={NOTE: True}), key=uuid5(handoff.id, "note"))
        if settings.get("facts") != "off":
            facts = await facts_of(session, conversation, handoff)
            await self._queue(session, conversation, Content(said_of(facts), custom={FACTS: facts}), key=uuid5(handoff.id, "facts"))

    async def _set(
        self, session: AsyncSession, conversation: ConversationRow, status: str, *, key: UUID, address: str | None = None
    ) -> None:
        await self._queue(session, conversation, Content(f"→ {status}", custom={STATUS: status}), key=key, address=address)

    async def _queue(
        self, session: AsyncSession, conversation: ConversationRow, content: Content, *, key: UUID, address: str | None = None
    ) -> None:
        if (await session.execute(select(MessageRow.id).where(MessageRow.sent_key == key))).first() is not None:
            return
        to = Address(conversation.channel, conversation.account, address) if address else None
        writer = Writer(name="Baton", sent_key=key, visibility=Visibility.NOTE, to=to)
        view = await add_message(session, self.ledger, conversation, content=content, author=Author.SYSTEM, writer=writer)
        await session.flush()
        row = await session.get(MessageRow, view.id)
        assert row is not None
        row.delivery = Delivery.QUEUED
        await wake_outbox(session)


def note_of(card: Card) -> str:
    """The card as a note in Markdown; what was said stands above it already."""
    lines = [f"**{card.title}**", card.why, *(f"- {line}" for line in card.done), f"→ {card.next}"]
    return "\n".join([*lines, *([card.note] if card.note else [])])


def _by_people(event: EventRow) -> bool:
    """Whether somebody of an outside desk wrote: of the rest of what is written nothing follows here."""
    return event.channel in DESKS and event.data["author"] == Author.AGENT


def _key(event: EventRow, what: str) -> UUID:
    return uuid5(event.conversation_id or UUID(int=0), f"{what} {event.seq}")


def _open_key(handoff: HandoffRow, address: str) -> UUID:
    return uuid5(handoff.id, f"open {address}")
