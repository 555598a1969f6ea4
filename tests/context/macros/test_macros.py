"""Macros over /v1, as INBOX and admin pages use them: who may, what is refused, what is rendered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.errors import install_error_handlers
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.macros.endpoints import macro_router
from context.macros.models import MacroRow
from context.macros.storing import create_macro, record_macro_used
from context.models import ContactRow
from context.orders.importing import import_orders
from context.staff.accounts import access_token_staff, create_api_token, create_staff
from context.staff.models import AuditRow
from context.staff.teams import save_team, set_members
from context.types import Inbound, Role
from kit.clock import utc_now
from kit.db import Database
from sample_shop.macros import sample_macros
from sample_shop.orders import sample_orders

pytestmark = pytest.mark.integration
NEW = {
    "title": "On its way",
    "bodies": {"en": "Hi {{contact.first_name | there}}, {{order.number}} is on its way.", "pt": "{{order.number}} vai a caminho."},
}


class Outside:
    """The API, and people with tokens."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database, self.ledger = database, ledger
        app = FastAPI()
        install_error_handlers(app)
        app.include_router(macro_router(database, ledger))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example")

    async def person(self, role: Role) -> dict[str, str]:
        async with self.database.transaction() as session:
            staff = await create_staff(
                session, email=f"{uuid4().hex}@shop.example", name="Bo Desk", role=role, password="long enough to pass"
            )
            return {"Authorization": f"Bearer {await create_api_token(session, staff, label='test')}"}

    async def joins(self, token: dict[str, str], team: str) -> None:
        """Whoever has the token becomes a member of a team of that key."""
        async with self.database.transaction() as session:
            staff = await access_token_staff(session, token["Authorization"].removeprefix("Bearer "))
            await set_members(session, await save_team(session, key=team, name=team.title()), {staff.id: 2})

    async def ask(self, method: str, path: str, *, as_: dict[str, str], status: int = 200, **options: Any) -> Any:
        answer = await self.http.request(method, f"/v1/macros{path}", headers=as_, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def changes(self) -> list[str]:
        """What stands in the record of changes."""
        async with self.database.transaction() as session:
            return list((await session.execute(select(AuditRow.action).order_by(AuditRow.id))).scalars())

    async def conversation(self, *, email: str | None = None, slots: dict[str, Any] | None = None, language: str = "en") -> UUID:
        """A customer writes; `email` is known of them, `slots` were filled by the bot."""
        async with self.database.transaction() as session:
            recorded = await record_inbound(
                session, self.ledger, Inbound("web", "shop", uuid4().hex, uuid4().hex, "hello", profile_name="Ana Demo")
            )
            conversation = await lock_conversation(session, recorded.message.conversation_id)
            conversation.slots, conversation.language = slots or {}, language
            await session.execute(update(ContactRow).where(ContactRow.id == conversation.contact_id).values(email=email))
            return conversation.id


@pytest.fixture
async def outside(database: Database, ledger: Ledger) -> AsyncIterator[Outside]:
    made = Outside(database, ledger)
    async with database.transaction() as session:
        await import_orders(session, sample_orders(date(2026, 7, 20))[:3])
    yield made
    await made.http.aclose()


async def test_a_macro_is_written_found_used_changed_and_removed(outside: Outside) -> None:
    sam, ana = await outside.person(Role.SUPERVISOR), await outside.person(Role.AGENT)
    made = await outside.ask("POST", "", as_=sam, status=201, json=NEW)
    assert [one["title"] for one in await outside.ask("GET", "?text=CAMINHO", as_=ana)] == ["On its way"]
    assert await outside.ask("GET", "?text=nothing", as_=ana) == []
    conversation = await outside.conversation(email="ana.demo@example.com", slots={"order_number": "lc 100001"})
    rendered = await outside.ask("POST", f"/{made['id']}/render", as_=ana, json={"conversation_id": str(conversation)})
    assert rendered["text"] == "Hi Ana, LC-100001 is on its way."
    async with outside.database.transaction() as session:
        await record_macro_used(session, UUID(made["id"]), at=utc_now())
    assert (await outside.ask("GET", f"/{made['id']}", as_=ana))["used_count"] == 1
    await outside.ask("PUT", f"/{made['id']}", as_=sam, json=NEW | {"title": "Under way", "expected_version": 1})
    await outside.ask("PUT", f"/{made['id']}", as_=sam, status=409, json=NEW | {"expected_version": 1})
    await outside.ask("DELETE", f"/{made['id']}", as_=sam, status=204)
    await outside.ask("GET", f"/{made['id']}", as_=ana, status=404)
    assert await outside.changes() == ["macro.created", "macro.changed", "macro.removed"]


async def test_an_unknown_variable_is_refused_when_saved_and_nothing_is_stored(outside: Outside) -> None:
    sam = await outside.person(Role.SUPERVISOR)
    refused = await outside.ask("POST", "", as_=sam, status=422, json=NEW | {"bodies": {"en": "Hi {{contact.nickname}}"}})
    assert refused["error"] == "unknown_variable"
    assert "contact.nickname" in refused["message"]
    note = [{"step": "add_note", "value": "{{order.colour}}"}]
    await outside.ask("POST", "", as_=sam, status=422, json=NEW | {"actions": note})
    assert await outside.ask("GET", "", as_=sam) == []


async def test_an_unknown_variable_that_came_in_otherwise_is_refused_when_used(outside: Outside) -> None:
    sam = await outside.person(Role.SUPERVISOR)
    made = await outside.ask("POST", "", as_=sam, status=201, json=NEW)
    async with outside.database.transaction() as session:
        await session.execute(update(MacroRow).values(bodies=[["en", "Hi {{contact.nickname}}"]]))
    path, body = f"/{made['id']}/render", {"conversation_id": str(await outside.conversation())}
    assert (await outside.ask("POST", path, as_=sam, status=422, json=body))["error"] == "unknown_variable"


async def test_a_macro_about_an_order_is_refused_where_none_is_known(outside: Outside) -> None:
    sam = await outside.person(Role.SUPERVISOR)
    made = await outside.ask("POST", "", as_=sam, status=201, json=NEW)
    body = {"conversation_id": str(await outside.conversation())}
    refused = await outside.ask("POST", f"/{made['id']}/render", as_=sam, status=422, json=body)
    assert refused["error"] == "missing_value"
    assert "order.number" in refused["message"]


async def test_the_order_of_somebody_else_never_reaches_a_customer(outside: Outside) -> None:
    sam = await outside.person(Role.SUPERVISOR)
    made = await outside.ask("POST", "", as_=sam, status=201, json=NEW)
    stranger = await outside.conversation(email="other@example.com", slots={"order_number": "LC-100001"})
    await outside.ask("POST", f"/{made['id']}/render", as_=sam, status=422, json={"conversation_id": str(stranger)})
    chosen = {"conversation_id": str(stranger), "order_number": "LC-100001"}
    await outside.ask("POST", f"/{made['id']}/render", as_=sam, status=422, json=chosen)


async def test_an_agent_writes_macros_for_themselves_only(outside: Outside) -> None:
    ana, bo, sam = await outside.person(Role.AGENT), await outside.person(Role.AGENT), await outside.person(Role.SUPERVISOR)
    await outside.ask("POST", "", as_=ana, status=403, json=NEW)
    mine = await outside.ask("POST", "", as_=ana, status=201, json=NEW | {"audience": "owner"})
    assert [one["id"] for one in await outside.ask("GET", "", as_=ana)] == [mine["id"]]
    assert await outside.ask("GET", "", as_=bo) == []
    await outside.ask("GET", f"/{mine['id']}", as_=bo, status=404)
    await outside.ask("PUT", f"/{mine['id']}", as_=ana, status=403, json=NEW | {"expected_version": 1})
    assert await outside.changes() == []  # what somebody keeps for themselves is nobody's matter
    shared = await outside.ask("POST", "", as_=sam, status=201, json=NEW)
    await outside.ask("DELETE", f"/{shared['id']}", as_=ana, status=403)
    team = NEW | {"audience": "teams", "teams": ["returns"]}
    await outside.ask("POST", "", as_=sam, status=201, json=team)
    assert {one["audience"] for one in await outside.ask("GET", "", as_=bo)} == {"everyone"}


async def test_the_macros_of_a_team_are_offered_to_its_members_and_to_nobody_else(outside: Outside) -> None:
    ana, bo, sam = await outside.person(Role.AGENT), await outside.person(Role.AGENT), await outside.person(Role.SUPERVISOR)
    made = await outside.ask("POST", "", as_=sam, status=201, json=NEW | {"audience": "teams", "teams": ["returns"]})
    await outside.joins(ana, "returns")
    await outside.joins(bo, "sales")
    assert [one["id"] for one in await outside.ask("GET", "", as_=ana)] == [made["id"]]
    assert (await outside.ask("GET", f"/{made['id']}", as_=ana))["title"] == made["title"]
    assert await outside.ask("GET", "", as_=bo) == []
    await outside.ask("GET", f"/{made['id']}", as_=bo, status=404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"bodies": {}},
        {"bodies": {"en": "  "}},
        {"bodies": {"xx": "Hi"}},
        {"bodies": {"en": "x" * 4001}},
        {"actions": [{"step": "add_label"}]},
        {"actions": [{"step": "resolve", "value": "x"}]},
        {"actions": [{"step": "explode"}]},
        {"audience": "teams"},
        {"colour": "red"},
    ],
)
async def test_a_wrong_macro_is_refused(outside: Outside, wrong: dict[str, Any]) -> None:
    await outside.ask("POST", "", as_=await outside.person(Role.SUPERVISOR), status=422, json=NEW | wrong)


