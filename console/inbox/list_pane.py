"""The list of one open inbox: which view with which filters, how much of it the browser has, and which changes it must be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from console.inbox.queries import find_reasons
from console.inbox.rows import Line
from console.inbox.view import Json, row_json
from console.web import Screen
from context.staff.models import StaffRow
from context.types import Handler
from desk.inbox import InboxRow, list_inbox
from desk.personal.notifications import mentioned_in
from desk.personal.reading import last_read
from desk.views import NO_FILTERS, Filters, Place, View, Wanted, place_of
from kit.clock import utc_now

PAGE = 60


class ListPane:
    """The left pane. Only lines that the browser has, or that belong into the part that it has, are sent to it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.view, self.filters = View.ALL, NO_FILTERS
        self._last: Place | None = None  # of what the browser has; None: it has everything
        self._sent: set[UUID] = set()
        self._read: dict[UUID, datetime] = {}
        self._mentioned: frozenset[UUID] = frozenset()

    def choose(self, view: View, filters: Filters = NO_FILTERS) -> None:
        """Another list from the next `show` on."""
        self.view, self.filters = view, filters

    async def show(self, session: AsyncSession, staff: StaffRow, *, counts: Json) -> None:
        """Sends the beginning of the list, and the counts of all lists."""
        self._mentioned = await mentioned_in(session, staff.id)
        self._sent.clear()
        rows = await self._page(session, staff, None)
        self.screen(
            "list", {"view": self.view, "filters": self.filters.as_json(), "rows": rows, "counts": counts, "more": self._last is not None}
        )

    async def show_more(self, session: AsyncSession, staff: StaffRow, place: Place | None) -> None:
        """Sends what comes after a place."""
        rows = await self._page(session, staff, place)
        self.screen("more", {"rows": rows, "more": self._last is not None})

    async def _page(self, session: AsyncSession, staff: StaffRow, place: Place | None) -> list[Json]:
        found = await list_inbox(session, staff, wanted=self._wanted(staff), after=place, limit=PAGE + 1)
        shown = found[:PAGE]
        reasons = await find_reasons(session, [row.id for row in shown if row.handler == Handler.QUEUE])
        self._read |= await last_read(session, staff.id, [row.id for row in shown])
        self._last = place_of(shown[-1]) if len(found) > PAGE else None
        self._sent.update(row.id for row in shown)
        return [row_json(row, reasons.get(row.id)) | self._own(row, staff) for row in shown]

    def _wanted(self, staff: StaffRow) -> Wanted:
        return Wanted(staff.id, self.view, self.filters, self._mentioned)

    def _own(self, row: InboxRow, staff: StaffRow) -> Json:
        read = self._read.get(row.id)
        concerns = row.agent_id == staff.id or row.handler == Handler.QUEUE
        unread = concerns and row.last_customer_at is not None and (read is None or read < row.last_customer_at)
        return {"unread": unread, "belongs": True}

    def mentioned(self, conversation_id: UUID) -> None:
        """A note names this person."""
        self._mentioned |= {conversation_id}

    def has_read(self, conversation_id: UUID, at: datetime) -> None:
        """The person has looked at a conversation."""
        self._read[conversation_id] = at

    def changed(self, line: Line, staff: StaffRow) -> Json | None:
        """The line as this page must be told of it; None when it concerns nothing that the browser has."""
        row = line.row
        place = place_of(row)
        within = self._last is None or (place.rank, place.key, place.id) <= (self._last.rank, self._last.key, self._last.id)
        belongs = within and self._wanted(staff).holds(row, now=utc_now())
        if not belongs and row.id not in self._sent:
            return None
        (self._sent.add if belongs else self._sent.discard)(row.id)
        return line.json | self._own(row, staff) | {"belongs": belongs}

    def also(self, line: Line, staff: StaffRow) -> Json:
        """The line as it is told when it is open beside the list."""
        return line.json | self._own(line.row, staff) | {"belongs": False}

    def show_rows(self, rows: Sequence[Json]) -> None:
        """Sends changed lines."""
        if rows:
            self.screen("rows", {"rows": list(rows)})
