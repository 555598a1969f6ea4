"""What one person should look at: notes that name them, and what they sent that did not go out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.desk_events import AgentMentioned
from context.event_base import Actor
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.staff.models import StaffRow
from context.staff.rights import who_may
from context.types import MessageView
from desk.personal.models import NotificationRow
from desk.views import MENTION

NOT_SENT = "not_sent"
LISTED = 50


@dataclass(frozen=True)
class Notification:
    """Something to look at; `text` is the note that names them, or what was not sent."""

    id: UUID
    kind: str
    conversation_id: UUID
    message_id: UUID | None
    by: str | None
    text: str
    at: datetime
    read: bool


@dataclass(frozen=True)
class Colleague:
    """Someone who can be named in a note."""

    id: UUID
    name: str


async def list_colleagues(session: AsyncSession) -> list[Colleague]:
    """All active people who converse, by name."""
    query = select(StaffRow.id, StaffRow.name).where(StaffRow.active, who_may("converse")).order_by(StaffRow.name, StaffRow.id)
    return [Colleague(row.id, row.name) for row in (await session.execute(query)).all()]


async def mention(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, note: MessageView, named: Collection[UUID], by: UUID
) -> list[UUID]:
    """Tells those whom a note of a locked conversation names, as far as they converse; returns whom. The writer is not told."""
    known = {colleague.id for colleague in await list_colleagues(session)}
    told = [staff_id for staff_id in dict.fromkeys(named) if staff_id in known and staff_id != by]
    for staff_id in told:
        row = NotificationRow(staff_id=staff_id, kind=MENTION, conversation_id=conversation.id, message_id=note.id, by_id=by, at=ledger.now)
        session.add(row)
        event = AgentMentioned(message_id=str(note.id), staff_id=str(staff_id))
        await ledger.append(session, event, actor=Actor("agent", str(by)), conversation=conversation)
    return told


async def list_notifications(session: AsyncSession, staff_id: UUID) -> list[Notification]:
    """The newest ones, unread ones first."""
    query = (
        select(NotificationRow, StaffRow.name, MessageRow.text)
        .join(StaffRow, StaffRow.id == NotificationRow.by_id, isouter=True)
        .join(MessageRow, MessageRow.id == NotificationRow.message_id, isouter=True)
        .where(NotificationRow.staff_id == staff_id)
        .order_by(NotificationRow.read_at.is_not(None), NotificationRow.at.desc())
    )
    found = (await session.execute(query.limit(LISTED))).all()
    return [
        Notification(n.id, n.kind, n.conversation_id, n.message_id, by, said or "", n.at, n.read_at is not None) for n, by, said in found
    ]


async def mentioned_in(session: AsyncSession, staff_id: UUID) -> frozenset[UUID]:
    """The conversations in which notes name this person."""
    query = select(NotificationRow.conversation_id).where(NotificationRow.staff_id == staff_id, NotificationRow.kind == MENTION)
    return frozenset((await session.execute(query.distinct())).scalars())


async def count_unread(session: AsyncSession, staff_id: UUID) -> int:
    """How many this person has not looked at."""
    query = select(func.count()).select_from(NotificationRow).where(NotificationRow.staff_id == staff_id, NotificationRow.read_at.is_(None))
    return int((await session.execute(query)).scalar_one())


async def mark_looked_at(session: AsyncSession, staff_id: UUID, conversation_ids: Sequence[UUID], *, now: datetime) -> int:
    """The person has opened these conversations: what they were told about them is read; returns how many things."""
    which = (NotificationRow.staff_id == staff_id, NotificationRow.conversation_id.in_(conversation_ids), NotificationRow.read_at.is_(None))
    done = await session.execute(update(NotificationRow).where(*which).values(read_at=now).returning(NotificationRow.id))
    return len(list(done.scalars()))