@pytest.mark.parametrize("path", ["", "/variables", f"/{UUID(int=1)}"])
async def test_macros_are_for_those_who_converse(outside: Outside, path: str) -> None:
    await outside.ask("GET", path, as_={}, status=401)
    await outside.ask("GET", path, as_=await outside.person(Role.EDITOR), status=403)


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans", "pt"])
async def test_every_macro_of_the_sample_shop_can_be_used_in_every_language(outside: Outside, language: str) -> None:
    ana = await outside.person(Role.AGENT)
    async with outside.database.transaction() as session:
        made = [await create_macro(session, None, draft) for draft in sample_macros()]
    conversation = await outside.conversation(email="ana.demo@example.com", slots={"order_number": "LC-100001"}, language=language)
    for macro in made:
        rendered = await outside.ask("POST", f"/{macro.id}/render", as_=ana, json={"conversation_id": str(conversation)})
        assert rendered["language"] == language
        assert "{{" not in rendered["text"]
    assert len({macro.title for macro in made}) == len(made) == 12


async def test_the_only_open_order_is_meant_where_none_is_named(outside: Outside) -> None:
    ana = await outside.person(Role.AGENT)
    async with outside.database.transaction() as session:
        macro = await create_macro(session, None, sample_macros()[0])
    conversation = await outside.conversation(email="chan.demo@example.com")
    rendered = await outside.ask("POST", f"/{macro.id}/render", as_=ana, json={"conversation_id": str(conversation)})
    assert "LC-100003" in rendered["text"]
