"""What the page of teams asks for: teams with members, hours and holidays; skills and capacity of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Login
from console.obeying import Data, Obeying, id_of, text_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff import teams
from context.staff.audit import Subject, record_change
from context.staff.hours import clock_text
from context.staff.models import StaffRow
from context.staff.teams import Holiday, Profile, Team
from desk.teams import access_delete_team
from kit.errors import InvalidInputError

_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_HOLIDAY = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(.*)")
_SKILL = re.compile(r"(.+?)\s*(?::\s*([1-3]))?")
USUAL_LEVEL = 2


class TeamCommands(Obeying):
    """The page /console/admin/teams."""

    right = "manage_teams"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {"list": self._list, "save": self._save, "remove": self._remove, "person": self._person}

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        profiles = await teams.list_profiles(session)
        found = [_team_json(one) for one in await teams.list_teams(session)]
        self.screen("list", {"teams": found, "people": [_profile_json(one) for one in profiles]})

    async def _save(self, staff: StaffRow, data: Data) -> None:
        week, holidays = _week(data.get("week")), _holidays(text_of(data, "holidays"))
        levels = _levels(data.get("members"))
        async with self.services.database.transaction() as session:
            name, zone = text_of(data, "name"), text_of(data, "timeZone") or "UTC"
            team_id = await teams.access_save_team(session, staff, key=text_of(data, "key"), name=name, time_zone=zone, week=week)
            await teams.access_set_members(session, staff, team_id, levels)
            await teams.access_set_holidays(session, staff, team_id, holidays)
            await teams.access_set_auto_assign(session, staff, team_id, on=data.get("autoAssign") is not False)
            details = {"members": len(levels), "time zone": zone, "holidays": len(holidays)}
            await self._record(session, staff, "team.saved", Subject("team", str(team_id), name), details)
            await self._show(session)
        self.screen("done", {"what": "saved", "name": name})

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            team = await teams.get_team(session, id_of(data))
            await access_delete_team(session, staff, team.id)
            await self._record(session, staff, "team.removed", Subject("team", str(team.id), team.name))
            await self._show(session)
        self.screen("done", {"what": "removed", "name": team.name})

    async def _person(self, staff: StaffRow, data: Data) -> None:
        person_id = id_of(data)
        skills = {("language", name): level for name, level in _skills(text_of(data, "languages")).items()}
        skills |= {("product", name): level for name, level in _skills(text_of(data, "products")).items()}
        most = data.get("most")
        async with self.services.database.transaction() as session:
            await teams.access_set_skills(session, staff, person_id, skills)
            limits = {"*": most} if isinstance(most, int) and not isinstance(most, bool) else {}
            await teams.access_set_capacity(session, staff, person_id, limits)
            name = (await session.execute(select(StaffRow.name).where(StaffRow.id == person_id))).scalar_one()
            await self._record(session, staff, "person.skills_changed", Subject("person", str(person_id), name), _told(skills, limits))
            await self._show(session)
        self.screen("done", {"what": "saved", "name": name})

    async def _record(
        self, session: AsyncSession, staff: StaffRow, action: str, subject: Subject, details: Mapping[str, Any] | None = None
    ) -> None:
        await record_change(session, staff, action, subject, at=self.services.ledger.now, details=details)


def _told(skills: Mapping[tuple[str, str], int], limits: Mapping[str, int]) -> dict[str, Any]:
    return {"skills": [f"{name}: {level}" for (_, name), level in skills.items()], "capacity": limits.get("*")}


def _team_json(team: Team) -> dict[str, Any]:
    hours = team.hours
    return {
        "id": str(team.id),
        "key": team.key,
        "name": team.name,
        "timeZone": hours.time_zone,
        "week": [] if hours.always else [_spans_text(spans) for spans in hours.week],
        "holidays": "\n".join(
            " ".join(part for part in (day.isoformat(), team.holiday_names.get(day, ""), _spans_text(spans)) if part)
            for day, spans in sorted(hours.holidays.items())
        ),
        "autoAssign": team.auto_assign,
        "members": [{"id": str(one), "level": level} for one, level in team.levels.items()],
    }


def _spans_text(spans: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{clock_text(begin)}-{clock_text(end)}" for begin, end in spans)


def _profile_json(one: Profile) -> dict[str, Any]:
    def of(kind: str) -> str:
        return ", ".join(f"{name}: {level}" for (what, name), level in sorted(one.skills.items()) if what == kind)

    return {
        "id": str(one.staff_id),
        "name": one.name,
        "languages": of("language"),
        "products": of("product"),
        "most": one.capacity.get("*"),
    }


def _week(value: object) -> dict[str, list[list[str]]]:
    """Spans of each weekday from seven lines of text; no line at all means always open."""
    lines = [one if isinstance(one, str) else "" for one in value] if isinstance(value, list) else []
    if not any(line.strip() for line in lines):
        return {}
    return {str(day): _spans(line) for day, line in enumerate(lines[:7])}


def _spans(line: str) -> list[list[str]]:
    if _SPAN.sub("", line).strip(" ,;"):
        raise InvalidInputError(f"{line!r} are no hours", hint="Write them like 09:00-12:30, 13:30-18:00, or leave the day empty.")
    return [[begin.zfill(5), end.zfill(5)] for begin, end in _SPAN.findall(line)]


def _holidays(text: str) -> list[Holiday]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        read = _HOLIDAY.fullmatch(line)
        try:
            day = date.fromisoformat(read[1] if read else "")
        except ValueError:
            raise InvalidInputError(
                f"{line!r} does not begin with a day", hint="Write 2026-12-25 Christmas, with hours behind if open."
            ) from None
        rest = read[2] if read else ""
        spans = tuple((begin.zfill(5), end.zfill(5)) for begin, end in _SPAN.findall(rest))
        found.append(Holiday(day, _SPAN.sub("", rest).strip(" ,"), spans))
    return found


def _levels(value: object) -> dict[UUID, int]:
    members = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return {id_of(one): int(one["level"]) if one.get("level") in (1, 2, 3) else 1 for one in members}


def _skills(text: str) -> dict[str, int]:
    found = [_SKILL.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    return {one[1].strip(): int(one[2] or USUAL_LEVEL) for one in found if one is not None}
