"""What is changed over /v1 about rules and teams stands in the record of changes, as what is changed in the console does."""

from __future__ import annotations

import uuid

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.errors import install_error_handlers
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff
from context.staff.models import AuditRow
from context.types import Role
from desk.queue_endpoints import queue_router
from kit.db import Database

pytestmark = pytest.mark.integration


async def token_of(database: Database, role: Role) -> dict[str, str]:
    async with database.transaction() as session:
        staff = await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name="Ada", role=role, password="long enough to pass")
        return {"Authorization": f"Bearer {await create_api_token(session, staff, label='test')}"}


async def test_rules_and_teams_that_are_changed_over_the_api_are_recorded_and_refusals_are_not(database: Database, ledger: Ledger) -> None:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(queue_router(database, ledger))
    ada, ana = await token_of(database, Role.ADMIN), await token_of(database, Role.AGENT)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example/v1") as http:
        made = await http.put("/teams/porto", json={"name": "Porto", "time_zone": "Europe/Lisbon"}, headers=ada)
        assert made.status_code == 200, made.text
        rules = {"source": "default: {team: porto}\n", "note": "one team"}
        assert (await http.put("/routing/rules", json=rules, headers=ada)).status_code == 200
        assert (await http.put("/routing/rules", json={"source": "default: {team: moon}\n"}, headers=ada)).status_code == 422
        team = f"/teams/{made.json()['id']}"
        for who, status in ((ana, 403), (ada, 204), (ada, 404)):
            assert (await http.delete(team, headers=who)).status_code == status
    async with database.transaction() as session:
        entries = (await session.execute(select(AuditRow).order_by(AuditRow.id))).scalars().all()
    assert [(entry.action, entry.subject_name, entry.actor_name) for entry in entries] == [
        ("team.saved", "Porto", "Ada"), ("routing.changed", "version 1", "Ada"), ("team.removed", "Porto", "Ada"),
    ]  # fmt: skip
    assert entries[1].details == {"after": "one team"}
