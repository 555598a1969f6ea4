"""What an agent sees and does: the inbox, one conversation whole, taking, answering, handing back, resolving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_contact, is_verified
from context.conversations import get_conversation, list_messages
from context.models import ContactRow, ConversationRow
from context.ownership import find_latest_handoff
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from context.types import Handler, MessageView, Status
from desk.routing.order import queue_place
from kit.errors import NotFoundError


class View(StrEnum):
    """Which conversations the inbox lists."""

    ALL = "all"
    WAITING = "waiting"
    MINE = "mine"
    BOT = "bot"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox."""

    id: UUID
    contact_name: str | None
    contact_email: str | None
    channel: str
    status: Status
    handler: Handler
    agent_id: UUID | None
    agent_name: str | None
    preview: str
    language: str | None
    urgency: int
    waiting_since: datetime | None
    updated_at: datetime


@dataclass(frozen=True)
class ContactCard:
    """Who writes."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    language: str | None
    verified: bool
    attributes: dict[str, Any]


@dataclass(frozen=True)
class ConversationDetail:
    """One conversation whole. `packet` is that of its latest handoff (None when there was none), as JSON of `HandoffPacket`."""

    row: InboxRow
    contact: ContactCard
    messages: tuple[MessageView, ...]
    packet: dict[str, Any] | None
    handoff_reason: str | None
    slots: dict[str, Any]
    read_seq: int
    seq: int


async def list_inbox(session: AsyncSession, staff: StaffRow, *, view: View = View.ALL, limit: int = 100) -> list[InboxRow]:
    """The inbox: those who wait first (most urgent, then longest waiting), then the newest. Raises NotAllowedError for editors."""
    check_may(staff, "converse")
    query = select(ConversationRow, ContactRow, StaffRow).join(ContactRow, ContactRow.id == ConversationRow.contact_id)
    query = query.join(StaffRow, StaffRow.id == ConversationRow.agent_id, isouter=True)
    if view == View.RESOLVED:
        query = query.where(ConversationRow.status == Status.RESOLVED).order_by(ConversationRow.resolved_at.desc())
    else:
        query = query.where(ConversationRow.status != Status.RESOLVED, *_filter(view, staff))
        waits = case((ConversationRow.handler == Handler.QUEUE, 0), else_=1)
        query = query.order_by(waits, *_queue_order(), ConversationRow.updated_at.desc())
    return [_inbox_row(*found) for found in (await session.execute(query.limit(limit))).all()]


def _queue_order() -> tuple[Any, ...]:
    in_queue = ConversationRow.handler == Handler.QUEUE
    return (case((in_queue, queue_place()), else_=None).asc().nulls_last(), case((in_queue, ConversationRow.id), else_=None).asc())


def _filter(view: View, staff: StaffRow) -> tuple[Any, ...]:
    if view == View.WAITING:
        return (ConversationRow.handler == Handler.QUEUE,)
    if view == View.MINE:
        return (ConversationRow.agent_id == staff.id,)
    if view == View.BOT:
        return (ConversationRow.handler == Handler.BOT,)
    return ()


def _inbox_row(conversation: ConversationRow, contact: ContactRow, agent: StaffRow | None) -> InboxRow:
    return InboxRow(
        id=conversation.id,
        contact_name=contact.name,
        contact_email=contact.email,
        channel=conversation.channel,
        status=Status(conversation.status),
        handler=Handler(conversation.handler),
        agent_id=conversation.agent_id,
        agent_name=agent.name if agent else None,
        preview=conversation.preview,
        language=conversation.language,
        urgency=conversation.urgency,
        waiting_since=conversation.waiting_since,
        updated_at=conversation.updated_at,
    )


async def access_inbox_row(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> InboxRow:
    """One line of the inbox, for an update. Raises NotFoundError and NotAllowedError."""
    check_may(staff, "converse")
    conversation = await get_conversation(session, conversation_id)
    contact = await get_contact(session, conversation.contact_id)
    agent = await session.get(StaffRow, conversation.agent_id) if conversation.agent_id else None
    return _inbox_row(conversation, contact, agent)


async def access_conversation(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> ConversationDetail:
    """One conversation with everything known: transcript over all conversations of the contact, packet, profile.

    Raises NotFoundError and NotAllowedError.
    """
    row = await access_inbox_row(session, staff, conversation_id)
    conversation = await get_conversation(session, conversation_id)
    contact = await get_contact(session, conversation.contact_id)
    handoff = await find_latest_handoff(session, conversation_id)
    of_contact = select(ConversationRow.id).where(
        ConversationRow.contact_id == contact.id, ConversationRow.thread_key == conversation.thread_key
    )
    ids = list((await session.execute(of_contact)).scalars())
    return ConversationDetail(
        row=row,
        contact=ContactCard(
            contact.id,
            contact.name,
            contact.email,
            contact.phone,
            contact.language,
            await is_verified(session, contact.id),
            contact.attributes,
        ),
        messages=tuple(await list_messages(session, ids)),
        packet=handoff.packet if handoff else None,
        handoff_reason=handoff.reason if handoff else None,
        slots=conversation.slots,
        read_seq=conversation.read_seq,
        seq=conversation.seq,
    )


async def count_waiting(session: AsyncSession) -> int:
    """How many conversations wait for a human."""
    query = select(func.count()).select_from(ConversationRow)
    return (
        await session.execute(query.where(ConversationRow.handler == Handler.QUEUE, ConversationRow.status != Status.RESOLVED))
    ).scalar_one()


async def count_ahead(session: AsyncSession, conversation_id: UUID) -> int:
    """How many conversations of the same team stand before this one in the queue; all of them until it is known where it belongs."""
    own = (await session.execute(select(queue_place(), ConversationRow.team_id).where(ConversationRow.id == conversation_id))).one_or_none()
    if own is None:
        raise NotFoundError("There is no such conversation")
    place, team_id = own
    ahead = or_(queue_place() < place, (queue_place() == place) & (ConversationRow.id < conversation_id))
    query = select(func.count()).select_from(ConversationRow)
    query = query.where(ConversationRow.handler == Handler.QUEUE, ConversationRow.status != Status.RESOLVED, ahead)
    if team_id is not None:
        query = query.where(or_(ConversationRow.team_id == team_id, ConversationRow.team_id.is_(None)))
    return (await session.execute(query)).scalar_one()
