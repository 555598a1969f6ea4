"""Every route, page and command of the whole application, tried by each built-in role: allowed or refused as `rights_table.py` says."""

from __future__ import annotations

import asyncio
import inspect
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nicegui import core

from app.server import build_app
from app.settings import read_settings
from app.wiring import CONSEQUENCES, Base
from console.access import COOKIE
from console.services import ConsoleServices
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff, open_session
from context.staff.permissions import BUILT_IN, PERMISSIONS
from context.staff.roles import save_role
from context.types import Role
from kit.db import Database
from kit.jobs import Jobs, RecordingEnqueuer
from tests.app.rights_table import BODIES, COMMANDS, MAY, ROUTES
from tests.app.walking import body_for, command_classes, query_for, routes_of
from tests.console.desk import PASSWORD, Screen, log_in, make_services

pytestmark = pytest.mark.integration
NO_RIGHT = {"open", "visitor", "hook", "login", "converse or edit_articles", "converse, else led on"}
STREAMS_SECONDS = 3.0
ANSWER_SECONDS = 60.0
BY_RIGHT = [(right, route) for right, routes in ROUTES.items() if right not in NO_RIGHT for route in routes]
_built: list[tuple[FastAPI, Database]] = []


def the_app(tmp: Path) -> FastAPI:
    """The application, built once a process, as NiceGUI keeps one only; its database is that of the running test."""
    if not _built:
        settings = read_settings({"BATON_DATA_DIR": str(tmp)})
        database = Database("postgresql://nobody@127.0.0.1:1/nothing")
        base = Base(database, Jobs(database.dsn), Ledger(RecordingEnqueuer(), CONSEQUENCES))
        _built.append((build_app(settings, base), database))
    return _built[0][0]


@pytest.fixture
async def app(database: Database, tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The application on this test's database."""
    built = the_app(tmp_path)
    inner = _built[0][1]
    kept = inner.__dict__.copy()
    inner.__dict__.update(database.__dict__)
    core.loop = asyncio.get_running_loop()  # what NiceGUI sets when it starts
    yield built
    inner.__dict__.update(kept)


async def headers_of(database: Database, role: str) -> tuple[dict[str, str], dict[str, str]]:
    """A token's header and a browser's cookie of somebody new with this role."""
    async with database.transaction() as session:
        staff = await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name=role, role=role, password=PASSWORD)
        token = await create_api_token(session, staff, label="test")
        return {"Authorization": f"Bearer {token}"}, {COOKIE: await open_session(session, staff)}


async def status_of(app: FastAPI, route: str, headers: dict[str, str], cookies: dict[str, str]) -> int:
    """The status that a fitting request gets; 200 for a stream that begins and does not end."""
    method, path = route.split(" ", 1)
    where = re.sub(r"\{[^}]*_id(:\w+)?\}", str(uuid.UUID(int=7)), path)
    where = re.sub(r"\{version\}", "1", where)
    where = re.sub(r"\{[^}]+\}", "x", where)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    more = {"Origin": "http://baton.example"} if where.startswith("/console") else headers
    async with httpx.AsyncClient(transport=transport, base_url="http://baton.example", cookies=cookies) as client:
        asked = client.request(method, where, headers=more, json=BODIES.get(route, body_for(app, route)), params=query_for(app, route))
        try:
            return (await asyncio.wait_for(asked, STREAMS_SECONDS if path.endswith("/stream") else ANSWER_SECONDS)).status_code
        except TimeoutError:
            return 200


def test_the_roles_are_what_the_table_says() -> None:
    assert {role: set(able) for role, able in BUILT_IN.items()} == MAY
    assert MAY["admin"] == set(PERMISSIONS)


async def test_every_route_has_a_line_in_the_table_and_only_one(app: FastAPI) -> None:
    listed = [route for routes in ROUTES.values() for route in routes]
    assert len(listed) == len(set(listed))
    assert routes_of(app) - set(listed) == set(), "decide which right these ask for, and write it into rights_table.py"
    assert set(listed) - routes_of(app) == set(), "these are not there any more"


@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_what_it_may_and_nothing_else(app: FastAPI, database: Database, role: Role) -> None:
    headers, cookies = await headers_of(database, role)
    wrong = []
    for right, route in BY_RIGHT:
        status = await status_of(app, route, headers, cookies)
        if (status == 403) != (right not in MAY[role]) or status == 401:
            wrong.append((route, right, status))
    assert wrong == []


async def test_without_a_login_nothing_that_asks_for_a_right_is_open(app: FastAPI) -> None:
    statuses = {route: await status_of(app, route, {}, {}) for _, route in BY_RIGHT}
    pages = {route for route in statuses if route.startswith("GET /console") and statuses[route] == 303}
    assert {route for route, status in statuses.items() if status != 401} == pages


async def test_a_custom_role_opens_exactly_its_routes(app: FastAPI, services: ConsoleServices, database: Database) -> None:
    admin, _ = await log_in(services, Role.ADMIN)
    async with database.transaction() as session:
        await save_role(session, admin, "Auditor", description="", permissions=["view_audit"])
    headers, cookies = await headers_of(database, "Auditor")
    opened = {route for _, route in BY_RIGHT if await status_of(app, route, headers, cookies) not in {401, 403}}
    assert opened == set(ROUTES["view_audit"])


@pytest.fixture
def services(database: Database, ledger: Ledger, tmp_path: Path) -> ConsoleServices:
    """The console's services on this test's database."""
    return make_services(database, ledger, tmp_path)


def command_page(kind: type[Any], services: ConsoleServices, login: Any) -> tuple[Any, Screen]:
    """The commands of an open page."""
    screen = Screen()
    more = {"article_id": "nothing"} if "article_id" in inspect.signature(kind).parameters else {}
    return kind(services, login, screen, **more), screen


async def test_every_command_has_a_line_in_the_table(services: ConsoleServices) -> None:
    _, login = await log_in(services, Role.ADMIN)
    there = {}
    for kind in command_classes():
        page, _screen = command_page(kind, services, login)
        named: dict[str, set[str]] = {}
        for command in page.handlers:
            named.setdefault(page.rights.get(command, page.right), set()).add(command)
        there[kind.__name__] = named
    listed = {name: {right: set(commands) for right, commands in rights.items()} for name, rights in COMMANDS.items()}
    assert there == listed


@pytest.mark.parametrize("role", Role)
async def test_each_role_commands_what_it_may_and_nothing_else(services: ConsoleServices, role: Role) -> None:
    _, login = await log_in(services, role)
    wrong = []
    for kind in command_classes():
        for right, commands in COMMANDS[kind.__name__].items():
            for command in commands:
                page, screen = command_page(kind, services, login)
                await page.run({"kind": command})
                refused = any(told == "failed" and "does not allow this" in data["message"] for told, data in screen.told)
                if refused != (right not in MAY[role]):
                    wrong.append((kind.__name__, command, screen.told))
    assert wrong == []
