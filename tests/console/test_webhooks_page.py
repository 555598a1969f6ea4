"""The admin page of outgoing webhooks: added with a secret that is told once, switched off and on, its log, one delivery sent again."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from console.admin.webhooks import LOG, WebhookCommands
from console.services import ConsoleServices
from context.staff.audit import AuditFilter, access_changes
from context.webhooks.models import WebhookDeliveryRow, WebhookRow, WebhookTryRow
from kit.clock import utc_now
from tests.console.test_admin import Desk, opened

pytestmark = pytest.mark.integration
NOW = utc_now()


async def added(services: ConsoleServices) -> tuple[Desk, str]:
    """A page with one webhook."""
    desk = await opened(WebhookCommands, services)
    await desk.ask("add", url="https://crm.example/hook", events="message.*, conversation.opened")
    return desk, desk.last("list")["webhooks"][0]["id"]


async def deliver(services: ConsoleServices, webhook: str, name: str, state: str, *, ago: int = 0) -> None:
    """A delivery as the sender leaves it."""
    at = NOW - timedelta(minutes=ago)
    payload = {"type": "message.sent", "data": {}}
    values = {"id": name, "webhook_id": UUID(webhook), "type": "message.sent", "payload": payload, "state": state, "tries": 1, "at": at}
    async with services.database.transaction() as session:
        session.add(WebhookDeliveryRow(**values))
        await session.flush()
        session.add(WebhookTryRow(delivery_id=name, status=500, milliseconds=12, at=at))


async def test_a_webhook_is_added_with_a_secret_that_is_told_once_and_switched_off_and_on(services: ConsoleServices) -> None:
    desk, webhook = await added(services)
    secret = desk.last("added")["secret"]
    assert secret.startswith("whsec_")
    assert secret not in json.dumps(desk.last("list"))
    for on, action in ((False, "webhook.stopped"), (True, "webhook.started")):
        await desk.ask("switch", id=webhook, on=on)
        async with services.database.transaction() as session:
            row = await session.get(WebhookRow, UUID(webhook))
            assert row is not None
            assert (row.active, row.stopped_for) == (on, None if on else "by hand")
            assert (await access_changes(session, desk.staff, AuditFilter(kind="webhook")))[0].action == action
    await desk.ask("remove", id=webhook)
    assert desk.last("list")["webhooks"] == []
    await desk.ask("switch", id=webhook, on=False)
    assert "no such webhook" in desk.last("failed")["message"]


async def test_what_cannot_be_told_is_refused(services: ConsoleServices) -> None:
    desk = await opened(WebhookCommands, services)
    for url, events, said in (
        ("http://crm.example/hook", "*", "https://"),
        ("https://crm.example/hook", "message.sung", "no event 'message.sung'"),
        ("no address", "*", "address"),
    ):
        await desk.ask("add", url=url, events=events)
        assert said in desk.last("failed")["message"]
    await desk.ask("list")
    assert desk.last("list")["webhooks"] == []


async def test_the_log_is_read_page_by_page_and_one_delivery_is_sent_again(services: ConsoleServices) -> None:
    desk, webhook = await added(services)
    for number in range(LOG + 1):
        await deliver(services, webhook, f"msg_{number}", "sent" if number else "failed", ago=number)
    await desk.ask("log", id=webhook, state="")
    page = desk.last("log")
    assert (len(page["items"]), page["more"], page["items"][0]["id"]) == (LOG, True, "msg_0")
    await desk.ask("log", id=webhook, state="", before=page["items"][-1]["id"])
    assert [one["id"] for one in desk.last("log")["items"]] == [f"msg_{LOG}"]
    await desk.ask("tries", id=webhook, delivery="msg_0")
    assert [(one["status"], one["milliseconds"]) for one in desk.last("tries")["tries"]] == [(500, 12)]
    await desk.ask("log", id=webhook, state="failed")
    assert [one["id"] for one in desk.last("log")["items"]] == ["msg_0"]
    await desk.ask("again", id=webhook, delivery="msg_0", state="failed")
    assert desk.last("log")["items"] == []
    async with services.database.transaction() as session:
        row = await session.get(WebhookDeliveryRow, "msg_0")
        assert row is not None
        assert (row.state, row.tries) == ("pending", 0)


async def test_a_delivery_of_another_webhook_is_not_shown_nor_sent_again(services: ConsoleServices) -> None:
    desk, webhook = await added(services)
    await desk.ask("add", url="https://other.example/hook", events="*")
    other = next(one["id"] for one in desk.last("list")["webhooks"] if one["id"] != webhook)
    await deliver(services, webhook, "msg_1", "failed")
    for kind, named in (("tries", {"delivery": "msg_1"}), ("again", {"delivery": "msg_1"}), ("log", {"before": "msg_1"})):
        await desk.ask(kind, id=other, **named)
        assert "no such delivery" in desk.last("failed")["message"]
    await desk.ask("log", id=str(uuid4()))
    assert "no such webhook" in desk.last("failed")["message"]
