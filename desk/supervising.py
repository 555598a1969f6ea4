"""What supervisors see and do: who waits and why, who is here and what they hold, and giving a conversation to somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import lock_conversation
from context.events import Actor
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, HandoffRow
from context.outbound import record_note
from context.staff.accounts import check_may, get_staff, may
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.staff.teams import list_profiles, team_names
from context.types import Handler, Status
from desk.presence import PresenceState, is_here, list_presence
from desk.routing.order import queue_place
from kit.errors import ConflictError, NotFoundError

RIGHT = "supervise"
MOST = 200
ALL_CHANNELS = "*"


@dataclass(frozen=True)
class WaitingLine:
    """A conversation that waits; `due_at` is the promise that falls due next, `due_metric` says which."""

    id: UUID
    name: str
    channel: str
    language: str | None
    preview: str
    reason: str | None
    urgency: int
    priority: int
    team: str | None
    since: datetime
    due_at: datetime | None
    due_metric: str | None


@dataclass(frozen=True)
class Held:
    """A conversation that somebody holds."""

    id: UUID
    name: str
    channel: str
    status: str
    due_at: datetime | None


@dataclass(frozen=True)
class PersonLine:
    """Somebody who answers customers. `capacity`: how many open conversations at once, None when nothing limits it."""

    id: UUID
    name: str
    state: PresenceState
    capacity: int | None
    holds: tuple[Held, ...]


async def access_queue(session: AsyncSession, staff: StaffRow) -> tuple[list[WaitingLine], int]:
    """Those who wait, the next first (200 at most), and how many there are in all. Raises NotAllowedError."""
    check_may(staff, RIGHT)
    waits = (ConversationRow.handler == Handler.QUEUE, ConversationRow.status == Status.OPEN)
    reason = (
        select(HandoffRow.reason)
        .where(HandoffRow.conversation_id == ConversationRow.id)
        .order_by(HandoffRow.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(ConversationRow, ContactRow.name, ContactRow.email, reason).join(ContactRow, ContactRow.id == ConversationRow.contact_id)
    found = (await session.execute(query.where(*waits).order_by(queue_place()).limit(MOST))).all()
    everybody = (await session.execute(select(func.count()).select_from(ConversationRow).where(*waits))).scalar_one()
    teams = await team_names(session)
    return [_waiting(row, name or email or "", why, teams) for row, name, email, why in found], everybody


def _waiting(row: ConversationRow, name: str, reason: str | None, teams: Mapping[UUID, str]) -> WaitingLine:
    return WaitingLine(
        id=row.id,
        name=name,
        channel=row.channel,
        language=row.language,
        preview=row.preview,
        reason=reason,
        urgency=row.urgency,
        priority=row.priority,
        team=teams.get(row.team_id) if row.team_id else None,
        since=row.waiting_since or row.updated_at,
        due_at=row.due_at,
        due_metric=row.due_metric,
    )


async def access_people_at_work(session: AsyncSession, staff: StaffRow, *, now: datetime) -> list[PersonLine]:
    """Everybody who may answer customers: presence, capacity and what they hold; those who are here first. Raises NotAllowedError."""
    check_may(staff, RIGHT)
    held = select(ConversationRow, ContactRow.name, ContactRow.email).join(ContactRow, ContactRow.id == ConversationRow.contact_id)
    held = held.where(ConversationRow.handler == Handler.AGENT, ConversationRow.status != Status.RESOLVED)
    holding: dict[UUID, list[Held]] = defaultdict(list)
    for row, name, email in (await session.execute(held.order_by(ConversationRow.opened_at))).all():
        if row.agent_id is not None:
            holding[row.agent_id].append(Held(row.id, name or email or "", row.channel, row.status, row.due_at))
    limits = {profile.staff_id: profile.capacity.get(ALL_CHANNELS) for profile in await list_profiles(session)}
    order = list(PresenceState)
    lines = [
        PersonLine(person.id, person.name, state, limits.get(person.id), tuple(holding[person.id]))
        for person, state in await list_presence(session, clock=lambda: now)
        if may(person, "converse")
    ]
    return sorted(lines, key=lambda one: order.index(one.state))


async def reassign(session: AsyncSession, ledger: Ledger, by: StaffRow, conversation_id: UUID, *, to: UUID, note: str = "") -> None:
    """Gives a conversation, whoever holds it, to somebody who is here, with a note. Raises NotFoundError, ConflictError, OwnershipError."""
    check_may(by, RIGHT)
    colleague = await get_staff(session, to)
    if not may(colleague, "converse"):
        raise NotFoundError("There is no such colleague")
    if not await is_here(session, to, clock=ledger.clock):
        raise ConflictError(f"{colleague.name} is not here now", hint="Choose somebody who is.")
    conversation = await lock_conversation(session, conversation_id)
    if conversation.handler == Handler.AGENT and conversation.agent_id is not None:
        if conversation.agent_id == to:
            raise ConflictError(f"{colleague.name} holds it already")
        holder = await session.get_one(StaffRow, conversation.agent_id)
        await ownership.transfer(session, ledger, conversation, to=colleague, by=holder)
    elif conversation.handler == Handler.QUEUE:
        await ownership.assign(session, ledger, conversation, staff=colleague, by=Actor("agent", str(by.id)))
    else:
        await ownership.take_over(session, ledger, conversation, staff=colleague)
    if note.strip():
        await record_note(session, ledger, conversation, staff=by, text=note.strip())
    subject = Subject("conversation", str(conversation_id), str(conversation_id)[:8])
    await record_change(session, by, "conversation.reassigned", subject, at=ledger.now, details={"after": colleague.name})
