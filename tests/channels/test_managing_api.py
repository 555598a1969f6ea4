"""Accounts of channels over /v1: added, changed, paused and removed, in the record of changes, and their secrets never told again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.errors import install_error_handlers
from channels.endpoints import ChannelServices, channels_router
from channels.managing import Managing
from channels.models import ChannelAccountRow
from channels.whatsapp.client import GraphClient
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff
from context.staff.models import AuditRow
from context.types import Role
from kit.db import Database
from kit.sealing import Sealer

pytestmark = pytest.mark.integration
TOKEN = "123456:a-token-that-was-invented"
PLACE = "/v1/channels/telegram/shop_bot"


@pytest.fixture
async def app(database: Database, ledger: Ledger) -> FastAPI:
    sealer = Sealer("one key")
    managing = Managing(sealer, lambda channel, account: f"https://shop.example/hooks/{channel}/{account}", testers={})
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(channels_router(ChannelServices(database, ledger, sealer, GraphClient(), {}, managing)))
    return app


async def caller(app: FastAPI, database: Database, role: Role) -> httpx.AsyncClient:
    """Somebody with that role."""
    async with database.transaction() as session:
        staff = await create_staff(session, email=f"{role}@shop.example", name="Ana", role=role, password="long enough to pass")
        headers = {"Authorization": f"Bearer {await create_api_token(session, staff, label='t')}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example", headers=headers)


@pytest.fixture
async def admin(app: FastAPI, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with await caller(app, database, Role.ADMIN) as made:
        yield made


async def add(admin: httpx.AsyncClient) -> httpx.Response:
    """A Telegram bot, connected."""
    return await admin.post("/v1/channels/telegram", json={"account": "shop_bot", "name": "The shop", "secrets": {"token": TOKEN}})


async def actions(database: Database) -> list[str]:
    """What stands in the record of changes; no entry holds the secret."""
    async with database.transaction() as session:
        entries = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars().all()
        assert all(TOKEN not in str((entry.details, entry.subject_name)) for entry in entries)
        return [entry.action for entry in entries]


async def test_an_account_is_added_changed_paused_and_removed_and_each_is_written_down(
    admin: httpx.AsyncClient, database: Database
) -> None:
    made = await add(admin)
    assert (made.status_code, made.json()["hook"]) == (201, "https://shop.example/hooks/telegram/shop_bot")
    changed = await admin.patch(PLACE, json={"name": "Lantern Court", "secrets": {"token": TOKEN + "-2"}})
    assert (changed.status_code, changed.json()["name"], changed.json()["state"]) == (200, "Lantern Court", "active")
    assert (await admin.put(f"{PLACE}/state", json={"state": "paused"})).status_code == 200
    assert (await admin.put(f"{PLACE}/state", json={"state": "active"})).status_code == 200
    listed = await admin.get("/v1/channels")
    assert [(one["account"], one["name"]) for one in listed.json()] == [("shop_bot", "Lantern Court")]
    assert all(TOKEN not in answer.text for answer in (made, changed, listed))
    assert (await admin.delete(PLACE)).status_code == 204
    assert await actions(database) == ["channel.added", "channel.changed", "channel.paused", "channel.resumed", "channel.removed"]
    async with database.transaction() as session:
        assert (await session.execute(select(ChannelAccountRow))).scalars().all() == []


async def test_what_is_wrong_is_refused_and_changes_nothing(admin: httpx.AsyncClient, database: Database) -> None:
    assert (await add(admin)).status_code == 201
    refused = {
        409: await add(admin),
        404: await admin.patch("/v1/channels/telegram/other_bot", json={"name": "x"}),
        422: await admin.post("/v1/channels/pigeon", json={"account": "coop"}),
    }
    assert {status: answer.status_code for status, answer in refused.items()} == {status: status for status in refused}
    for body in ({"secrets": {"unknown": "x"}}, {"settings": {"unknown": "x"}}, {"cleared": ["token"]}, {"everything": True}):
        assert (await admin.patch(PLACE, json=body)).status_code == 422, body
    assert (await admin.post("/v1/channels/telegram", json={"account": "no_token"})).status_code == 422
    assert await actions(database) == ["channel.added"]


async def test_only_who_manages_channels_may(app: FastAPI, database: Database) -> None:
    async with await caller(app, database, Role.SUPERVISOR) as supervisor:
        answers = [await add(supervisor), await supervisor.patch(PLACE, json={"name": "x"}), await supervisor.delete(PLACE)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert await actions(database) == []
