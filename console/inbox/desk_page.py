"""One open inbox: what its page shows, and what reaches it while it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from assist.suggestions import list_suggestions
from bot.trace import read_trace
from console.access import Login
from console.inbox.list_pane import ListPane
from console.inbox.queries import access_meta, access_others, access_trace
from console.inbox.rows import Line, Shared
from console.inbox.view import (
    Json,
    contact_json,
    file_json,
    held_json,
    known_json,
    link_json,
    merge_json,
    message_json,
    notification_json,
    order_json,
    other_json,
    packet_json,
    request_json,
    row_json,
    saved_json,
    suggestion_json,
)
from console.inbox.viewers import Looking
from console.services import ConsoleServices
from console.web import Screen
from context.attachments.keeping import list_unsent, staff_owner
from context.identity.linking import list_identifiers
from context.identity.suggesting import list_suggestions as list_suggestions_of
from context.orders.reading import orders_for_agent
from context.shop.reading import list_requests
from context.staff.models import StaffRow
from context.types import Handler, Status
from desk.callbacks import access_callback
from desk.counting import Counts, read_counts
from desk.inbox import InboxRow, access_conversation
from desk.parting import list_merges
from desk.personal.drafts import find_draft, list_drafts
from desk.personal.notifications import list_notifications, mark_looked_at
from desk.personal.outgoing import list_held
from desk.personal.preferences import get_preferences
from desk.personal.reading import record_read
from desk.personal.saved_views import list_saved
from desk.views import Place
from kit.clock import utc_now
from kit.errors import NotFoundError


@dataclass
class Opened:
    """The conversation in the middle of the page."""

    row: InboxRow
    contact_id: UUID
    thread: set[UUID]  # all conversations whose messages stand in the transcript
    suggestions: set[UUID] = field(default_factory=set)

    @property
    def id(self) -> UUID:
        """Which one it is."""
        return self.row.id

    def may_answer(self, staff_id: UUID) -> bool:
        """Whether this person may answer now: they hold the conversation, or it waits for anyone."""
        if self.row.status == Status.RESOLVED:
            return False
        return self.row.agent_id == staff_id or self.row.handler == Handler.QUEUE


class DeskPage:
    """The state of one open inbox and how it is shown. Everything is read with the rights of the login, which is asked for each time."""

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen, *, shared: Shared) -> None:
        self.services, self.login, self.screen, self.shared = services, login, screen, shared
        self.list = ListPane(screen)
        self.opened: Opened | None = None
        self._opening = asyncio.Lock()
        self._wanted: UUID | None = None
        self._staff_id: UUID | None = None
        self._counts: dict[str, int] = {}

    async def show_list(self) -> None:
        """Sends the beginning of the chosen list, and the counts of all lists."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            self._staff_id = staff.id
            counts = (await read_counts(session, now=utc_now())).of(staff.id)
            self._counts = {view.value: n for view, n in counts.items()}
            await self.list.show(session, staff, counts=self._counts)

    async def show_more(self, place: Place | None) -> None:
        """Sends what comes after a place in the list."""
        async with self.services.database.transaction() as session:
            await self.list.show_more(session, await self.login.check_in(session, "converse"), place)

    async def show_meta(self) -> None:
        """Sends what there is to choose from, the person's own views, drafts, notifications and preferences."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            meta = await access_meta(session, staff) | {
                "saved": [saved_json(view) for view in await list_saved(session, staff)],
                "drafts": [str(found) for found in await list_drafts(session, staff.id)],
                "notifications": [notification_json(one) for one in await list_notifications(session, staff.id)],
                "preferences": asdict(await get_preferences(session, staff.id)),
            }
        self.screen("meta", meta)

    def show_counts(self, counts: Counts) -> None:
        """Sends the counts of the lists, where they are others than before."""
        if self._staff_id is None:
            return
        mine = {view.value: n for view, n in counts.of(self._staff_id).items()}
        if mine != self._counts:
            self._counts = mine
            self.screen("counts", {"counts": mine})

    async def open(self, conversation_id: UUID) -> None:
        """Opens a conversation: first transcript and packet, then suggestions, then what stands beside.

        Raises NotFoundError, and as `Login.check` does: the login is asked for here, on the way.
        """
        self._wanted = conversation_id
        async with self._opening:
            if self._wanted == conversation_id:  # else the reader has gone on to another one already
                await self._open(conversation_id)

    async def _open(self, conversation_id: UUID) -> None:
        async with self.services.database.reading() as session:
            staff = await self.login.check_in(session, "converse")
            seq = await self._show_conversation(session, staff, conversation_id)
            await self._show_suggestions(session)
            await self._show_side(session, staff)
        async with self.services.database.transaction() as session:
            await self._look(session, staff, conversation_id, seq=seq)
        self.shared.viewers.enter(self, Looking(staff.id, staff.name, self._show_colleagues, conversation_id))

    async def _show_conversation(self, session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> int:
        detail = await access_conversation(session, staff, conversation_id)
        thread = {message.conversation_id for message in detail.messages} | {conversation_id}
        self.opened = Opened(detail.row, detail.contact.id, thread)
        callback = await access_callback(session, staff, conversation_id)
        data = {
            "row": row_json(detail.row, detail.handoff_reason),
            "messages": [message_json(m) for m in detail.messages],
            "packet": packet_json(detail.packet, detail.handoff_reason, language=self.login.language, callback=callback),
            "contact": contact_json(detail.contact),
            "readSeq": detail.read_seq,
            "draft": await self._draft(session, staff, conversation_id),
            "held": [held_json(h, now=utc_now()) for h in await list_held(session, staff.id, conversation_id)],
        }
        self.screen("opened", data)
        return detail.seq

    async def _draft(self, session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> Json | None:
        draft = await find_draft(session, staff.id, conversation_id)
        if draft is None:
            return None
        ids = [UUID(f) for f in draft.body.get("files", ())]
        files = [file_json(file) for file in await list_unsent(session, ids, owner=staff_owner(staff.id))]
        return {"text": draft.text, **draft.body, "files": files, "at": int(draft.at.timestamp() * 1000) if draft.at else 0}

    async def _look(self, session: AsyncSession, staff: StaffRow, conversation_id: UUID, *, seq: int) -> None:
        now = utc_now()
        await record_read(session, staff.id, conversation_id, seq=seq, now=now)
        if await mark_looked_at(session, staff.id, [conversation_id], now=now):
            self.screen("looked", {"conversation": str(conversation_id)})
            self.shared.counts.changed()
        self.list.has_read(conversation_id, now)

    async def seen(self, conversation_id: UUID, seq: int) -> None:
        """The person sees the open conversation up to `seq`."""
        async with self.services.database.transaction() as session:
            staff = await self.login.check_in(session, "converse")
            await self._look(session, staff, conversation_id, seq=seq)

    def leave(self) -> None:
        """Nothing is open any more, or the page is gone."""
        self.opened = self._wanted = None
        self.shared.viewers.leave(self)

    def _show_colleagues(self, conversation_id: UUID, colleagues: list[Json]) -> None:
        if self.opened is not None and self.opened.id == conversation_id:
            self.show_in_opened("colleagues", {"colleagues": colleagues})

    async def show_suggestions(self) -> None:
        """Sends the suggestions for the open conversation."""
        async with self.services.database.reading() as session:
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
        async with self.services.database.reading() as session:
            staff = await self.login.check_in(session, "converse")
            await self._show_side(session, staff)

    async def _show_side(self, session: AsyncSession, staff: StaffRow) -> None:
        if self.opened is None:
            return
        contact_id = self.opened.contact_id
        orders = await orders_for_agent(session, self.opened.contact_id, limit=20)
        others = await access_others(session, staff, self.opened.id)
        merges = await list_merges(session, self.opened.id) if any(other.merged for other in others) else []
        requests = await list_requests(session, contact_id=self.opened.contact_id, limit=20)
        beside = {
            "orders": [order_json(o) for o in orders],
            "requests": [request_json(r) for r in requests],
            "others": [other_json(o) for o in others],
            "merges": [merge_json(*one) for one in merges],
            "links": [link_json(one, contact_id=contact_id) for one in await list_suggestions_of(session, contact_id=contact_id)],
            "known": known_json(await list_identifiers(session, self.opened.contact_id)),
        }
        self.show_in_opened("side", beside)

    async def refresh_opened(self) -> None:
        """Sends the open conversation again, whole: after a gap in what was heard."""
        if self._wanted is None:
            return
        try:
            await self.open(self._wanted)
        except NotFoundError:  # erased in the meantime
            self.leave()

    async def refresh_head(self) -> None:
        """Sends packet and customer of the open conversation again: it changed hands, or the customer was identified."""
        if self.opened is None:
            return
        async with self.services.database.reading() as session:
            staff = await self.login.check_in(session, "converse")
            detail = await access_conversation(session, staff, self.opened.id)
            callback = await access_callback(session, staff, self.opened.id)
        packet = packet_json(detail.packet, detail.handoff_reason, language=self.login.language, callback=callback)
        head = {"packet": packet, "contact": contact_json(detail.contact)}
        self.show_in_opened("head", head)

    def show_lines(self, staff: StaffRow, lines: Mapping[UUID, Line], *, fresh: set[UUID]) -> None:
        """Sends changed lines, as far as this page shows them. `fresh` are those in which a customer has written."""
        shown = []
        for conversation_id, line in lines.items():
            told = self.list.changed(line, staff)
            if self.opened is not None and conversation_id == self.opened.id:
                self.opened.row = line.row
                told = told or self.list.also(line, staff)
            concerns = conversation_id in fresh and line.row.agent_id == staff.id
            told = told or (self.list.also(line, staff) if concerns else None)  # a message for this person is told in any list
            if told is not None:
                shown.append(told | {"fresh": conversation_id in fresh})
        self.list.show_rows(shown)

    def show_in_opened(self, kind: str, data: Json) -> None:
        """Sends something about the open conversation, if one is open."""
        if self.opened is not None:
            self.screen(kind, data | {"conversation": str(self.opened.id)})
