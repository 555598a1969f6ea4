"""Teams and what people can do: reading for the desk, the inbox and the admin pages; writing, checked, for those who manage teams."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.hours import Hours, clock_text, parse_hours, parse_spans
from context.staff.models import StaffRow, TeamRow
from context.staff.rights import check_may, may
from context.staff.team_models import StaffCapacityRow, StaffSkillRow, TeamHolidayRow, TeamMemberRow
from kit.errors import ConflictError, InvalidInputError, NotFoundError

ANY_CHANNEL = "*"
SKILL_KINDS = ("language", "product")
LEVELS = (1, 2, 3)
MOST = 200
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Team:
    """A team whole. `levels` holds who belongs to it, and at which level of support."""

    id: UUID
    key: str
    name: str
    hours: Hours
    auto_assign: bool
    levels: Mapping[UUID, int] = field(default_factory=dict)
    holiday_names: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Holiday:
    """A day on which a team works otherwise; `spans` as in `parse_spans`, none when it is closed."""

    day: date
    name: str
    spans: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a person can do: skills as {(kind, name): level}, and how many conversations at once as {channel or "*": number}."""

    staff_id: UUID
    name: str
    skills: Mapping[tuple[str, str], int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)


async def list_teams(session: AsyncSession) -> list[Team]:
    """All teams with their members (active or not), hours and holidays, by name."""
    rows = (await session.execute(select(TeamRow).order_by(TeamRow.name))).scalars().all()
    levels: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for member in (await session.execute(select(TeamMemberRow))).scalars():
        levels[member.team_id][member.staff_id] = member.level
    holidays: dict[UUID, list[TeamHolidayRow]] = defaultdict(list)
    for holiday in (await session.execute(select(TeamHolidayRow).order_by(TeamHolidayRow.day))).scalars():
        holidays[holiday.team_id].append(holiday)
    return [_team(row, levels[row.id], holidays[row.id]) for row in rows]


def _team(row: TeamRow, levels: Mapping[UUID, int], holidays: Sequence[TeamHolidayRow]) -> Team:
    hours = parse_hours(row.time_zone, row.hours, {h.day: h.spans for h in holidays})
    return Team(row.id, row.key, row.name, hours, row.auto_assign, dict(levels), {h.day: h.name for h in holidays})


async def get_team(session: AsyncSession, team_id: UUID) -> Team:
    """One team. Raises NotFoundError."""
    found = next((team for team in await list_teams(session) if team.id == team_id), None)
    if found is None:
        raise NotFoundError("There is no such team")
    return found


async def find_team_id(session: AsyncSession, key: str | None) -> UUID | None:
    """The id of the team that rules call `key`, or None."""
    return (await session.execute(select(TeamRow.id).where(TeamRow.key == key))).scalar_one_or_none()


async def team_names(session: AsyncSession) -> dict[UUID, str]:
    """The names of all teams by id."""
    return {row.id: row.name for row in (await session.execute(select(TeamRow).order_by(TeamRow.name))).scalars()}


async def list_profiles(session: AsyncSession) -> list[Profile]:
    """What each active person who may converse can do, by name."""
    skills: dict[UUID, dict[tuple[str, str], int]] = defaultdict(dict)
    for skill in (await session.execute(select(StaffSkillRow))).scalars():
        skills[skill.staff_id][skill.kind, skill.name] = skill.level
    capacity: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in (await session.execute(select(StaffCapacityRow))).scalars():
        capacity[row.staff_id][row.channel] = row.most
    people = (await session.execute(select(StaffRow).where(StaffRow.active).order_by(StaffRow.name))).scalars()
    return [Profile(p.id, p.name, skills[p.id], capacity[p.id]) for p in people if may(p, "converse")]


async def access_save_team(
    session: AsyncSession, staff: StaffRow, *, key: str, name: str, time_zone: str = "UTC", week: Mapping[str, Any] | None = None
) -> UUID:
    """Makes the team `key`, or changes its name and hours (see `parse_hours`). Raises NotAllowedError, InvalidInputError."""
    check_may(staff, "manage_teams")
    return await save_team(session, key=key, name=name, time_zone=time_zone, week=week)


async def save_team(session: AsyncSession, *, key: str, name: str, time_zone: str = "UTC", week: Mapping[str, Any] | None = None) -> UUID:
    """As `access_save_team`, for commands of the operator."""
    if not _KEY.fullmatch(key):
        raise InvalidInputError(f"{key!r} cannot be the key of a team", hint="Use small letters, digits, - and _, beginning with a letter.")
    if not name.strip():
        raise InvalidInputError("A team needs a name")
    parse_hours(time_zone, week or {})
    row = (await session.execute(select(TeamRow).where(TeamRow.key == key))).scalar_one_or_none()
    if row is None:
        row = TeamRow(key=key, auto_assign=True)
        session.add(row)
    row.name, row.time_zone, row.hours = name.strip(), time_zone, dict(week or {})
    await session.flush()
    return row.id


