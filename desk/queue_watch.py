"""The watch over the queue in a worker: follows the event log for service levels and alerts, routes and assigns, and looks at the clock.

One process at a time does it: the one that holds the lock. Everything it does may be done again without harm.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.following import Page, follow
from context.ledger import Ledger
from context.models import EventRow
from context.sequencer import CHANNEL
from desk.alerts.raising import alert_message, alert_waits, find_telling
from desk.models import SlaClockRow
from desk.routing.assigner import Assigner
from desk.routing.reading import read_rules
from desk.sla.clocks import EVENTS, Promises, apply_event
from desk.sla.watching import read_promises, tell_due
from kit.db import Database
from kit.errors import BatonError, NotFoundError
from kit.log import get_logger

READER = "queue"
UNDERSTOOD = "message.understood"
ASSIGNS = frozenset({"handoff.queued", "agent.released", "conversation.resolved", "conversation.snoozed"})
NAMES = frozenset({*EVENTS, *ASSIGNS, UNDERSTOOD})
TICK_SECONDS = 1.0
SLOW_TICK_SECONDS = 5.0
PAUSE_SECONDS = 0.1  # what comes within it is looked at together
STANDBY_SECONDS = 1.0
_LOCK = 0x6261746F6E11

log = get_logger("queue")


@dataclass
class QueueWatch:
    """Follows what happens, and does what follows for the queue, the service levels and the alerts."""

    database: Database
    ledger: Ledger
    _quick: float = field(default=0.0, init=False)
    _slow: float = field(default=0.0, init=False)

    async def run(self) -> None:
        """Watches until cancelled; connects again after the database was away."""
        while True:
            try:
                await self._lead()
            except (psycopg.Error, SQLAlchemyError, BatonError, OSError) as error:
                log.warning("the watch over the queue failed and goes on", reason=type(error).__name__, error=str(error)[:200])
                await asyncio.sleep(STANDBY_SECONDS)

    async def _lead(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while not await _try_lead(connection):
                await asyncio.sleep(STANDBY_SECONDS)
            await connection.execute(f"LISTEN {CHANNEL}")
            while True:
                await self.look()
                await asyncio.sleep(PAUSE_SECONDS)
                async for _ in connection.notifies(timeout=TICK_SECONDS, stop_after=1):
                    pass

    async def look(self) -> None:
        """One look: what has happened since the last; and each second what is due, who waits, who is free."""
        wanted = False
        while True:
            page = await self.follow_page()
            wanted = wanted or any(event.name in ASSIGNS for event in page.events)
            if not page.more:
                break
        now = time.monotonic()
        if now - self._slow >= SLOW_TICK_SECONDS:
            self._slow = now
            await self.look_slowly()
        if wanted or now - self._quick >= TICK_SECONDS:
            self._quick = now
            await tell_due(self.database, self.ledger)
            await Assigner(self.database, self.ledger).round()

    async def look_slowly(self) -> None:
        """What need not be looked at every second."""
        async with self.database.transaction() as session:
            rules = await read_rules(session)
        await alert_waits(self.database, self.ledger, rules)

    async def follow_page(self) -> Page:
        """Reads a page of events and does what follows. Noted as read at the end: after a crash the page is read again."""
        async with self.database.transaction() as session:
            page = await follow(session, READER, NAMES)
            of_conversation = await self._with_clocks(session, page.events)
            promises = await read_promises(session) if of_conversation else Promises(())
            for conversation_id, events in of_conversation.items():
                await self._keep_time(conversation_id, events, promises)
            understood = [UUID(event.data["message_id"]) for event in page.events if event.name == UNDERSTOOD]
            for message_id in await find_telling(session, self.ledger, understood):
                async with self.database.transaction() as own:
                    await alert_message(own, self.ledger, message_id)
        return page

    async def _with_clocks(self, session: AsyncSession, events: Iterable[EventRow]) -> dict[UUID, list[EventRow]]:
        """The events by conversation, of those only in which clocks run or may begin to."""
        found: dict[UUID, list[EventRow]] = defaultdict(list)
        for event in events:
            if event.name in EVENTS and event.conversation_id is not None:
                found[event.conversation_id].append(event)
        begun = {i for i, some in found.items() if any(e.name == "handoff.queued" for e in some)}
        query = select(SlaClockRow.conversation_id).where(SlaClockRow.ended_at.is_(None), SlaClockRow.conversation_id.in_(found))
        running = set((await session.execute(query)).scalars()) if found else set()
        return {i: some for i, some in found.items() if i in begun | running}

    async def _keep_time(self, conversation_id: UUID, events: list[EventRow], promises: Promises) -> None:
        async with self.database.transaction() as session:
            try:
                conversation = await lock_conversation(session, conversation_id)
            except NotFoundError:  # erased meanwhile
                return
            for event in events:
                await apply_event(session, conversation, event, promises)


async def _try_lead(connection: psycopg.AsyncConnection[tuple[bool]]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])
