"""`baton routing` on the command line, with the sample shop's own teams and rules."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.routing import app
from app.demo import DEMO_STAFF
from context.staff.hours import is_open
from context.staff.models import StaffRow
from context.staff.teams import list_teams
from desk.routing.checks import check_rules
from desk.routing.store import find_source, read_teams
from desk.sla.policies import list_policies
from kit.clock import utc_now
from kit.db import Database
from sample_shop.teams import seed_teams

pytestmark = pytest.mark.integration


async def _seed(url: str) -> None:
    database = Database(url)
    async with database.transaction() as session:
        session.add_all(StaffRow(email=email, name=name, role=role, password_hash="-", active=True) for email, name, role in DEMO_STAFF)
        await session.flush()
        await seed_teams(session)
    await database.close()


@pytest.fixture
def shop(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    asyncio.run(_seed(database_url))
    return database_url


def test_the_sample_rules_are_in_force_and_a_dry_run_says_who_and_why(shop: str) -> None:
    shown = CliRunner().invoke(app, ["show"])
    assert "Returns and orders that went wrong" in shown.stdout
    tried = CliRunner().invoke(app, ["try", "--json", "intents=request_return", "vip=true", "attribute.tier=gold", "waited=60"])
    found = json.loads(tried.stdout)
    assert (found["team"], found["priority"], found["person"]) == ("returns", "high", None)
    assert "The rule “Returns and orders that went wrong” sends it to Orders and returns." in found["reasons"]
    assert "Ana" in CliRunner().invoke(app, ["try", "language=pt"]).stderr


def test_rules_are_checked_before_they_are_in_force(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text("default: {team: moon}\n")
    for command in ("check", "set"):
        refused = CliRunner().invoke(app, [command, str(file)])
        assert (refused.exit_code, "line 1: there is no team 'moon'" in refused.stderr) == (1, True)
    file.write_text("default: {team: care}\n")
    assert CliRunner().invoke(app, ["check", str(file)]).exit_code == 0
    assert CliRunner().invoke(app, ["set", str(file), "--note", "simpler"]).exit_code == 0
    assert CliRunner().invoke(app, ["show"]).stdout == "default: {team: care}\n"


@pytest.mark.parametrize("wrong", [["try", "weather=rain"], ["check", "nowhere.yml"], ["try", "--rules", "nowhere.yml"]])
def test_what_cannot_be_is_explained(shop: str, wrong: list[str]) -> None:
    refused = CliRunner().invoke(app, wrong)
    assert (refused.exit_code, "Error:" in refused.stderr) == (1, True)


async def test_the_sample_shop_is_open_at_any_hour_and_its_rules_have_no_mistake(database: Database) -> None:
    await _seed(database.url)
    async with database.transaction() as session:
        teams = await list_teams(session)
        assert {t.key for t in teams} == {"care", "returns"}
        assert all(is_open(t.hours, utc_now()) and t.hours.always and not t.auto_assign and t.levels for t in teams)
        assert check_rules(await find_source(session), await read_teams(session))[1] == []
        assert [p.name for p in await list_policies(session)] == ["Urgent", "Everybody"]
