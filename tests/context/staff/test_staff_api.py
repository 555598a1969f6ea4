"""People, roles, tokens and the record of changes over HTTP: what is answered, what is refused and with which code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from app.errors import install_error_handlers
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff
from context.staff.endpoints import StaffApi, staff_router
from context.types import Role
from kit.db import Database

pytestmark = pytest.mark.integration
NOBODY = "00000000-0000-4000-8000-000000000000"


class Api:
    """The routes, as people with their tokens call them."""

    def __init__(self, http: httpx.AsyncClient, tokens: dict[Role, str]) -> None:
        self.http, self.tokens = http, tokens

    async def __call__(self, method: str, path: str, body: Any = None, *, by: Role | None = Role.ADMIN) -> httpx.Response:
        head = {"Authorization": f"Bearer {self.tokens[by]}"} if by else {}
        return await self.http.request(method, f"/v1/{path}", json=body, headers=head)


@pytest.fixture
async def api(database: Database, ledger: Ledger) -> AsyncIterator[Api]:
    """An admin and an agent, each with a token."""
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(staff_router(StaffApi(database, ledger)))
    tokens = {}
    async with database.transaction() as session:
        for role in (Role.ADMIN, Role.AGENT):
            person = await create_staff(session, email=f"{role}@shop.example", name=role.title(), role=role, password="long enough to pass")
            tokens[role] = await create_api_token(session, person, label="tests")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        yield Api(http, tokens)


async def test_a_person_is_invited_renamed_given_a_role_and_disabled(api: Api) -> None:
    made = await api("POST", "people", {"email": "mei@shop.example", "name": "Mei"})
    assert made.status_code == 201
    person = made.json()["person"]
    assert (person["role"], person["active"], made.json()["password"]) == ("agent", True, None)
    assert made.json()["link"].startswith("/console/password/")
    changed = await api("PATCH", f"people/{person['id']}", {"name": "Mei Lou", "role": "supervisor"})
    assert (changed.status_code, changed.json()["name"], changed.json()["role"]) == (200, "Mei Lou", "supervisor")
    reset = await api("POST", f"people/{person['id']}/reset-password?temporary=true")
    assert (reset.status_code, bool(reset.json()["password"]), reset.json()["link"]) == (200, True, None)
    assert (await api("DELETE", f"people/{person['id']}/sessions")).status_code == 204
    assert (await api("PATCH", f"people/{person['id']}", {"active": False})).json()["active"] is False
    listed = {one["email"]: one for one in (await api("GET", "people")).json()}
    assert (listed["mei@shop.example"]["active"], listed["admin@shop.example"]["tokens"]) == (False, 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "people", {"email": "agent@shop.example", "name": "Again"}, 409),
        ("POST", "people", {"email": "no address", "name": "Bo"}, 422),
        ("POST", "people", {"email": "bo@shop.example", "name": "Bo", "role": "emperor"}, 422),
        ("POST", "people", {"email": "bo@shop.example"}, 422),
        ("POST", "people", {"email": "bo@shop.example", "name": "Bo", "salary": 1}, 422),
        ("PATCH", f"people/{NOBODY}", {"name": "Nobody"}, 404),
        ("PATCH", "people/not-an-id", {"name": "Nobody"}, 422),
        ("PUT", "roles/agent", {"permissions": ["converse"]}, 422),
        ("PUT", "roles/night", {"permissions": ["fly"]}, 422),
        ("DELETE", "roles/nothing", None, 404),
        ("POST", "tokens", {"label": "x", "person_id": NOBODY}, 404),
        ("POST", "tokens", {"label": "x", "person_id": "me"}, 422),
        ("DELETE", f"tokens/{NOBODY}", None, 404),
        ("GET", "changes?limit=0", None, 422),
        ("GET", "changes?before=yesterday", None, 422),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(api: Api, method: str, path: str, body: Any, status: int) -> None:
    before = (await api("GET", "people")).json()
    answer = await api(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.json().get("message") or answer.json().get("detail")
    assert (await api("GET", "people")).json() == before


async def test_roles_are_made_listed_given_and_removed(api: Api) -> None:
    saved = await api("PUT", "roles/night-shift", {"permissions": ["converse", "supervise"], "description": "After ten"})
    assert saved.status_code == 200
    assert saved.json() == {
        "name": "night-shift", "description": "After ten", "permissions": ["converse", "supervise"], "custom": True, "people": 0,
    }  # fmt: skip
    roles = {one["name"]: one for one in (await api("GET", "roles")).json()}
    assert (roles["admin"]["custom"], roles["admin"]["people"], "night-shift" in roles) == (False, 1, True)
    assert "converse" in (await api("GET", "permissions")).json()
    person = (await api("POST", "people", {"email": "n@shop.example", "name": "N", "role": "night-shift"})).json()["person"]
    assert (await api("DELETE", "roles/night-shift")).status_code == 409
    await api("PATCH", f"people/{person['id']}", {"role": "agent"})
    assert (await api("DELETE", "roles/night-shift")).status_code == 204


async def test_a_token_is_told_once_serves_only_what_it_may_and_ends_at_once(api: Api) -> None:
    admin = next(one for one in (await api("GET", "people")).json() if one["role"] == "admin")
    made = await api("POST", "tokens", {"label": "reader", "person_id": admin["id"], "permissions": ["view_audit"], "days": 1})
    assert made.status_code == 201
    listed = next(one for one in (await api("GET", "tokens")).json() if one["label"] == "reader")
    assert (listed["permissions"], listed["person"], made.json()["token"] in str(listed)) == (["view_audit"], "Admin", False)
    narrow = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await api.http.get("/v1/changes", headers=narrow)).status_code == 200
    assert (await api.http.get("/v1/people", headers=narrow)).status_code == 403
    assert (await api("DELETE", f"tokens/{listed['id']}")).status_code == 204
    assert (await api.http.get("/v1/changes", headers=narrow)).status_code == 401


async def test_the_record_says_who_changed_what_and_is_read_page_by_page(api: Api) -> None:
    for number in range(3):
        await api("PUT", f"roles/role-{number}", {"permissions": ["converse"]})
    lines = (await api("GET", "changes?kind=role&limit=2")).json()
    assert [line["subject"] for line in lines] == ["role-2", "role-1"]
    assert {line["actor_name"] for line in lines} == {"Admin"}
    rest = (await api("GET", f"changes?kind=role&before={lines[-1]['id']}")).json()
    assert [line["subject"] for line in rest] == ["role-0"]


@pytest.mark.parametrize("path", ["people", "roles", "permissions", "tokens", "changes"])
async def test_who_may_not_and_who_is_nobody_gets_nothing(api: Api, path: str) -> None:
    assert (await api("GET", path, by=Role.AGENT)).status_code == 403
    assert (await api("GET", path, by=None)).status_code == 401
    assert (await api.http.get(f"/v1/{path}", headers={"Authorization": f"Bearer {uuid4().hex}"})).status_code == 401
