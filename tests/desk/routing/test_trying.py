"""The dry run over the real house, the versions of the rules, and both over /v1."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from app.errors import install_error_handlers
from context.staff.accounts import create_api_token
from context.types import Role
from desk.queue_endpoints import queue_router
from desk.routing.checks import RoutingRulesError
from desk.routing.store import access_check, access_save_rules, access_versions, find_source
from desk.routing.trying import access_try, access_try_conversation, make_facts
from desk.routing.types import Facts
from kit.db import Database
from kit.errors import ConflictError, NotAllowedError, NotFoundError
from tests.desk.routing.desks import agent, customer, ledger_at, team

pytestmark = pytest.mark.integration


async def test_a_dry_run_names_the_person_the_reasons_and_why_not_the_others(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        sam, ana, bo = (
            await agent(session, "sam", role=Role.SUPERVISOR), await agent(session, "ana", clock=clock), await agent(session, "bo"),
        )  # fmt: skip
        await team(session, "care", ana, bo)
        await access_save_rules(session, sam, "default: {team: care}")
        waits = await customer(session, ledger, "v")
        found = await access_try(session, sam, make_facts({"vip": True, "waited": 60, "intents": ["x"]}), clock=clock)
        assert (found.person, found.team, found.priority) == ("ana", "care", "normal")
        assert found.reasons == ("No rule fits: the default is Care.", "ana is the only one who could.")
        assert dict(found.others)["bo"] == "bo is not online."
        same = await access_try_conversation(session, sam, waits, language="zh-Hant", clock=clock)
        assert (same.person_id, same.reasons[-1]) == (ana.id, "只有ana合適。")
        other = await access_try(session, sam, Facts(), source="rules: []", clock=clock)
        assert other.team is None
        with pytest.raises(NotAllowedError):
            await access_try(session, ana, Facts())
        with pytest.raises(RoutingRulesError, match="line 1: there is no team 'moon'"):
            await access_try(session, sam, Facts(), source="default: {team: moon}", clock=clock)
        with pytest.raises(NotFoundError):
            await access_try_conversation(session, sam, ana.id, clock=clock)


async def test_every_version_is_kept_and_two_editors_do_not_overwrite_each_other(database: Database) -> None:
    async with database.transaction() as session:
        sam, ana = await agent(session, "sam", role=Role.SUPERVISOR), await agent(session, "ana")
        first = await access_save_rules(session, sam, "# one", note="first")
        second = await access_save_rules(session, sam, "# two", based_on=first)
        with pytest.raises(ConflictError):
            await access_save_rules(session, sam, "# three", based_on=first)
        assert [(v.version, v.author, v.note) for v in await access_versions(session, sam)] == [
            (second, "sam", ""),
            (first, "sam", "first"),
        ]
        assert await find_source(session) == "# two"
        assert [p.line for p in await access_check(session, sam, "default: {team: moon}")] == [1]
        for refused in (access_save_rules(session, ana, ""), access_versions(session, ana), access_check(session, ana, "")):
            with pytest.raises(NotAllowedError):
                await refused


async def test_the_routes_ask_for_the_right_permission(database: Database) -> None:
    ledger, _ = ledger_at()
    async with database.transaction() as session:
        sam, ana = await agent(session, "sam", role=Role.SUPERVISOR), await agent(session, "ana")
        await team(session, "care", ana)
        tokens = {p.name: await create_api_token(session, p, label="test") for p in (sam, ana)}
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(queue_router(database, ledger))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:

        async def ask(who: str, method: str, path: str, body: object = None) -> httpx.Response:
            headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
            return await client.request(method, f"/v1{path}", json=body, headers=headers)

        saved = await ask("sam", "PUT", "/routing/rules", {"source": "default: {team: care}"})
        assert saved.json() == {"version": 1}
        wrong = await ask("sam", "PUT", "/routing/rules", {"source": "default: {team: moon}"})
        assert (wrong.status_code, "line 1" in wrong.json()["message"]) == (422, True)
        checked = await ask("sam", "POST", "/routing/check", {"source": "default: {team: moon}"})
        assert checked.json()["problems"][0]["line"] == 1
        tried = await ask("sam", "POST", "/routing/try", {"language": "pt", "waited": 5})
        assert (tried.json()["team"], tried.json()["person"]) == ("care", None)
        assert (await ask("sam", "GET", "/teams")).json()["teams"][0]["members"] == [{"staff_id": str(ana.id), "level": 1}]
        assert (await ask("sam", "GET", "/alerts")).json() == {"alerts": []}
        assert (await ask("sam", "GET", "/sla")).json()["resolution"]["share"] is None
        night = {
            "name": "Night",
            "time_zone": "Asia/Hong_Kong",
            "hours": {"0": [["22:00", "06:00"]]},
            "members": [{"staff_id": str(ana.id)}],
        }
        made = await ask("sam", "PUT", "/teams/night", night)
        assert [t["key"] for t in (await ask("sam", "GET", "/teams")).json()["teams"]] == ["care", "night"]
        assert (await ask("sam", "PUT", "/teams/night", night | {"hours": {"0": [["9", "5"]]}})).status_code == 422
        assert (await ask("ana", "PUT", "/teams/night", night)).status_code == 403
        assert (await ask("ana", "DELETE", f"/teams/{made.json()['id']}")).status_code == 403
        assert (await ask("sam", "DELETE", f"/teams/{made.json()['id']}")).status_code == 204
        for method, path in (
            ("GET", "/routing/rules"), ("PUT", "/routing/rules"), ("POST", "/routing/check"), ("POST", "/routing/try"), ("GET", "/alerts"),
            ("GET", "/sla"), ("POST", f"/alerts/{ana.id}/acknowledge"),
        ):  # fmt: skip
            body = {"source": ""} if path in {"/routing/rules", "/routing/check"} and method != "GET" else {} if method == "POST" else None
            assert (await ask("ana", method, path, body)).status_code == 403, path
            assert (await ask("", method, path, body)).status_code == 401, path
