"""The webhook routes of /v1."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context import schemas as base
from context.customer.api import cursor_of, read_cursor
from context.services import ApiServices, Token, access
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.webhooks.keeping import (
    Subscription,
    check_subscription,
    create_webhook,
    get_webhook,
    list_deliveries,
    replay,
    rotate,
    tries_of,
)
from context.webhooks.models import WebhookDeliveryRow, WebhookRow
from kit.errors import NotFoundError

MANAGE = "manage_integrations"


class WebhookIn(BaseModel):
    """Where to, and which events."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=2000)
    events: list[str] = Field(default=["*"], min_length=1, max_length=100)


class WebhookChange(BaseModel):
    """What changes; `active` True starts a stopped one again, from where it stood."""

    model_config = ConfigDict(extra="forbid")
    url: str | None = Field(default=None, max_length=2000)
    events: list[str] | None = Field(default=None, min_length=1, max_length=100)
    active: bool | None = None


class WebhookOut(BaseModel):
    """A webhook; `secret` stands in the answers to making it and to rotating only."""

    id: UUID
    url: str
    events: list[str]
    active: bool
    failing_since: datetime | None
    stopped_for: str | None
    at: datetime
    secret: str | None = None


class DeliveryOut(BaseModel):
    """One event on its way."""

    id: str
    type: str
    state: str
    tries: int
    next_at: datetime | None
    at: datetime
    done_at: datetime | None
    payload: dict[str, Any]


class DeliveryPage(BaseModel):
    """A page of the log."""

    items: list[DeliveryOut]
    next: str | None


class ReplayIn(BaseModel):
    """One delivery, or all that failed since a moment."""

    model_config = ConfigDict(extra="forbid")
    delivery_id: str | None = Field(default=None, max_length=60)
    since: AwareDatetime | None = None


def _webhook(row: WebhookRow, *, secret: str | None = None) -> WebhookOut:
    return WebhookOut.model_validate(row, from_attributes=True).model_copy(update={"secret": secret})


def webhook_router(services: ApiServices, *, private: bool = False) -> APIRouter:
    """The routes under /v1/webhooks. `private`: addresses of the own network and http are allowed."""
    problems: dict[int | str, dict[str, Any]] = {code: {"model": base.Problem} for code in (401, 403, 404, 409, 422, 429)}
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=problems)
    _keep_routes(router, services, private=private)
    _log_routes(router, services)
    return router


def _keep_routes(router: APIRouter, services: ApiServices, *, private: bool) -> None:
    @router.get("")
    async def read_webhooks(token: Token) -> list[WebhookOut]:
        """All webhooks, without their secrets."""
        async with services.database.transaction() as session:
            await access(session, token, MANAGE)
            return [_webhook(row) for row in (await session.execute(select(WebhookRow).order_by(WebhookRow.at))).scalars()]

    @router.post("", status_code=201)
    async def make_webhook(body: WebhookIn, token: Token) -> WebhookOut:
        """A new webhook; keep its secret, it is shown once. It gets what happens from now on."""
        async with services.database.transaction() as session:
            staff = await access(session, token, MANAGE)
            row = await create_webhook(session, Subscription(body.url, tuple(body.events)), at=services.ledger.now, private=private)
            await _record(session, services, staff, "webhook.added", row)
            return _webhook(row, secret=row.secrets[0])

    @router.patch("/{webhook_id}")
    async def change_webhook(webhook_id: UUID, change: WebhookChange, token: Token) -> WebhookOut:
        """Changes address, events, or whether it is active."""
        async with services.database.transaction() as session:
            staff = await access(session, token, MANAGE)
            row = await get_webhook(session, webhook_id)
            wanted = Subscription(change.url or row.url, tuple(change.events or row.events))
            check_subscription(wanted, private=private)
            row.url, row.events = wanted.url, list(wanted.events)
            if change.active is not None:
                row.active, row.failing_since, row.stopped_for = change.active, None, None if change.active else "by hand"
            await _record(session, services, staff, "webhook.changed", row, {"changed": sorted(change.model_dump(exclude_none=True))})
            return _webhook(row)

    @router.delete("/{webhook_id}", status_code=204)
    async def delete_webhook(webhook_id: UUID, token: Token) -> None:
        """Removes a webhook with its log."""
        async with services.database.transaction() as session:
            staff = await access(session, token, MANAGE)
            row = await get_webhook(session, webhook_id)
            await _record(session, services, staff, "webhook.removed", row)
            await session.delete(row)

    @router.post("/{webhook_id}/secret")
    async def rotate_secret(webhook_id: UUID, token: Token) -> WebhookOut:
        """A new secret; the one before signs too until the next rotation."""
        async with services.database.transaction() as session:
            staff = await access(session, token, MANAGE)
            row = await get_webhook(session, webhook_id)
            await _record(session, services, staff, "webhook.secret_changed", row)
            return _webhook(row, secret=rotate(row))


