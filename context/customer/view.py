"""The single customer view: who they are, what they bought, what is open, what happened on all channels, how they feel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, Integer, String, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_contact, is_verified
from context.customer.facts import own_order
from context.customer.keeping import consents_of, labels_of
from context.customer.models import CallRow, ConsentRow, ContactNoteRow, ShopEventRow
from context.customer.rules import Rule, rules_holding
from context.identity.linking import list_identifiers
from context.identity.models import IdentifierRow
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow, OrderRow, RatingRow
from context.orders.reading import load_orders
from context.shop.reading import list_requests
from context.shop.types import RequestStatus, ServiceRequest
from context.types import Author, Order, Status, Visibility

NEWEST = 20
TREND_DAYS = 7  # each step of the sentiment trend


@dataclass(frozen=True)
class Profile:
    """Who a contact is. `labels` are those put on; `rules` hold it at this moment (segments, and labels by rule)."""

    contact: ContactRow
    verified: bool
    identities: tuple[IdentityRow, ...]
    identifiers: tuple[IdentifierRow, ...]
    labels: tuple[str, ...]
    consents: dict[str, ConsentRow]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Happening:
    """One line of the timeline, on whatever channel. `id` with `kind` names the thing; `data` is what one line needs."""

    kind: str  # message, conversation, note, order, call, event, rating
    id: str
    at: datetime
    channel: str | None
    data: dict[str, Any]


@dataclass(frozen=True)
class CustomerView:
    """All that is known at a glance."""

    profile: Profile
    orders: tuple[Order, ...]
    open_conversations: tuple[ConversationRow, ...]
    open_requests: tuple[ServiceRequest, ...]
    sentiment: tuple[tuple[datetime, float, int], ...]  # week, mean of -2 to 2, messages
    timeline: tuple[Happening, ...]


async def read_profile(session: AsyncSession, contact_id: UUID, *, now: datetime) -> Profile:
    """Who the contact is. Raises NotFoundError."""
    contact = await get_contact(session, contact_id)
    identities = select(IdentityRow).where(IdentityRow.contact_id == contact.id).order_by(IdentityRow.created_at)
    return Profile(
        contact,
        await is_verified(session, contact.id),
        tuple((await session.execute(identities)).scalars()),
        tuple(await list_identifiers(session, contact.id)),
        tuple(await labels_of(session, contact.id)),
        await consents_of(session, contact.id),
        tuple(await rules_holding(session, contact.id, now=now)),
    )


async def read_view(session: AsyncSession, contact_id: UUID, *, now: datetime) -> CustomerView:
    """The single view. Raises NotFoundError."""
    profile = await read_profile(session, contact_id, now=now)
    contact_id = profile.contact.id
    opened = select(ConversationRow).where(ConversationRow.contact_id == contact_id, ConversationRow.status != Status.RESOLVED)
    return CustomerView(
        profile,
        await read_orders(session, contact_id),
        tuple((await session.execute(opened.order_by(ConversationRow.updated_at.desc()))).scalars()),
        tuple(await list_requests(session, contact_id=contact_id, order_number=None, status=RequestStatus.OPEN, limit=NEWEST)),
        await read_sentiment(session, contact_id),
        await read_timeline(session, contact_id, limit=NEWEST),
    )


async def read_orders(session: AsyncSession, contact_id: UUID, *, limit: int = NEWEST) -> tuple[Order, ...]:
    """The contact's orders, newest first: by what is proven, never by what was only typed."""
    query = select(OrderRow.number).select_from(OrderRow).join(ContactRow, ContactRow.id == contact_id).where(own_order())
    return await load_orders(session, list((await session.execute(query.order_by(OrderRow.placed_at.desc()).limit(limit))).scalars()))


