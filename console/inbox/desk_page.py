"""One open inbox: what its page shows, and what reaches it while it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from assist.suggestions import list_suggestions
from bot.trace import read_trace
from console.access import Login
from console.inbox.queries import access_counts, access_others, access_trace, find_reasons
from console.inbox.rows import Rows
from console.inbox.view import (
    Json,
    contact_json,
    message_json,
    order_json,
    other_json,
    packet_json,
    request_json,
    row_json,
    suggestion_json,
)
from console.services import ConsoleServices
from console.web import Screen
from context.orders.reading import orders_for_agent
from context.shop.reading import list_requests
from context.staff.models import StaffRow
from context.types import Handler, Status
from desk.callbacks import access_callback
from desk.inbox import View, access_conversation, list_inbox
from kit.errors import NotFoundError

PAGE = 200
MOST = 5000


@dataclass
class Opened:
    """The conversation in the middle of the page."""

    id: UUID
    contact_id: UUID
    thread: set[UUID]  # all conversations whose messages stand in the transcript
    row: Json
    suggestions: set[UUID] = field(default_factory=set)

    def may_answer(self, staff_id: UUID) -> bool:
        """Whether this person may answer now: they hold the conversation, or it waits for anyone."""
        if self.row["status"] == Status.RESOLVED:
            return False
        return bool(self.row["agentId"] == str(staff_id) or self.row["handler"] == Handler.QUEUE)


class DeskPage:
    """The state of one open inbox and how it is shown. Everything is read with the rights of the login, which is asked for each time."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen, *, rows: Rows) -> None:
        self.services = services
        self.login = login
        self.screen = screen
        self.rows = rows
        self.view = View.ALL
        self.limit = PAGE
        self.opened: Opened | None = None
        self._opening = asyncio.Lock()
        self._wanted: UUID | None = None

    async def show_list(self) -> None:
        """Sends the whole list of the chosen view, and the counts of all views."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            found = await list_inbox(session, staff, view=self.view, limit=self.limit + 1)
            shown = found[: self.limit]
            reasons = await find_reasons(session, [row.id for row in shown if row.handler == Handler.QUEUE])
            counts = await access_counts(session, staff)
        rows = [row_json(row, reasons.get(row.id)) for row in shown]
        more = len(found) > self.limit and self.limit < MOST
        self.screen("list", {"view": self.view, "rows": rows, "counts": counts, "more": more})

    async def show_counts(self) -> None:
        """Sends the counts of the views."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            counts = await access_counts(session, staff)
        self.screen("counts", {"counts": counts})

    async def open(self, conversation_id: UUID) -> None:
        """Opens a conversation: first transcript and packet, then suggestions, then what stands beside. Raises NotFoundError."""
        self._wanted = conversation_id
        async with self._opening:
            if self._wanted == conversation_id:  # else the reader has gone on to another one already
                await self._open(conversation_id)

    async def _open(self, conversation_id: UUID) -> None:
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            await self._show_conversation(session, staff, conversation_id)
            await self._show_suggestions(session)
            await self._show_side(session, staff)

    async def _show_conversation(self, session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> None:
        detail = await access_conversation(session, staff, conversation_id)
        row = row_json(detail.row, detail.handoff_reason)
        thread = {message.conversation_id for message in detail.messages} | {conversation_id}
        self.opened = Opened(conversation_id, detail.contact.id, thread, row)
        callback = await access_callback(session, staff, conversation_id)
        data = {
            "row": row,
            "messages": [message_json(m) for m in detail.messages],
            "packet": packet_json(detail.packet, detail.handoff_reason, callback=callback),
            "contact": contact_json(detail.contact),
            "readSeq": detail.read_seq,
        }
        self.screen("opened", data)

    async def show_suggestions(self) -> None:
        """Sends the suggestions for the open conversation."""
        async with self.services.database.transaction() as session:
            await self.login.check_in(session, "converse")
            await self._show_suggestions(session)

    async def _show_suggestions(self, session: AsyncSession) -> None:
        if self.opened is None:
            return
        found = await list_suggestions(session, self.opened.id)
        self.opened.suggestions.update(s.id for s in found)
        self.show_in_opened("suggestions", {"items": [suggestion_json(s) for s in found]})

    async def show_trace(self, message_id: UUID) -> None:
        """Sends how the bot came to one of its messages in the open transcript."""
        if self.opened is None:
            return
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            trace = await access_trace(session, staff, message_id, within=self.opened.thread)
        self.show_in_opened("trace", {"message": str(message_id), "trace": None if trace is None else asdict(read_trace(trace))})

    async def show_side(self) -> None:
        """Sends the customer's orders, requests and other conversations."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            await self._show_side(session, staff)

    async def _show_side(self, session: AsyncSession, staff: StaffRow) -> None:
        if self.opened is None:
            return
        orders = await orders_for_agent(session, self.opened.contact_id, limit=20)
        others = await access_others(session, staff, self.opened.id)
        requests = await list_requests(session, contact_id=self.opened.contact_id, limit=20)
        beside = {
            "orders": [order_json(o) for o in orders],
            "requests": [request_json(r) for r in requests],
            "others": [other_json(o) for o in others],
        }
        self.show_in_opened("side", beside)

    async def refresh_opened(self) -> None:
        """Sends the open conversation again, whole: after a gap in what was heard."""
        if self._wanted is None:
            return
        try:
            await self.open(self._wanted)
        except NotFoundError:  # erased in the meantime
            self.opened = self._wanted = None

    async def refresh_head(self) -> None:
        """Sends packet and customer of the open conversation again: it changed hands, or the customer was identified."""
        if self.opened is None:
            return
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            detail = await access_conversation(session, staff, self.opened.id)
            callback = await access_callback(session, staff, self.opened.id)
        head = {"packet": packet_json(detail.packet, detail.handoff_reason, callback=callback), "contact": contact_json(detail.contact)}
        self.show_in_opened("head", head)

    def show_rows(self, rows: Sequence[Json]) -> None:
        """Sends changed lines; the page knows whether they belong into its view."""
        for row in rows:
            if self.opened is not None and row["id"] == str(self.opened.id):
                self.opened.row = row
        if rows:
            self.screen("rows", {"rows": list(rows)})

    def show_in_opened(self, kind: str, data: Json) -> None:
        """Sends something about the open conversation, if one is open."""
        if self.opened is not None:
            self.screen(kind, data | {"conversation": str(self.opened.id)})