async def _record(
    session: AsyncSession, services: ApiServices, staff: StaffRow, action: str, row: WebhookRow, details: dict[str, Any] | None = None
) -> None:
    await record_change(session, staff, action, Subject("webhook", str(row.id), row.url), at=services.ledger.now, details=details)


def _log_routes(router: APIRouter, services: ApiServices) -> None:
    @router.post("/{webhook_id}/trial", status_code=202)
    async def try_webhook(webhook_id: UUID, token: Token) -> dict[str, str]:
        """Sends `baton.trial`, to see whether the other side takes it."""
        now = services.ledger.now
        async with services.database.transaction() as session:
            await access(session, token, MANAGE)
            row = await get_webhook(session, webhook_id)
            payload = {"type": "baton.trial", "timestamp": now.isoformat(), "data": {}}
            name = f"msg_{uuid4().hex}"
            session.add(WebhookDeliveryRow(id=name, webhook_id=row.id, type="baton.trial", payload=payload, next_at=now, at=now))
            return {"id": name}

    @router.get("/{webhook_id}/deliveries")
    async def read_deliveries(
        webhook_id: UUID, token: Token, state: str | None = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> DeliveryPage:
        """The log, newest first."""
        async with services.database.transaction() as session:
            await access(session, token, MANAGE)
            await get_webhook(session, webhook_id)
            rows = await list_deliveries(session, webhook_id, state=state, limit=limit + 1, before=read_cursor(cursor))
        last = rows[limit - 1] if len(rows) > limit else None
        items = [DeliveryOut.model_validate(row, from_attributes=True) for row in rows[:limit]]
        return DeliveryPage(items=items, next=cursor_of(last.at, last.id) if last else None)

    @router.get("/{webhook_id}/deliveries/{delivery_id}/tries")
    async def read_tries(webhook_id: UUID, delivery_id: str, token: Token) -> list[dict[str, Any]]:
        """What the other side answered, try by try."""
        async with services.database.transaction() as session:
            await access(session, token, MANAGE)
            row = await session.get(WebhookDeliveryRow, delivery_id)
            if row is None or row.webhook_id != webhook_id:
                raise NotFoundError("There is no such delivery")
            return [
                {"at": one.at, "status": one.status, "error": one.error, "milliseconds": one.milliseconds}
                for one in await tries_of(session, delivery_id)
            ]

    @router.post("/{webhook_id}/replay")
    async def replay_deliveries(webhook_id: UUID, body: ReplayIn, token: Token) -> dict[str, int]:
        """Sends one again, or all that failed since a moment."""
        async with services.database.transaction() as session:
            staff = await access(session, token, MANAGE)
            at = services.ledger.now
            again = await replay(session, webhook_id, at=at, delivery_id=body.delivery_id, since=body.since)
            await _record(session, services, staff, "webhook.sent_again", await get_webhook(session, webhook_id), {"deliveries": again})
            return {"again": again}
