"""Templates from the draft to the customer, the window in the API, the switch and the dead letters, against the simulated provider."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.errors import install_error_handlers
from channels.endpoints import ChannelServices, channels_router
from channels.managing import Managing
from channels.registry import account_tests
from channels.whatsapp.templates import Template, create_template, list_templates, places_of, sync_templates
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.ownership import take_over
from context.staff.accounts import create_api_token, create_staff
from context.types import Role
from kit.db import Database
from tests.simulators.whatsapp_house import NUMBER, SEALER, House, Simulator, running_simulator, whatsapp_house

pytestmark = pytest.mark.integration
BODY = "Hello {{first_name}}, your order {{order}} is on its way."


@pytest.fixture(scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    """One process for all."""
    async with running_simulator() as sim:
        yield sim


@pytest.fixture
async def house(database: Database, ledger: Ledger, simulator: Simulator) -> AsyncIterator[House]:
    """A quiet provider and Baton's parts."""
    async with whatsapp_house(database, ledger, simulator, hook_delay=[0, 0], status_delay=[0.01, 0.02]) as house:
        yield house


@contextlib.asynccontextmanager
async def api(house: House, role: Role) -> AsyncIterator[httpx.AsyncClient]:
    """The routes, as somebody of that role, who holds the only conversation if an agent."""
    services = ChannelServices(house.database, house.ledger, SEALER, house.channel.client, account_tests(), Managing(SEALER, lambda *_: ""))
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(channels_router(services))
    async with house.database.transaction() as session:
        staff = await create_staff(session, email=f"{role}@x.example", name="Ana", role=role, password="x" * 12)
        token = await create_api_token(session, staff, label="t")
        for message in await house.messages() if role == Role.AGENT else []:
            conversation = await lock_conversation(session, message.conversation_id)
            await take_over(session, house.ledger, conversation, staff=staff)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://b", headers=headers) as client:
        yield client


async def approved_template(house: House) -> None:
    """A template is handed in, approved at the provider, and known here."""
    draft = Template("order_update", "en", "utility", "", None, BODY, places_of(BODY))
    async with house.database.transaction() as session:
        state = await create_template(session, house.channel.client, house.account, draft=draft, examples=["Ann", "LC-1"])
    assert state == "PENDING"
    await house.sim.post("template", {"name": "order_update", "language": "en", "status": "APPROVED"})
    await house.take_in()


async def test_a_template_is_created_approved_by_webhook_and_synchronised(house: House) -> None:
    await approved_template(house)
    async with house.database.transaction() as session:
        (known,) = await list_templates(session, house.account)
        assert (known.status, known.places) == ("APPROVED", ("first_name", "order"))
    await house.sim.post("template", {"name": "order_update", "language": "en", "status": "PAUSED"})
    async with house.database.transaction() as session:
        assert await sync_templates(session, house.channel.client, house.account) == (1, 0)
        (known,) = await list_templates(session, house.account)
    assert not known.usable


async def test_when_the_window_is_closed_a_template_is_offered_and_reaches_the_customer(house: House) -> None:
    await house.sim.say("hi", at=1_790_000_000.0)
    await house.sim.post("config", {"window_hours": 0.0})
    await house.take_in()
    await approved_template(house)
    (message,) = await house.messages()
    async with api(house, Role.AGENT) as client:
        offer = (await client.get(f"/v1/conversations/{message.conversation_id}/channel")).json()
        assert (offer["window"]["open"], offer["window"]["limited"]) == (False, True)
        assert offer["templates"][0]["body"] == BODY
        chosen = {"name": "order_update", "language": "en", "values": {"first_name": "Ann", "order": "LC-1"}}
        answer = await client.post(f"/v1/conversations/{message.conversation_id}/template", json=chosen)
        assert answer.status_code == 201, answer.text
        missing = await client.post(f"/v1/conversations/{message.conversation_id}/template", json=chosen | {"values": {}})
        assert missing.status_code == 422
    await house.outbox.send_all()
    sends = [s for s in await house.sim.sends() if s["type"] == "template"]
    assert [s["template"]["name"] for s in sends] == ["order_update"]
    assert (await house.messages())[-1].text == "Hello Ann, your order LC-1 is on its way."


async def test_accounts_are_paused_and_letters_replayed_by_those_who_manage_channels_only(house: House) -> None:
    await house.sim.say("hi")
    await house.take_in()
    await house.sim.post("fail", {"count": 1, "code": 131026})
    await house.reply_all()
    await house.outbox.send_all()
    place = f"/v1/channels/whatsapp/{NUMBER}"
    async with api(house, Role.AGENT) as agent:
        assert (await agent.get("/v1/channels")).status_code == 403
        assert (await agent.put(f"{place}/state", json={"state": "paused"})).status_code == 403
        assert (await agent.get("/v1/channels/letters")).status_code == 403
    async with api(house, Role.ADMIN) as admin:
        (letter,) = (await admin.get("/v1/channels/letters")).json()
        assert (letter["code"], letter["sure"]) == ("131026", True)
        assert (await admin.post(f"/v1/channels/letters/{letter['id']}/replay")).status_code == 204
        assert (await admin.post(f"/v1/channels/letters/{letter['id']}/replay")).status_code == 409
        assert (await admin.put(f"{place}/state", json={"state": "paused"})).status_code == 200
        await house.outbox.send_all()
        assert await house.sim.sends() == []
        assert (await admin.put(f"{place}/state", json={"state": "active"})).status_code == 200
        await house.outbox.send_all()
        assert [s["text"]["body"] for s in await house.sim.sends() if "You said" in s["text"]["body"]] == ["You said hi"]
        assert "It works" in (await admin.post(f"{place}/test")).json()["answer"]
        assert "simulated-token" not in (await admin.get("/v1/channels")).text
