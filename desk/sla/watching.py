"""Warnings and breaches, when their time has come."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.conversations import lock_conversation
from context.events import SlaBreached, SlaWarned
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow
from context.staff.teams import list_teams
from context.types import Status
from desk.models import SlaClockRow
from desk.sla.clocks import CANCELLED, Promises, running, show_next
from desk.sla.policies import list_policies
from kit.db import Database

AT_ONCE = 200


async def read_promises(session: AsyncSession) -> Promises:
    """Policies and hours as they are now."""
    return Promises(await list_policies(session), {team.id: team.hours for team in await list_teams(session)})


async def tell_due(database: Database, ledger: Ledger) -> int:
    """Appends `sla.warned` and `sla.breached` for what is due and not told yet; returns how many."""
    now = ledger.now
    unwarned = (SlaClockRow.warn_at <= now) & SlaClockRow.warned_at.is_(None)
    unbroken = (SlaClockRow.due_at <= now) & SlaClockRow.breached_at.is_(None)
    async with database.transaction() as session:
        query = select(SlaClockRow.conversation_id, SlaClockRow.id).where(SlaClockRow.ended_at.is_(None), or_(unwarned, unbroken))
        due: dict[UUID, set[int]] = defaultdict(set)
        for conversation_id, clock_id in await session.execute(query.order_by(SlaClockRow.warn_at).limit(AT_ONCE)):
            due[conversation_id].add(clock_id)
    told = 0
    for conversation_id, ids in due.items():
        async with database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            told += await _tell(session, ledger, conversation, ids)
    return told


async def _tell(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, ids: set[int]) -> int:
    now, told = ledger.now, 0
    clocks = await running(session, conversation.id)
    for clock in (c for c in clocks if c.id in ids):
        if conversation.status == Status.RESOLVED:  # it ended without its clocks: nobody waits any more
            clock.ended_at, clock.outcome = now, CANCELLED
            continue
        if clock.due_at is not None and clock.due_at <= now and clock.breached_at is None:
            clock.breached_at = clock.due_at
            clock.warned_at = clock.warned_at or clock.due_at
            await ledger.append(session, SlaBreached(clock.metric, clock.due_at.isoformat()), actor=SYSTEM, conversation=conversation)
            told += 1
        elif clock.due_at is not None and clock.warn_at is not None and clock.warn_at <= now and clock.warned_at is None:
            clock.warned_at = now
            await ledger.append(session, SlaWarned(clock.metric, clock.due_at.isoformat()), actor=SYSTEM, conversation=conversation)
            told += 1
    show_next(conversation, clocks)
    return told
