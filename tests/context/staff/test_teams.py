"""Teams: kept with their people, hours and holidays; agents do not change them, and nothing impossible is kept."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import create_staff
from context.staff.hours import HoursError
from context.staff.models import StaffRow
from context.staff.teams import (
    Holiday,
    access_save_team,
    access_set_auto_assign,
    access_set_capacity,
    access_set_holidays,
    access_set_members,
    access_set_skills,
    get_team,
    list_profiles,
)
from context.types import Role
from kit.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError

pytestmark = pytest.mark.integration


async def person(session: AsyncSession, name: str, role: Role = Role.AGENT) -> StaffRow:
    """A staff member."""
    return await create_staff(session, email=f"{name}@example.com", name=name, role=role, password="long enough")


async def test_a_team_is_kept_whole(session: AsyncSession) -> None:
    admin, ana = await person(session, "admin", Role.ADMIN), await person(session, "ana")
    team_id = await access_save_team(session, admin, key="care", name="Care", time_zone="Asia/Hong_Kong", week={"0": [["09:00", "18:00"]]})
    await access_set_members(session, admin, team_id, {ana.id: 2})
    await access_set_holidays(session, admin, team_id, [Holiday(date(2026, 12, 25), "Christmas")])
    await access_set_auto_assign(session, admin, team_id, on=False)
    team = await get_team(session, team_id)
    assert (team.key, team.name, team.auto_assign, team.levels) == ("care", "Care", False, {ana.id: 2})
    assert (team.hours.time_zone, team.hours.week[0], team.hours.week[1]) == ("Asia/Hong_Kong", ((540, 1080),), ())
    assert (team.hours.holidays, team.holiday_names) == ({date(2026, 12, 25): ()}, {date(2026, 12, 25): "Christmas"})
    assert await access_save_team(session, admin, key="care", name="Customer care") == team_id  # the key stays, the rest is replaced
    assert (await get_team(session, team_id)).hours.week[1] == ((0, 1440),)


async def test_what_a_person_can_do_is_replaced_as_one(session: AsyncSession) -> None:
    admin, ana = await person(session, "admin", Role.ADMIN), await person(session, "ana")
    await access_set_skills(session, admin, ana.id, {("language", "pt"): 3, ("product", "lamps"): 1})
    await access_set_skills(session, admin, ana.id, {("language", "pt"): 2})
    await access_set_capacity(session, admin, ana.id, {"*": 5, "whatsapp": 3})
    found = next(profile for profile in await list_profiles(session) if profile.staff_id == ana.id)
    assert (found.skills, found.capacity) == ({("language", "pt"): 2}, {"*": 5, "whatsapp": 3})


async def test_an_agent_changes_no_team(session: AsyncSession) -> None:
    ana = await person(session, "ana")
    with pytest.raises(NotAllowedError):
        await access_save_team(session, ana, key="care", name="Care")
    for refused in (
        access_set_members(session, ana, uuid4(), {}),
        access_set_holidays(session, ana, uuid4(), []),
        access_set_auto_assign(session, ana, uuid4(), on=True),
        access_set_skills(session, ana, ana.id, {}),
        access_set_capacity(session, ana, ana.id, {}),
    ):
        with pytest.raises(NotAllowedError):
            await refused


async def test_what_cannot_be_is_refused(session: AsyncSession) -> None:
    admin, eva = await person(session, "admin", Role.ADMIN), await person(session, "eva", Role.EDITOR)
    team_id = await access_save_team(session, admin, key="care", name="Care")
    with pytest.raises(InvalidInputError, match="key"):
        await access_save_team(session, admin, key="Care!", name="Care")
    with pytest.raises(HoursError):
        await access_save_team(session, admin, key="care", name="Care", week={"0": [["18:00", "18:00"]]})
    with pytest.raises(InvalidInputError, match="answer customers"):
        await access_set_members(session, admin, team_id, {eva.id: 1})
    with pytest.raises(InvalidInputError, match="level"):
        await access_set_members(session, admin, team_id, {admin.id: 4})
    with pytest.raises(InvalidInputError, match="skill"):
        await access_set_skills(session, admin, eva.id, {("shoe size", "42"): 1})
    with pytest.raises(InvalidInputError, match="200"):
        await access_set_capacity(session, admin, eva.id, {"*": 201})
    with pytest.raises(ConflictError):
        await access_set_holidays(session, admin, team_id, [Holiday(date(2026, 1, 1), "a"), Holiday(date(2026, 1, 1), "b")])
    with pytest.raises(NotFoundError):
        await get_team(session, uuid4())
