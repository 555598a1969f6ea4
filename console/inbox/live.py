"""Follows what happens in the house for one open inbox, and shows it: changed lines, new messages, typing, suggestions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from console.inbox.desk_page import DeskPage
from console.inbox.view import message_json, notification_json
from console.refusals.telling import told_text
from context.conversations import get_message
from context.events import EventRecord
from context.staff.models import StaffRow
from context.stream import Item, Lagging, OutgoingSettled, Signal, Subscription, SuggestionsReady
from desk.personal.notifications import list_notifications
from kit.errors import BatonError, NotAllowedError, NotAuthenticatedError, NotFoundError
from kit.log import get_logger

SILENCE_SECONDS = 15.0
GATHER_SECONDS = 0.05  # what comes within this time is shown together, save what belongs to the open conversation
GATHER_ITEMS = 200
OF_MESSAGES = "message."
OF_COUNTS = ("conversation.", "handoff.", "handback.", "agent.", "sla.", "message.received")
OF_HEAD = ("handoff.queued", "handoff.accepted", "agent.assigned", "callback.", "contact.", "handback.")
OF_SIDE = ("order.seen", "conversation.opened", "conversation.resolved", "action.done")

log = get_logger("console")


class LivePage:
    """The ear of one open inbox."""

    def __init__(self, page: DeskPage) -> None:
        self.page = page

    async def run(self) -> None:
        """Follows until cancelled, or until the login ends. After any gap everything shown is sent again."""
        try:
            with self.page.shared.logins.used_by(self.page.login):
                await self._run()
        finally:
            self.page.leave()

    async def _run(self) -> None:
        while True:
            try:
                with self.page.services.hub.subscribe(_matters) as reader, self.page.shared.counts.shown_by(self.page.show_counts):
                    await self.page.show_list()
                    await self.page.show_meta()
                    await self.page.refresh_opened()
                    await self._follow(reader)
            except (NotAuthenticatedError, NotAllowedError):
                self.page.screen("expired", {})
                return
            except Lagging:
                log.info("an inbox fell behind and starts over")
            except (SQLAlchemyError, OSError, BatonError) as error:
                log.warning("an inbox lost the database", reason=type(error).__name__)
                await asyncio.sleep(1)

    async def _follow(self, reader: Subscription) -> None:
        while True:
            first = await reader.next(SILENCE_SECONDS)
            staff = await self.page.shared.logins.check(self.page.login, "converse")
            if first is None:
                continue
            items = [first, *reader.waiting(GATHER_ITEMS)]
            if not any(self._is_open(item) for item in items):
                await asyncio.sleep(GATHER_SECONDS)
                items += reader.waiting(GATHER_ITEMS)
            await self.show(staff, items)

    def _is_open(self, item: Item) -> bool:
        opened = self.page.opened
        return opened is not None and item.conversation_id in opened.thread

    async def show(self, staff: StaffRow, items: Sequence[Item]) -> None:
        """Shows a handful of things that happened: each conversation's line once, each message once."""
        events = [item for item in items if isinstance(item, EventRecord)]
        await self._show_messages(events)
        for item in items:
            if isinstance(item, Signal):
                self._show_typing(item)
            elif isinstance(item, OutgoingSettled) and item.staff_id == staff.id:
                self._show_settled(item)
        await self._show_mentions(staff, events)
        await self._show_rows(staff, events)
        await self._show_around(events)
        opened = self.page.opened
        if opened and any(isinstance(item, SuggestionsReady) and item.conversation_id == opened.id for item in items):
            await self.page.show_suggestions()

    async def _show_messages(self, events: Sequence[EventRecord]) -> None:
        opened = self.page.opened
        if opened is None:
            return
        of_contact = str(opened.contact_id)
        opened.thread.update(
            e.conversation_id
            for e in events
            if e.conversation_id and e.name == "conversation.opened" and e.data["contact_id"] == of_contact
        )
        mine = [e for e in events if e.conversation_id in opened.thread and e.name.startswith(OF_MESSAGES)]
        if not mine:
            return
        messages = []
        async with self.page.services.database.reading() as session:
            for message_id in dict.fromkeys(e.data["message_id"] for e in mine):
                try:
                    messages.append(await get_message(session, UUID(message_id)))
                except NotFoundError:  # erased in the meantime
                    continue
        read = {e.data["message_id"] for e in mine if e.name == "message.read"}
        read_seq = max((m.seq for m in messages if str(m.id) in read), default=0)
        if self.page.opened is opened:
            self.page.show_in_opened("messages", {"messages": [message_json(m) for m in messages], "readSeq": read_seq})

    def _show_typing(self, signal: Signal) -> None:
        data = {"id": str(signal.conversation_id), "author": signal.author, "name": signal.name, "on": signal.on}
        self.page.screen("typing", data)

    def _show_settled(self, settled: OutgoingSettled) -> None:
        data = {"conversation": str(settled.conversation_id), "sending": settled.client_id, "state": settled.state}
        self.page.screen("settled", data | {"reason": told_text(settled.reason or "")})

    async def _show_mentions(self, staff: StaffRow, events: Sequence[EventRecord]) -> None:
        mine = [e for e in events if e.name == "agent.mentioned" and e.data["staff_id"] == str(staff.id)]
        for event in mine:
            if event.conversation_id:
                self.page.list.mentioned(event.conversation_id)
        if mine:
            async with self.page.services.database.transaction() as session:
                told = await list_notifications(session, staff.id)
            self.page.screen("notifications", {"items": [notification_json(one) for one in told], "fresh": True})

    async def _show_rows(self, staff: StaffRow, events: Sequence[EventRecord]) -> None:
        newest: dict[UUID, int] = {e.conversation_id: e.position or 0 for e in events if e.conversation_id}
        written = {e.conversation_id for e in events if e.name == "message.received" and e.conversation_id}
        lines = {}
        for conversation_id, position in newest.items():
            with contextlib.suppress(NotFoundError):
                lines[conversation_id] = await self.page.shared.rows.get(staff, conversation_id, position=position)
        self.page.show_lines(staff, lines, fresh=written)

    async def _show_around(self, events: Sequence[EventRecord]) -> None:
        if any(e.name.startswith(OF_COUNTS) for e in events):
            self.page.shared.counts.changed()
        opened = self.page.opened
        if opened is None:
            return
        mine = [e for e in events if e.conversation_id in opened.thread or e.data.get("contact_id") == str(opened.contact_id)]
        if any(e.name.startswith(OF_HEAD) for e in mine):
            await self.page.refresh_head()
        if any(e.name.startswith(OF_SIDE) for e in mine):
            await self.page.show_side()


def _matters(item: Item) -> bool:
    return not isinstance(item, EventRecord) or item.conversation_id is not None or item.name.startswith("contact.")
