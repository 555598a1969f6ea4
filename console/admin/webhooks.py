"""What the page of outgoing webhooks asks for: addresses, switching one off and on, its log, and sending a delivery again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.inbox.view import milliseconds
from console.obeying import Data, Obeying, id_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from context.webhooks.keeping import Subscription, create_webhook, get_webhook, list_deliveries, replay, tries_of
from context.webhooks.models import WebhookDeliveryRow, WebhookRow, WebhookTryRow
from kit.errors import NotFoundError

LOG = 50
STATES = ("pending", "sent", "failed")


class WebhookCommands(Obeying):
    """The page /console/admin/webhooks."""

    right = "manage_integrations"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list, "add": self._add, "switch": self._switch, "remove": self._remove, "log": self._log, "tries": self._tries,
            "again": self._again,
        }  # fmt: skip

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        rows = (await session.execute(select(WebhookRow).order_by(WebhookRow.at))).scalars()
        self.screen("list", {"webhooks": [_webhook_json(row) for row in rows]})

    async def _add(self, staff: StaffRow, data: Data) -> None:
        names = tuple(dict.fromkeys(text_of(data, "events").replace(",", " ").split())) or ("*",)
        async with self.services.database.transaction() as session:
            row = await create_webhook(session, Subscription(text_of(data, "url").strip(), names), at=self.services.ledger.now)
            await self._record(session, staff, "webhook.added", row)
            await self._show(session)
            secret = row.secrets[0]
        self.screen("added", {"secret": secret, "url": row.url})

    async def _switch(self, staff: StaffRow, data: Data) -> None:
        on = data.get("on") is True
        async with self.services.database.transaction() as session:
            row = await get_webhook(session, id_of(data))
            row.active, row.failing_since, row.stopped_for = on, None, None if on else "by hand"
            await self._record(session, staff, "webhook.started" if on else "webhook.stopped", row)
            await self._show(session)

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            row = await get_webhook(session, id_of(data))
            await self._record(session, staff, "webhook.removed", row)
            await session.delete(row)
            await session.flush()
            await self._show(session)

    async def _log(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show_log(session, id_of(data), text_of(data, "state"), text_of(data, "before"))

    async def _show_log(self, session: AsyncSession, webhook_id: UUID, state: str = "", before: str = "") -> None:
        """A page of the log, newest first; `before` is the id of the last delivery that was read."""
        await get_webhook(session, webhook_id)
        last = await self._delivery(session, webhook_id, before) if before else None
        wanted = state if state in STATES else None
        rows = await list_deliveries(session, webhook_id, state=wanted, limit=LOG + 1, before=(last.at, last.id) if last else None)
        items = [_delivery_json(row) for row in rows[:LOG]]
        self.screen("log", {"id": str(webhook_id), "state": wanted or "", "items": items, "more": len(rows) > LOG, "further": bool(before)})

    async def _tries(self, _staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            row = await self._delivery(session, id_of(data), text_of(data, "delivery"))
            tries = [_try_json(one) for one in await tries_of(session, row.id)]
        self.screen("tries", {"delivery": row.id, "tries": tries, "payload": row.payload})

    async def _again(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            row, name = await get_webhook(session, id_of(data)), text_of(data, "delivery")
            await replay(session, row.id, at=self.services.ledger.now, delivery_id=name)
            await self._record(session, staff, "webhook.sent_again", row, {"delivery": name})
            await self._show_log(session, row.id, text_of(data, "state"))
        self.screen("done", {"what": "again"})

    async def _delivery(self, session: AsyncSession, webhook_id: UUID, name: str) -> WebhookDeliveryRow:
        row = await session.get(WebhookDeliveryRow, name)
        if row is None or row.webhook_id != webhook_id:
            raise NotFoundError("There is no such delivery")
        return row

    async def _record(
        self, session: AsyncSession, staff: StaffRow, action: str, row: WebhookRow, details: dict[str, str] | None = None
    ) -> None:
        subject = Subject("webhook", str(row.id), row.url)
        await record_change(session, staff, action, subject, at=self.services.ledger.now, details=details)


def _webhook_json(row: WebhookRow) -> dict[str, object]:
    return {
        "id": str(row.id), "url": row.url, "events": row.events, "active": row.active, "stoppedFor": row.stopped_for or "",
        "failingSince": milliseconds(row.failing_since), "at": milliseconds(row.at),
    }  # fmt: skip


def _delivery_json(row: WebhookDeliveryRow) -> dict[str, object]:
    return {
        "id": row.id, "type": row.type, "state": row.state, "tries": row.tries, "at": milliseconds(row.at),
        "nextAt": milliseconds(row.next_at),
    }  # fmt: skip


def _try_json(one: WebhookTryRow) -> dict[str, object]:
    return {"at": milliseconds(one.at), "status": one.status, "error": one.error or "", "milliseconds": one.milliseconds}
