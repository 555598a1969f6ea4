"""Addresses that want events, what is due to them, and trying again what failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.event_base import EVENTS
from context.models import EventRow
from context.webhooks.models import WebhookDeliveryRow, WebhookRow, WebhookTryRow
from context.webhooks.signing import new_secret
from kit.errors import ConflictError, InvalidInputError, NotFoundError
from kit.outside import check_url

MAX_WEBHOOKS = 50
BATCH = 200
BACKOFF = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # seconds until the next try, after each that failed
STOP_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Subscription:
    """What somebody outside wants: an https address, and names of events; `noun.*` is all of a noun, `*` all."""

    url: str
    events: tuple[str, ...] = ("*",)


async def create_webhook(session: AsyncSession, wanted: Subscription, *, at: datetime, private: bool = False) -> WebhookRow:
    """A new webhook, which gets what happens from now on. Raises InvalidInputError and ConflictError."""
    check_subscription(wanted, private=private)
    if ((await session.execute(select(func.count()).select_from(WebhookRow))).scalar() or 0) >= MAX_WEBHOOKS:
        raise ConflictError(f"There can be {MAX_WEBHOOKS} webhooks")
    newest = (await session.execute(select(func.coalesce(func.max(EventRow.position), 0)))).scalar_one()
    row = WebhookRow(url=wanted.url, events=list(wanted.events), secrets=[new_secret()], position=newest, at=at)
    session.add(row)
    await session.flush()
    return row


def check_subscription(wanted: Subscription, *, private: bool = False) -> None:
    """Raises InvalidInputError for an address that cannot be, or an event that there is not."""
    check_url(wanted.url)
    if urlsplit(wanted.url).scheme != "https" and not private:
        raise InvalidInputError("A webhook's address begins with https://")
    nouns = {name.partition(".")[0] for name in EVENTS}
    unknown = [name for name in wanted.events if name != "*" and name not in EVENTS and not (name.endswith(".*") and name[:-2] in nouns)]
    if unknown or not wanted.events:
        raise InvalidInputError(f"There is no event {unknown[0]!r}" if unknown else "Name at least one event", hint="For example message.*")


async def get_webhook(session: AsyncSession, webhook_id: UUID) -> WebhookRow:
    """Raises NotFoundError."""
    row = await session.get(WebhookRow, webhook_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such webhook")
    return row


def rotate(row: WebhookRow) -> str:
    """A new secret; deliveries are signed with it and with the one before, until it is rotated again."""
    row.secrets = [new_secret(), *row.secrets[:1]]
    return row.secrets[0]


def wants(row: WebhookRow, name: str) -> bool:
    """Whether it wants events of this name."""
    return any(one in ("*", name) or (one.endswith(".*") and name.startswith(one[:-1])) for one in row.events)


async def plan(session: AsyncSession, *, at: datetime) -> int:
    """Writes down what is due to each webhook from the events since it was last looked; how many deliveries. Each event once."""
    query = select(WebhookRow).where(WebhookRow.active).order_by(WebhookRow.id).with_for_update(skip_locked=True)
    planned = 0
    for row in (await session.execute(query.execution_options(populate_existing=True))).scalars().all():
        events = select(EventRow).where(EventRow.position > row.position).order_by(EventRow.position).limit(BATCH)
        found = (await session.execute(events)).scalars().all()
        for event in found:
            if wants(row, event.name):
                planned += await _due(session, row, event, at=at)
        if found:
            row.position = found[-1].position or row.position
    return planned


async def _due(session: AsyncSession, row: WebhookRow, event: EventRow, *, at: datetime) -> int:
    values = {
        "id": f"msg_{uuid4().hex}", "webhook_id": row.id, "position": event.position, "type": event.name, "payload": payload_of(event),
        "state": "pending", "next_at": at, "at": at,
    }  # fmt: skip
    fresh = insert(WebhookDeliveryRow).values(**values).on_conflict_do_nothing(index_elements=["webhook_id", "position"])
    return 1 if (await session.execute(fresh.returning(WebhookDeliveryRow.id))).first() is not None else 0


def payload_of(event: EventRow) -> dict[str, Any]:
    """An event as it leaves: thin, with the ids by which /v1 tells the rest."""
    data = dict(event.data) | {
        "actor": {"kind": event.actor_kind, "id": event.actor_id},
        "channel": event.channel,
        "position": event.position,
    }
    if event.conversation_id is not None:
        data["conversation_id"] = str(event.conversation_id)
    return {"type": event.name, "timestamp": event.at.isoformat(), "data": data}


async def replay(
    session: AsyncSession, webhook_id: UUID, *, at: datetime, delivery_id: str | None = None, since: datetime | None = None
) -> int:
    """Sends again: one delivery, or all that failed since a moment; with the same `webhook-id`, so that receivers know it."""
    await get_webhook(session, webhook_id)
    query = update(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id)
    if delivery_id is not None:
        query = query.where(WebhookDeliveryRow.id == delivery_id)
    else:
        query = query.where(WebhookDeliveryRow.state == "failed", WebhookDeliveryRow.at >= (since or at - timedelta(days=30)))
    again = query.values(state="pending", next_at=at, tries=0, done_at=None).returning(WebhookDeliveryRow.id)
    count = len((await session.execute(again)).all())
    if delivery_id is not None and not count:
        raise NotFoundError("There is no such delivery")
    return count


async def list_deliveries(
    session: AsyncSession, webhook_id: UUID, *, state: str | None, limit: int, before: tuple[datetime, str] | None = None
) -> list[WebhookDeliveryRow]:
    """The log, newest first."""
    query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id)
    query = query.where(WebhookDeliveryRow.state == state) if state else query
    if before is not None:
        at, name = before
        query = query.where((WebhookDeliveryRow.at < at) | ((WebhookDeliveryRow.at == at) & (WebhookDeliveryRow.id < name)))
    return list((await session.execute(query.order_by(WebhookDeliveryRow.at.desc(), WebhookDeliveryRow.id.desc()).limit(limit))).scalars())


async def tries_of(session: AsyncSession, delivery_id: str) -> list[WebhookTryRow]:
    """Each try, oldest first."""
    query = select(WebhookTryRow).where(WebhookTryRow.delivery_id == delivery_id).order_by(WebhookTryRow.id)
    return list((await session.execute(query)).scalars())