async def read_sentiment(session: AsyncSession, contact_id: UUID, *, weeks: int = 12) -> tuple[tuple[datetime, float, int], ...]:
    """The mean sentiment of each of the last weeks in which the customer wrote, oldest first."""
    week = func.date_trunc("week", MessageRow.at, "UTC").label("week")
    level = cast(cast(MessageRow.understanding["sentiment"]["level"].astext, Integer), Float)
    query = (
        select(week, func.avg(level), func.count())
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(ConversationRow.contact_id == contact_id, MessageRow.author == Author.CUSTOMER, MessageRow.understanding.is_not(None))
        .group_by(week)
        .order_by(week.desc())
        .limit(weeks)
    )
    rows = (await session.execute(query)).all()
    return tuple((row[0], round(float(row[1]), 3), int(row[2])) for row in reversed(rows))


async def read_timeline(
    session: AsyncSession, contact_id: UUID, *, limit: int, before: tuple[datetime, str] | None = None
) -> tuple[Happening, ...]:
    """What happened on all channels, newest first; `before` is time and name of the last one that was read."""
    parts = union_all(*(query.with_only_columns(*columns) for query, columns in _parts(contact_id))).subquery()
    name = (parts.c.kind + literal(":") + parts.c.id).label("name")
    query = select(parts, name).order_by(parts.c.at.desc(), name.desc()).limit(limit)
    if before is not None:
        query = query.where((parts.c.at < before[0]) | ((parts.c.at == before[0]) & (name < before[1])))
    return tuple(Happening(row.kind, row.id, row.at, row.channel, row.data) for row in await session.execute(query))


def _parts(contact_id: UUID) -> list[tuple[Any, list[Any]]]:
    """Each kind of happening, with the same columns."""
    messages = (
        select(MessageRow)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(ConversationRow.contact_id == contact_id, MessageRow.visibility == Visibility.PUBLIC)
    )
    said = {"author": MessageRow.author, "author_name": MessageRow.author_name, "text": func.left(MessageRow.text, 500)}
    said |= {"conversation_id": MessageRow.conversation_id, "delivery": MessageRow.delivery}
    opened = select(ConversationRow).where(ConversationRow.contact_id == contact_id)
    orders = select(OrderRow).select_from(OrderRow).join(ContactRow, ContactRow.id == contact_id).where(own_order())
    ratings = select(RatingRow).join(ConversationRow, ConversationRow.id == RatingRow.conversation_id)
    ratings = ratings.where(ConversationRow.contact_id == contact_id, RatingRow.given_at.is_not(None))
    call = {"direction": CallRow.direction, "seconds": CallRow.seconds, "summary": CallRow.summary, "transcript": CallRow.transcript}
    state = {"status": ConversationRow.status, "handler": ConversationRow.handler}
    money = {"status": OrderRow.status, "total": OrderRow.total, "currency": OrderRow.currency}
    return [
        (messages, _columns("message", MessageRow.id, MessageRow.at, MessageRow.channel, said)),
        (opened, _columns("conversation", ConversationRow.id, ConversationRow.opened_at, ConversationRow.channel, state)),
        (
            select(ContactNoteRow).where(ContactNoteRow.contact_id == contact_id),
            _columns("note", ContactNoteRow.id, ContactNoteRow.at, None, {"text": ContactNoteRow.text}),
        ),
        (orders, _columns("order", OrderRow.number, OrderRow.placed_at, None, money)),
        (select(CallRow).where(CallRow.contact_id == contact_id), _columns("call", CallRow.id, CallRow.at, literal("phone"), call)),
        (
            select(ShopEventRow).where(ShopEventRow.contact_id == contact_id),
            _columns("event", ShopEventRow.id, ShopEventRow.at, literal("shop"), {"kind": ShopEventRow.kind, "data": ShopEventRow.data}),
        ),
        (ratings, _columns("rating", RatingRow.id, RatingRow.given_at, None, {"score": RatingRow.score, "comment": RatingRow.comment})),
    ]


def _columns(kind: str, key: Any, at: Any, channel: Any, data: dict[str, Any]) -> list[Any]:
    pairs = [part for name, value in data.items() for part in (literal(name), value)]
    return [
        literal(kind).label("kind"),
        cast(key, String).label("id"),
        at.label("at"),
        cast(channel, String).label("channel"),
        cast(func.jsonb_build_object(*pairs), JSONB).label("data"),
    ]
