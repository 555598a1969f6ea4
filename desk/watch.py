"""Looks after conversations whose people are gone: every few seconds, in one process at a time.

- Its agent's account was disabled: all they hold goes back to the queue at once.
- Its agent's connection is lost for longer than the grace time: what goes on (the customer waits, or wrote in the half hour before) goes
  back to the queue; what rests stays with them until the customer writes.
- A snoozed conversation whose time has come wakes up.
- A customer who waits and is silent for long has left, unless they left an address; only working hours count.
- A conversation in which nobody says anything for days, and nobody waits, is closed.
- Those who wait are told their place (`desk/waiting.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow
from context.staff.hours import Hours, working_between
from desk.patience import USUAL, Patience
from desk.waiting import WaitingTeller, local_hours, read_hours
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

EVERY_SECONDS = 5.0
ONGOING = timedelta(minutes=30)
MOST_AT_ONCE = 200
_LOCK = 0x6261746F6E04

_DISABLED = """
SELECT c.id FROM conversation AS c JOIN staff ON staff.id = c.agent_id
WHERE c.handler = 'agent' AND c.status <> 'resolved' AND NOT staff.active
"""
_LOST = """
SELECT c.id FROM conversation AS c JOIN staff ON staff.id = c.agent_id LEFT JOIN presence AS p ON p.staff_id = c.agent_id
WHERE c.handler = 'agent' AND c.status = 'open' AND staff.active
  AND NOT EXISTS (SELECT FROM outside_desk AS o WHERE o.staff_id = c.agent_id)
  AND coalesce(p.seen_at, c.updated_at) < :lost
  AND (c.waiting_since IS NOT NULL OR c.last_customer_at > coalesce(p.seen_at, c.updated_at) - make_interval(secs => :ongoing))
"""
_AWAKE = "SELECT c.id FROM conversation AS c WHERE c.status = 'snoozed' AND c.snoozed_until <= :now"
_LEFT = """
SELECT c.id FROM conversation AS c
WHERE c.handler = 'queue' AND c.status = 'open' AND greatest(c.last_customer_at, c.waiting_since) < :silent
  AND NOT EXISTS (SELECT FROM callback WHERE callback.conversation_id = c.id AND callback.closed_at IS NULL)
"""
_QUIET = """
SELECT c.id FROM conversation AS c
WHERE c.handler IN ('bot', 'agent') AND c.status = 'open' AND c.waiting_since IS NULL AND c.updated_at < :quiet
  AND NOT EXISTS (SELECT FROM message AS m WHERE m.conversation_id = c.id AND m.author = 'customer' AND m.seq > c.answered_seq)
"""

log = get_logger("desk")
Do = Callable[[AsyncSession, ConversationRow], Awaitable[None]]


@dataclass
class DeskWatch:
    """Sees to conversations whose agent or customer is gone, and to those who wait."""

    database: Database
    ledger: Ledger
    patience: Patience = USUAL
    began: datetime | None = None  # nobody counts as lost before the grace time has gone since then: consoles come back after a restart

    async def run(self) -> None:
        """Looks every few seconds until cancelled."""
        self.began = self.ledger.now
        teller = WaitingTeller(self.database, self.ledger)
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                async with self.database.transaction() as session:
                    if (await session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one():
                        await self.look()
                        await teller.tell()
            except (BatonError, SQLAlchemyError, OSError) as error:
                log.warning("the desk was not looked after", reason=type(error).__name__)

    async def look(self) -> dict[str, int]:
        """One look at everything; how many conversations each rule has changed."""
        return {
            "disabled": await self.reclaim_disabled(),
            "connection_lost": await self.reclaim_lost(),
            "woken": await self.wake(),
            "abandoned": await self.abandon(),
            "closed": await self.close_quiet(),
        }

    async def reclaim_disabled(self) -> int:
        """All that disabled people hold, asleep or not, goes back to the queue."""
        return await self._each(_DISABLED, {}, self._reclaim("disabled"))

    async def reclaim_lost(self) -> int:
        """What goes on with people whose connection is lost goes back to the queue."""
        now, grace = self.ledger.now, self.patience.grace
        if self.began is not None and now - self.began < grace:
            return 0
        return await self._each(_LOST, {"lost": now - grace, "ongoing": ONGOING.total_seconds()}, self._reclaim("connection_lost"))

    async def wake(self) -> int:
        """Snoozed conversations whose time has come; whoever is then gone, loses them by the rules above."""

        async def do(session: AsyncSession, conversation: ConversationRow) -> None:
            await ownership.wake(session, self.ledger, conversation, reason="time")

        return await self._each(_AWAKE, {"now": self.ledger.now}, do)

    async def abandon(self) -> int:
        """Those who wait, are silent for long and left no address."""
        longest, now = self.patience.abandon, self.ledger.now
        if not longest:
            return 0
        async with self.database.transaction() as session:
            hours = await read_hours(session)

        async def do(session: AsyncSession, conversation: ConversationRow) -> None:
            if silent_for(conversation, hours, now) >= longest:
                await ownership.abandon(session, self.ledger, conversation, word=True)

        return await self._each(_LEFT, {"silent": now - longest}, do)

    async def close_quiet(self) -> int:
        """Conversations that rest for days."""

        async def do(session: AsyncSession, conversation: ConversationRow) -> None:
            await ownership.close_quiet(session, self.ledger, conversation)

        return await self._each(_QUIET, {"quiet": self.ledger.now - self.patience.close}, do) if self.patience.close else 0

    def _reclaim(self, reason: str) -> Do:
        async def do(session: AsyncSession, conversation: ConversationRow) -> None:
            await ownership.reclaim(session, self.ledger, conversation, reason=reason)

        return do

    async def _each(self, query: str, values: Mapping[str, Any], do: Do) -> int:
        """Does it for each conversation found, in a transaction of its own, in which the query still finds it."""
        async with self.database.transaction() as session:
            found = (await session.execute(text(f"{query} ORDER BY c.id LIMIT {MOST_AT_ONCE}"), values)).all()
        changed = 0
        for row in found:
            async with self.database.transaction() as session:
                conversation = await lock_conversation(session, row.id)
                before = (conversation.epoch, conversation.status)
                if (await session.execute(text(f"{query} AND c.id = :id"), {**values, "id": row.id})).first() is not None:
                    await do(session, conversation)
                changed += (conversation.epoch, conversation.status) != before
        return changed


def silent_for(conversation: ConversationRow, hours: Mapping[UUID | None, list[Hours]], now: datetime) -> timedelta:
    """For how long of its working time a waiting customer has said nothing: that of the team that works the least of it."""
    since = max(at for at in (conversation.last_customer_at, conversation.waiting_since, conversation.opened_at) if at is not None)
    worked = [working_between(h, since, now) for h in local_hours(hours, conversation.team_id)]
    return timedelta(seconds=min(worked)) if worked else now - since
