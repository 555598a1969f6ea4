"""A team is deleted while its conversations go on: neither breaks the other."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select, text

from context.conversations import lock_conversation
from context.models import ConversationRow
from context.staff.models import StaffRow, TeamRow
from context.staff.team_models import TeamMemberRow
from context.staff.teams import list_teams
from context.types import Role
from desk.models import SlaClockRow
from desk.routing.store import save_rules
from desk.sla.policies import Policy, save_policies
from desk.teams import access_delete_team
from kit.db import Database
from kit.errors import NotAllowedError, NotFoundError
from tests.desk.routing.desks import agent, ledger_at, team
from tests.desk.sla.test_clocks import House

pytestmark = pytest.mark.integration


async def house_with_team(database: Database) -> tuple[House, StaffRow, UUID, UUID]:
    """A house with a promise to a team, an administrator, the team, and a conversation of it that waits."""
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana, admin = await agent(session, "ana"), await agent(session, "admin", role=Role.ADMIN)
        care = await team(session, "care", ana)
        await save_rules(session, "default: {team: care}\n", author="test")
        await save_policies(session, [Policy("all", first_response=10, next_response=20, resolution=120)])
    house = House(database, ledger, clock, ana)
    conversation = await house.wait()
    async with database.transaction() as session:  # as the routing and the clocks leave it
        (await lock_conversation(session, conversation)).team_id = care
        for row in (await session.execute(select(SlaClockRow))).scalars():
            row.team_id = care
    return house, admin, care, conversation


async def until_waiting_for_a_lock(database: Database) -> None:
    """Until a connection of this database waits for another's lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as session:
                if (await session.execute(query)).scalar_one():
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("left", [True, False], ids=["conversation in the team", "only its clock"])
async def test_a_team_can_be_deleted_while_a_conversation_of_it_goes_on(database: Database, *, left: bool) -> None:
    house, admin, care, conversation = await house_with_team(database)
    if not left:
        async with database.transaction() as session:
            (await lock_conversation(session, conversation)).team_id = None

    async def delete() -> None:
        async with database.transaction() as session:
            await access_delete_team(session, admin, care)

    async with database.transaction() as session:  # a turn: the conversation is locked first, then what belongs to it
        await lock_conversation(session, conversation)
        deleting = asyncio.create_task(delete())
        await until_waiting_for_a_lock(database)
        for row in (await session.execute(select(SlaClockRow))).scalars():
            row.warned_at = house.clock()
    await asyncio.wait_for(deleting, 10)
    async with database.transaction() as session:
        assert await session.get(TeamRow, care) is None
        assert set((await session.execute(select(ConversationRow.team_id))).scalars()) == {None}
        clocks = (await session.execute(select(SlaClockRow))).scalars().all()
        assert {(c.team_id, c.warned_at) for c in clocks} == {(None, house.clock())}


async def test_a_team_that_is_deleted_takes_its_members_and_hours_along(database: Database) -> None:
    _, admin, care, _ = await house_with_team(database)
    async with database.transaction() as session:
        await access_delete_team(session, admin, care)
        assert await list_teams(session) == []
        assert (await session.execute(select(TeamMemberRow))).first() is None
        with pytest.raises(NotFoundError):
            await access_delete_team(session, admin, care)


async def test_an_agent_deletes_no_team(database: Database) -> None:
    house, _, care, _ = await house_with_team(database)
    async with database.transaction() as session:
        with pytest.raises(NotAllowedError):
            await access_delete_team(session, house.ana, care)
