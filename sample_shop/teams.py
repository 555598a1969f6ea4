"""The invented shop's teams, skills, routing rules (`routing.yml` beside this file) and promises. Open always: it can be tried at any hour.

Its people take conversations by hand to begin with, so that a newcomer sees the queue; a team is set to assign by itself in the console.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.accounts import find_staff
from context.staff.teams import save_team, set_auto_assign, set_capacity, set_members, set_skills
from desk.routing.store import save_rules
from desk.sla.policies import Policy, save_policies

RULES = Path(__file__).with_name("routing.yml")
TEAMS = {
    "care": ("Customer care", {"ana@lantern.example.com": 1, "bo@lantern.example.com": 1, "sam@lantern.example.com": 2}),
    "returns": ("Orders and returns", {"ana@lantern.example.com": 2, "sam@lantern.example.com": 3}),
}
LANGUAGES = {"ana@lantern.example.com": {"en": 3, "pt": 3}, "bo@lantern.example.com": {"en": 3, "zh": 3}}
PROMISES = (
    Policy("Urgent", first_response=2, next_response=5, resolution=120, least_priority=3),
    Policy("Everybody", first_response=5, next_response=10, resolution=480),
)
ROOM = 6


async def seed_teams(session: AsyncSession) -> None:
    """Puts them into a database in which the demo people exist."""
    for key, (name, members) in TEAMS.items():
        team_id = await save_team(session, key=key, name=name, time_zone="Europe/Lisbon")
        people = {email: await find_staff(session, email) for email in members}
        await set_members(session, team_id, {row.id: members[email] for email, row in people.items() if row is not None})
        await set_auto_assign(session, team_id, on=False)
    for email, languages in LANGUAGES.items():
        person = await find_staff(session, email)
        if person is not None:
            await set_skills(session, person.id, {("language", language): level for language, level in languages.items()})
            await set_capacity(session, person.id, {"*": ROOM})
    await save_rules(session, RULES.read_text(encoding="utf-8"), author="sample-shop")
    await save_policies(session, PROMISES)
