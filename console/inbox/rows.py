"""Lines of the inbox for many open pages at once: each change is read from the database once a process, not once a page."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakValueDictionary

from console.inbox.counts import CountBoard
from console.inbox.logins import Logins
from console.inbox.queries import find_reasons
from console.inbox.view import Json, row_json
from console.inbox.viewers import Viewers
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from context.stream import Hub
from context.types import Handler
from desk.inbox import InboxRow, access_inbox_row
from kit.db import Database

KEPT = 5000


@dataclass(frozen=True)
class Line:
    """A line of the inbox, and as the browser is told of it."""

    row: InboxRow
    json: Json


class Rows:
    """The newest line of each conversation that changed lately, with the position up to which it is known to be true."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.database = database
        self.hub = hub
        self._known: OrderedDict[UUID, tuple[int, Line]] = OrderedDict()
        self._reading: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def get(self, staff: StaffRow, conversation_id: UUID, *, position: int) -> Line:
        """The line as it was at `position` or later. Raises NotAllowedError and NotFoundError."""
        check_may(staff, "converse")
        lock = self._reading.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            known = self._known.get(conversation_id)
            if known is None or known[0] < position:
                true_at = max(position, self.hub.position)  # everything up to here was committed before the reading begins
                known = (true_at, await self._read(staff, conversation_id))
                self._keep(conversation_id, known)
        return known[1]

    def _keep(self, conversation_id: UUID, known: tuple[int, Line]) -> None:
        self._known[conversation_id] = known
        self._known.move_to_end(conversation_id)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    async def _read(self, staff: StaffRow, conversation_id: UUID) -> Line:
        async with self.database.reading() as session:
            row = await access_inbox_row(session, staff, conversation_id)
            reasons = await find_reasons(session, [conversation_id] if row.handler == Handler.QUEUE else [])
        return Line(row, row_json(row, reasons.get(conversation_id)))


class Shared:
    """What all open inboxes of this process share."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.rows = Rows(database, hub)
        self.counts = CountBoard(database)
        self.viewers = Viewers()
        self.logins = Logins(database)