async def access_set_auto_assign(session: AsyncSession, staff: StaffRow, team_id: UUID, *, on: bool) -> None:
    """Whether waiting conversations are given to whoever is free, or people take them by hand. Raises NotAllowedError, NotFoundError."""
    check_may(staff, "manage_teams")
    await set_auto_assign(session, team_id, on=on)


async def set_auto_assign(session: AsyncSession, team_id: UUID, *, on: bool) -> None:
    """As `access_set_auto_assign`, for commands of the operator."""
    (await _get_row(session, team_id)).auto_assign = on
    await session.flush()


async def access_set_members(session: AsyncSession, staff: StaffRow, team_id: UUID, levels: Mapping[UUID, int]) -> None:
    """Who belongs to the team, and at which level. Raises NotAllowedError, NotFoundError, InvalidInputError."""
    check_may(staff, "manage_teams")
    await set_members(session, team_id, levels)


async def set_members(session: AsyncSession, team_id: UUID, levels: Mapping[UUID, int]) -> None:
    """As `access_set_members`, for commands of the operator."""
    await _get_row(session, team_id)
    people = {row.id: row for row in (await session.execute(select(StaffRow).where(StaffRow.id.in_(levels)))).scalars()}
    for staff_id, level in levels.items():
        if staff_id not in people or not may(people[staff_id], "converse"):
            raise InvalidInputError("Only people who may answer customers can belong to a team")
        _check_level(level)
    await session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
    session.add_all(TeamMemberRow(team_id=team_id, staff_id=staff_id, level=level) for staff_id, level in levels.items())
    await session.flush()


async def access_set_holidays(session: AsyncSession, staff: StaffRow, team_id: UUID, holidays: Sequence[Holiday]) -> None:
    """All days on which the team works otherwise. Raises NotAllowedError, NotFoundError, HoursError, ConflictError."""
    check_may(staff, "manage_teams")
    await _get_row(session, team_id)
    if len({h.day for h in holidays}) < len(holidays):
        raise ConflictError("One day is written twice")
    rows = [
        TeamHolidayRow(
            team_id=team_id, day=h.day, name=h.name, spans=[[clock_text(a), clock_text(b)] for a, b in parse_spans(h.spans)]
        )
        for h in holidays
    ]  # fmt: skip
    await session.execute(delete(TeamHolidayRow).where(TeamHolidayRow.team_id == team_id))
    session.add_all(rows)
    await session.flush()


async def access_set_skills(session: AsyncSession, staff: StaffRow, person: UUID, skills: Mapping[tuple[str, str], int]) -> None:
    """What a person can do, as {(kind, name): level}. Raises NotAllowedError, NotFoundError, InvalidInputError."""
    check_may(staff, "manage_teams")
    await set_skills(session, person, skills)


async def set_skills(session: AsyncSession, person: UUID, skills: Mapping[tuple[str, str], int]) -> None:
    """As `access_set_skills`, for commands of the operator."""
    await _check_person(session, person)
    for (kind, name), level in skills.items():
        if kind not in SKILL_KINDS or not name.strip():
            raise InvalidInputError(f"{kind!r} is no kind of skill", hint="Skills are languages and products, each with a name.")
        _check_level(level)
    await session.execute(delete(StaffSkillRow).where(StaffSkillRow.staff_id == person))
    session.add_all(StaffSkillRow(staff_id=person, kind=kind, name=name.strip(), level=n) for (kind, name), n in skills.items())
    await session.flush()


async def access_set_capacity(session: AsyncSession, staff: StaffRow, person: UUID, capacity: Mapping[str, int]) -> None:
    """How many conversations a person may be given at once, as {channel or "*": number}; none stands for what the rules say.

    Raises NotAllowedError, NotFoundError, InvalidInputError.
    """
    check_may(staff, "manage_teams")
    await set_capacity(session, person, capacity)


async def set_capacity(session: AsyncSession, person: UUID, capacity: Mapping[str, int]) -> None:
    """As `access_set_capacity`, for commands of the operator."""
    await _check_person(session, person)
    if any(not 0 <= most <= MOST for most in capacity.values()):
        raise InvalidInputError(f"A person can hold from 0 to {MOST} conversations at once")
    await session.execute(delete(StaffCapacityRow).where(StaffCapacityRow.staff_id == person))
    session.add_all(StaffCapacityRow(staff_id=person, channel=channel, most=most) for channel, most in capacity.items())
    await session.flush()


def _check_level(level: int) -> None:
    if level not in LEVELS:
        raise InvalidInputError("A level is 1, 2 or 3")


async def _get_row(session: AsyncSession, team_id: UUID) -> TeamRow:
    row = await session.get(TeamRow, team_id)
    if row is None:
        raise NotFoundError("There is no such team")
    return row


async def _check_person(session: AsyncSession, person: UUID) -> None:
    if await session.get(StaffRow, person) is None:
        raise NotFoundError("There is no such person")
