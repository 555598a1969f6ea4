"""What an agent sees and does: the inbox, one conversation whole, taking, answering, handing back, resolving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_whoever, is_verified, proven_to_be
from context.conversations import list_messages
from context.handoffs import newest_first
from context.labels.keeping import labels_of
from context.labels.models import ConversationLabelRow
from context.models import ContactRow, ConversationRow, HandoffRow
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from context.types import Handler, MessageView, Status
from desk import views
from desk.routing.order import queue_place
from desk.views import Place
from desk.views import View as View
from desk.views import Wanted as Wanted
from kit.clock import utc_now
from kit.errors import NotFoundError


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
    priority: int = 1
    queue_at: datetime | None = None
    due_at: datetime | None = None
    due_metric: str | None = None
    team_id: UUID | None = None
    labels: tuple[UUID, ...] = ()
    last_customer_at: datetime | None = None
    resolved_at: datetime | None = None
    snoozed_until: datetime | None = None


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
    erased_at: datetime | None = None


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


_COLUMNS = (
    ConversationRow.id,
    ContactRow.name.label("contact_name"),
    ContactRow.email.label("contact_email"),
    StaffRow.name.label("agent_name"),
    queue_place().label("queue_at"),
    *(
        getattr(ConversationRow, name)
        for name in (
            "channel", "status", "handler", "agent_id", "preview", "language", "urgency", "waiting_since", "updated_at", "priority",
            "due_at", "due_metric", "team_id", "last_customer_at", "resolved_at", "snoozed_until",
        )
    ),
)  # fmt: skip
_NAMES = tuple(column.key for column in _COLUMNS)


async def list_inbox(
    session: AsyncSession, staff: StaffRow, *, wanted: Wanted | None = None, after: Place | None = None, limit: int = 100
) -> list[InboxRow]:
    """A list's lines in order, from the place `after` on. Raises NotAllowedError for those who may not converse."""
    check_may(staff, "converse")
    listed = wanted or Wanted(staff.id)
    query = select(ConversationRow.id).where(*listed.condition(now=utc_now()), *([views.after(after)] if after else []))
    ids = list((await session.execute(query.order_by(*views.place_columns()).limit(limit))).scalars())
    found = {row.id: row for row in await _rows(session, ids)}
    return [found[i] for i in ids if i in found]


async def _rows(session: AsyncSession, ids: Sequence[UUID]) -> list[InboxRow]:
    if not ids:
        return []
    query = select(*_COLUMNS).join(ContactRow, ContactRow.id == ConversationRow.contact_id)
    query = query.join(StaffRow, StaffRow.id == ConversationRow.agent_id, isouter=True).where(ConversationRow.id.in_(ids))
    labels = await labels_of(session, ids)
    return [_inbox_row(found._asdict(), tuple(labels.get(found.id, ()))) for found in (await session.execute(query)).all()]


def _inbox_row(found: Mapping[str, Any], labels: tuple[UUID, ...]) -> InboxRow:
    return InboxRow(**(dict(found) | {"status": Status(found["status"]), "handler": Handler(found["handler"]), "labels": labels}))


async def access_inbox_row(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> InboxRow:
    """One line of the inbox, for an update. Raises NotFoundError and NotAllowedError."""
    check_may(staff, "converse")
    found = await _rows(session, [conversation_id])
    if not found:
        raise NotFoundError("There is no such conversation")
    return found[0]


async def access_inbox_rows(session: AsyncSession, staff: StaffRow, ids: Sequence[UUID]) -> list[InboxRow]:
    """These lines of the inbox, in no order; those that are gone are left out. Raises NotAllowedError."""
    check_may(staff, "converse")
    return await _rows(session, ids)


async def access_conversation(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> ConversationDetail:
    """One conversation with everything known: transcript over all conversations of the contact, packet, profile.

    Raises NotFoundError and NotAllowedError.
    """
    check_may(staff, "converse")
    found = (await session.execute(_whole(conversation_id), execution_options={"populate_existing": True})).one_or_none()
    if found is None:
        raise NotFoundError("There is no such conversation")
    messages = await list_messages(session, _thread(found.contact_id, found.thread_key))
    values = found._asdict()
    return ConversationDetail(
        row=_inbox_row({name: values[name] for name in _NAMES}, tuple(found.labels or ())),
        contact=await _card(session, found.ContactRow, verified=found.verified),
        messages=tuple(sorted(messages, key=_said_at)),
        packet=found.packet,
        handoff_reason=found.reason,
        slots=found.slots,
        read_seq=found.read_seq,
        seq=found.seq,
    )


def _whole(conversation_id: UUID) -> Select[Any]:
    """All that is known of one conversation but what was said in it, in one question to the database, as an agent waits for it."""
    table = ConversationRow
    labels = select(func.array_agg(aggregate_order_by(ConversationLabelRow.label_id, ConversationLabelRow.at)))
    labels = labels.where(ConversationLabelRow.conversation_id == table.id)
    handoff = select(HandoffRow.packet, HandoffRow.reason).where(HandoffRow.conversation_id == table.id)
    newest = handoff.order_by(*newest_first()).limit(1).lateral()
    query = select(
        *_COLUMNS, table.contact_id, table.thread_key, table.slots, table.read_seq, table.seq, ContactRow,
        proven_to_be(ContactRow.id).label("verified"), labels.scalar_subquery().label("labels"), newest.c.packet, newest.c.reason,
    )  # fmt: skip
    query = query.join(ContactRow, ContactRow.id == table.contact_id).join(StaffRow, StaffRow.id == table.agent_id, isouter=True)
    return query.join(newest, true(), isouter=True).where(table.id == conversation_id)


async def _card(session: AsyncSession, contact: ContactRow, *, verified: bool) -> ContactCard:
    if contact.merged_into is not None:  # who was merged into another is that other one
        contact = await get_whoever(session, contact.id)
        verified = await is_verified(session, contact.id)
    return ContactCard(
        contact.id, contact.name, contact.email, contact.phone, contact.language, verified=verified, attributes=contact.attributes,
        erased_at=contact.erased_at,
    )  # fmt: skip


def _said_at(message: MessageView) -> tuple[datetime, int]:
    return message.at, message.seq


def _thread(contact_id: UUID, thread_key: str) -> Select[tuple[UUID]]:
    """All conversations whose messages stand in a transcript: those of its thread, and those that were merged into them."""
    own = select(ConversationRow.id).where(ConversationRow.contact_id == contact_id, ConversationRow.thread_key == thread_key)
    merged = select(ConversationRow.id).where(ConversationRow.merged_into_id.in_(own))
    return select(own.union(merged).subquery().c.id)


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
