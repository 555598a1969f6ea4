"""Routing, alerts and service levels over /v1: rules and their versions, the dry run, teams, the alert list, figures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from context.endpoints import access, staff_token
from context.ledger import Ledger
from context.staff.audit import Subject, record_change
from context.staff.rights import check_may
from context.staff.teams import access_save_team, access_set_auto_assign, access_set_members, get_team, list_teams
from desk.alerts.listing import access_acknowledge, access_alerts
from desk.routing.store import access_check, access_save_rules, access_versions
from desk.routing.trying import access_try, access_try_conversation, make_facts
from desk.routing.yaml_lines import LONGEST, Problem
from desk.sla.figures import access_sla_figures
from desk.teams import access_delete_team
from kit.db import Database

Token = Annotated[str | None, Depends(staff_token)]


class RulesIn(BaseModel):
    """Routing rules as YAML; `based_on`: the version that was changed."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(max_length=LONGEST)
    note: str = Field(default="", max_length=500)
    based_on: int | None = None


class SourceIn(BaseModel):
    """Routing rules as YAML, to be looked at only."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(max_length=LONGEST)


class DryRunIn(BaseModel):
    """What is known of a conversation; or the id of one that waits. `source`: rules that are not saved yet."""

    model_config = ConfigDict(extra="forbid")
    conversation_id: UUID | None = None
    language: str = "en"
    channel: str = "web"
    reason: str | None = None
    intents: list[str] = []
    products: list[str] = []
    alerts: list[str] = []
    sentiment: int = Field(default=0, ge=-2, le=2)
    angry: bool = False
    urgent: bool = False
    vip: bool = False
    attributes: dict[str, Any] = {}
    slots: dict[str, Any] = {}
    sla: str = "ok"
    suggested_team: str | None = None
    waited: float = Field(default=0, ge=0, le=31_536_000)
    source: str | None = Field(default=None, max_length=LONGEST)
    reasons_in: str = "en"


class MemberIn(BaseModel):
    """Somebody in a team, and at which level."""

    model_config = ConfigDict(extra="forbid")
    staff_id: UUID
    level: int = 1


class TeamIn(BaseModel):
    """A team: `hours` holds, for each weekday "0" (Monday) to "6", spans ["09:00", "18:00"]; no weekday at all is always open."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=200)
    time_zone: str = "UTC"
    hours: dict[str, list[list[str]]] = {}
    auto_assign: bool = True
    members: list[MemberIn] = []


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "message": problem.text, "remedy": problem.remedy, "warning": problem.warning}


def queue_router(database: Database, ledger: Ledger) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/v1", tags=["queue"])
    _add_rules(router, database, ledger)
    _add_teams(router, database, ledger)
    _add_alerts(router, database, ledger)
    return router


def _add_rules(router: APIRouter, database: Database, ledger: Ledger) -> None:
    @router.get("/routing/rules")
    async def rules(token: Token) -> dict[str, Any]:
        """The versions of the rules, the one in force first."""
        async with database.transaction() as session:
            return {"versions": [asdict(v) for v in await access_versions(session, await access(session, token))]}

    @router.put("/routing/rules")
    async def save(body: RulesIn, token: Token) -> dict[str, int]:
        """Puts rules in force; 422 names every problem with its line; 409 when somebody else saved meanwhile."""
        async with database.transaction() as session:
            staff = await access(session, token)
            version = await access_save_rules(session, staff, body.source, note=body.note, based_on=body.based_on)
            details = {"after": body.note} if body.note else None
            subject = Subject("routing", str(version), f"version {version}")
            await record_change(session, staff, "routing.changed", subject, at=ledger.now, details=details)
            return {"version": version}

    @router.post("/routing/check")
    async def check(body: SourceIn, token: Token) -> dict[str, Any]:
        """All that is wrong with rules; nothing is saved."""
        async with database.transaction() as session:
            return {"problems": [_problem(p) for p in await access_check(session, await access(session, token), body.source)]}

    @router.post("/routing/try")
    async def attempt(body: DryRunIn, token: Token) -> dict[str, Any]:
        """A dry run: who would get this, and why; nothing is changed."""
        async with database.transaction() as session:
            staff = await access(session, token)
            if body.conversation_id is not None:
                found = await access_try_conversation(session, staff, body.conversation_id, language=body.reasons_in)
            else:
                facts = make_facts(body.model_dump(exclude={"conversation_id", "source", "reasons_in"}))
                found = await access_try(session, staff, facts, source=body.source, language=body.reasons_in)
            return found.as_json()


def _add_teams(router: APIRouter, database: Database, ledger: Ledger) -> None:
    @router.get("/teams")
    async def teams(token: Token) -> dict[str, Any]:
        """The teams, with their people and whether they assign by themselves."""
        async with database.transaction() as session:
            await access(session, token)
            return {
                "teams": [
                    {"id": str(t.id), "key": t.key, "name": t.name, "time_zone": t.hours.time_zone, "auto_assign": t.auto_assign,
                     "members": [{"staff_id": str(person), "level": level} for person, level in t.levels.items()]}
                    for t in await list_teams(session)
                ]
            }  # fmt: skip

    @router.put("/teams/{key}")
    async def save_team(key: str, body: TeamIn, token: Token) -> dict[str, str]:
        """Makes the team with this key, or replaces all that is said of it."""
        async with database.transaction() as session:
            staff = await access(session, token)
            team_id = await access_save_team(session, staff, key=key, name=body.name, time_zone=body.time_zone, week=body.hours)
            await access_set_members(session, staff, team_id, {m.staff_id: m.level for m in body.members})
            await access_set_auto_assign(session, staff, team_id, on=body.auto_assign)
            details = {"members": len(body.members), "time zone": body.time_zone}
            await record_change(session, staff, "team.saved", Subject("team", str(team_id), body.name), at=ledger.now, details=details)
            return {"id": str(team_id)}

    @router.delete("/teams/{team_id}", status_code=204)
    async def delete_team(team_id: UUID, token: Token) -> None:
        """Deletes a team."""
        async with database.transaction() as session:
            staff = await access(session, token)
            check_may(staff, "manage_teams")
            team = await get_team(session, team_id)
            await access_delete_team(session, staff, team_id)
            await record_change(session, staff, "team.removed", Subject("team", str(team.id), team.name), at=ledger.now)


def _add_alerts(router: APIRouter, database: Database, ledger: Ledger) -> None:
    @router.get("/alerts")
    async def alerts(token: Token, *, standing: bool = True, limit: Annotated[int, Query(ge=1, le=500)] = 200) -> dict[str, Any]:
        """Alerts, the most serious first: those that stand, or all."""
        async with database.transaction() as session:
            staff = await access(session, token)
            return {"alerts": [asdict(a) for a in await access_alerts(session, staff, standing=standing, limit=limit)]}

    @router.post("/alerts/{alert_id}/acknowledge", status_code=204)
    async def acknowledge(alert_id: UUID, token: Token) -> None:
        """Somebody sees to an alert."""
        async with database.transaction() as session:
            await access_acknowledge(session, ledger, await access(session, token), alert_id)

    @router.get("/sla")
    async def sla(token: Token, days: Annotated[int, Query(ge=1, le=365)] = 7) -> dict[str, Any]:
        """How promises were kept in the last days, by metric."""
        async with database.transaction() as session:
            staff = await access(session, token)
            found = await access_sla_figures(session, staff, since=datetime.now(UTC) - timedelta(days=days))
            return {metric: asdict(figures) | {"share": figures.share} for metric, figures in found.items()}
