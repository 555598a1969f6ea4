"""The routing rules as they are kept: every version, who wrote it, the newest in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow
from context.staff.rights import check_may
from context.staff.team_models import RoutingRulesRow
from context.staff.teams import list_profiles, list_teams
from desk.routing.checks import accept_rules, check_rules
from desk.routing.reading import team_facts
from desk.routing.types import TeamFacts
from desk.routing.yaml_lines import Problem
from kit.errors import ConflictError


@dataclass(frozen=True)
class Version:
    """A version of the rules."""

    version: int
    source: str
    author: str
    note: str
    at: datetime


async def access_versions(session: AsyncSession, staff: StaffRow, *, limit: int = 50) -> list[Version]:
    """The versions, newest (the one in force) first. Raises NotAllowedError."""
    check_may(staff, "manage_routing")
    rows = (await session.execute(select(RoutingRulesRow).order_by(RoutingRulesRow.version.desc()).limit(limit))).scalars()
    return [Version(r.version, r.source, r.author, r.note, r.at) for r in rows]


async def access_check(session: AsyncSession, staff: StaffRow, source: str) -> list[Problem]:
    """All that is wrong with rules that somebody is writing, errors first. Raises NotAllowedError."""
    check_may(staff, "manage_routing")
    return check_rules(source, await read_teams(session))[1]


async def access_save_rules(session: AsyncSession, staff: StaffRow, source: str, *, note: str = "", based_on: int | None = None) -> int:
    """Puts rules in force; returns their version. `based_on`: the version that was changed.

    Raises NotAllowedError, RoutingRulesError, ConflictError when somebody else saved after `based_on`.
    """
    check_may(staff, "manage_routing")
    if based_on is not None and based_on != await _newest(session):
        raise ConflictError("Somebody else has changed the rules meanwhile", hint="Read the newest version, then make your change again.")
    return await save_rules(session, source, author=staff.name, note=note)


async def save_rules(session: AsyncSession, source: str, *, author: str, note: str = "") -> int:
    """As `access_save_rules`, for commands of the operator."""
    accept_rules(source, await read_teams(session))
    row = RoutingRulesRow(source=source, author=author, note=note)
    session.add(row)
    await session.flush()
    return row.version


async def find_source(session: AsyncSession) -> str:
    """The text of the rules in force; empty when there are none."""
    query = select(RoutingRulesRow.source).order_by(RoutingRulesRow.version.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none() or ""


async def read_teams(session: AsyncSession) -> Mapping[str, TeamFacts]:
    """The teams as the checks see them."""
    working = {p.staff_id for p in await list_profiles(session)}
    return team_facts(await list_teams(session), working)


async def _newest(session: AsyncSession) -> int | None:
    query = select(RoutingRulesRow.version).order_by(RoutingRulesRow.version.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()
