"""The assigner on PostgreSQL: at once, in order, within limits, and right however many of it work side by side."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from context import ownership
from context.conversations import get_conversation, lock_conversation
from context.models import ConversationRow, EventRow
from context.staff.models import StaffRow
from context.staff.teams import save_team, set_capacity, set_members
from context.types import Handler, HandoffReason, HandoffRequest
from desk.inbox import View, Wanted, count_ahead, list_inbox
from desk.presence import PresenceState, record_presence
from desk.routing.assigner import Assigner, settle_one
from desk.routing.store import save_rules
from desk.routing.types import Priority
from desk.watch import DeskWatch
from desk.work import Desk
from kit.db import Database
from tests.desk.routing.desks import agent, customer, ledger_at, team

pytestmark = pytest.mark.integration


async def holder(database: Database, conversation_id: UUID) -> str | None:
    """The name of who holds a conversation, or None."""
    async with database.transaction() as session:
        row = await get_conversation(session, conversation_id)
        staff = await session.get(StaffRow, row.agent_id) if row.agent_id else None
        return staff.name if staff else None


async def test_a_waiting_conversation_is_given_to_who_is_online(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana, bo = await agent(session, "ana"), await agent(session, "bo", clock=clock)
        await team(session, "care", ana, bo)
        await save_rules(session, "default: {team: care}", author="test")
        waits = await customer(session, ledger, "v")
    done = await Assigner(database, ledger).round()
    assert [(a.conversation_id, a.person.name) for a in done.assigned] == [(waits, "bo")]
    assert await holder(database, waits) == "bo"
    async with database.transaction() as session:
        by = (await session.execute(select(EventRow.data).where(EventRow.name == "agent.assigned"))).scalar_one()
        assert by == {"staff_id": str(bo.id), "by": "system"}
    assert (await Assigner(database, ledger).round()).assigned == ()


async def test_without_teams_everybody_takes_by_hand(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana", clock=clock)
        waits = await customer(session, ledger, "v")
    assert (await Assigner(database, ledger).round()).assigned == ()
    await Desk(database, ledger).take(ana.id, waits)
    assert await holder(database, waits) == "ana"


async def test_who_is_free_again_or_may_hold_more_gets_the_next(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana", most=1, clock=clock)
        await team(session, "care", ana)
        await save_rules(session, "default: {team: care}", author="test")
        waits = []
        for n in range(3):
            waits.append(await customer(session, ledger, f"v{n}"))
            clock.advance(1)
    assigner = Assigner(database, ledger)
    assert [a.conversation_id for a in (await assigner.round()).assigned] == waits[:1]
    assert (await assigner.round()).assigned == ()
    clock.advance(5)
    await Desk(database, ledger).resolve(ana.id, waits[0])
    async with database.transaction() as session:
        await record_presence(session, ana.id, clock=clock)
    assert [a.conversation_id for a in (await assigner.round()).assigned] == waits[1:2]
    async with database.transaction() as session:
        await set_capacity(session, ana.id, {"*": 2})
    assert [a.conversation_id for a in (await assigner.round()).assigned] == waits[2:]


async def test_many_assigners_and_agents_at_once_give_each_conversation_once_and_nobody_too_many(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        people = [await agent(session, f"p{n}", most=3, clock=clock) for n in range(6)]
        await team(session, "care", *people)
        await save_rules(session, "default: {team: care}", author="test")
        waits = [await customer(session, ledger, f"v{n}") for n in range(24)]
    desk = Desk(database, ledger)
    outcomes = await asyncio.gather(
        *(Assigner(database, ledger).round() for _ in range(4)),
        *(desk.take(people[n].id, waits[n]) for n in range(3)),
        return_exceptions=True,
    )
    assert not [o for o in outcomes[:4] if isinstance(o, BaseException)]
    await Assigner(database, ledger).round()
    async with database.transaction() as session:
        held = Counter((await session.execute(select(ConversationRow.agent_id).where(ConversationRow.handler == "agent"))).scalars())
        assigned = (await session.execute(select(EventRow.conversation_id).where(EventRow.name == "agent.assigned"))).scalars().all()
    by_hand = {people[n].id for n, o in enumerate(outcomes[4:]) if o is None}
    assert len(assigned) == len(set(assigned)) == sum(held.values()) >= 18
    assert all(count <= 3 + (person in by_hand) for person, count in held.items())


async def test_a_conversation_that_somebody_works_on_is_passed_over_and_not_waited_for(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana", clock=clock)
        await team(session, "care", ana)
        await save_rules(session, "default: {team: care}", author="test")
        locked, free = [await customer(session, ledger, f"v{n}") for n in range(2)]
    async with database.transaction() as session:
        await lock_conversation(session, locked)
        done = await asyncio.wait_for(Assigner(database, ledger).round(), 10)
    assert [a.conversation_id for a in done.assigned] == [free]


async def test_priority_decides_the_place_and_the_customer_is_told_the_same_place(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana")
        await team(session, "care", ana)
        await save_rules(session, "default: {team: care}\npriority: [{name: a VIP, when: {vip: true}, at_least: urgent}]", author="test")
        first = await customer(session, ledger, "first")
        clock.advance(60)
        vip = await customer(session, ledger, "vip", vip=True)
    await Assigner(database, ledger).round()
    async with database.transaction() as session:
        rows = await list_inbox(session, ana, wanted=Wanted(ana.id, View.WAITING))
        assert [r.id for r in rows] == [vip, first]
        assert [await count_ahead(session, r.id) for r in rows] == [0, 1]
        assert (await get_conversation(session, vip)).priority == Priority.URGENT
        await record_presence(session, ana.id, PresenceState.ONLINE, clock=clock)
        await set_capacity(session, ana.id, {"*": 1})
    assert [a.conversation_id for a in (await Assigner(database, ledger).round()).assigned] == [vip]


async def test_a_long_wait_raises_the_priority_by_itself(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        await team(session, "care")
        await save_rules(session, "default: {team: care}\npriority: [{name: patience, when: {waited: 10m}, raise: 1}]", author="test")
        waits = await customer(session, ledger, "v")
    assigner = Assigner(database, ledger)
    assert (await assigner.round()).routed == 1
    assert (await assigner.round()).routed == 0
    clock.advance(601)
    assert (await assigner.round()).routed == 1
    async with database.transaction() as session:
        assert (await get_conversation(session, waits)).priority == Priority.HIGH


async def test_what_a_colleague_asked_a_team_for_goes_to_that_team_and_not_back(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana, bo = await agent(session, "ana", clock=clock), await agent(session, "bo", clock=clock)
        await team(session, "care", ana)
        await team(session, "tech", bo, ana)
        await save_rules(session, "default: {team: care}", author="test")
        waits = await customer(session, ledger, "v")
    assigner = Assigner(database, ledger)
    await assigner.round()
    assert await holder(database, waits) == "ana"
    async with database.transaction() as session:
        row = await lock_conversation(session, waits)
        staff = await session.get(StaffRow, ana.id)
        assert staff is not None
        request = HandoffRequest(HandoffReason.CUSTOMER_ASKED, suggested_team="tech")
        await ownership.release(session, ledger, row, staff=staff, request=request)
    await assigner.round()
    assert await holder(database, waits) == "bo"


async def test_what_a_disabled_person_held_goes_to_others(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana, bo = await agent(session, "ana", most=10, clock=clock), await agent(session, "bo", most=10)
        await team(session, "care", ana, bo)
        await save_rules(session, "default: {team: care}", author="test")
        waits = [await customer(session, ledger, f"v{n}") for n in range(10)]
    assigner = Assigner(database, ledger)
    assert len((await assigner.round()).assigned) == 10
    async with database.transaction() as session:
        found = await session.get(StaffRow, ana.id)
        assert found is not None
        found.active = False
        await record_presence(session, bo.id, PresenceState.ONLINE, clock=clock)
    assert await DeskWatch(database, ledger).reclaim_disabled() == 10
    assert len((await assigner.round()).assigned) == 10
    assert {await holder(database, w) for w in waits} == {"bo"}


async def test_a_team_without_members_leaves_its_work_to_others(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        bo = await agent(session, "bo", clock=clock)
        await team(session, "care")
        await team(session, "tech", bo)
        await save_rules(session, "default: {team: care}", author="test")
        waits = await customer(session, ledger, "v")
    await Assigner(database, ledger).round()
    assert await holder(database, waits) == "bo"


async def test_outside_its_hours_a_team_is_given_nothing_until_it_opens(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana", clock=clock)
        closed = await save_team(session, key="care", name="Care", time_zone="UTC", week={"0": [["12:00", "18:00"]]})
        await set_members(session, closed, {ana.id: 1})
        await save_rules(session, "default: {team: care}", author="test")
        waits = await customer(session, ledger, "v")
    assigner = Assigner(database, ledger)
    assert (await assigner.round()).left == 1
    clock.advance(timedelta(hours=2).total_seconds())
    async with database.transaction() as session:
        await record_presence(session, ana.id, clock=clock)
    assert [a.conversation_id for a in (await assigner.round()).assigned] == [waits]


async def test_one_can_be_routed_at_once_without_being_given_to_anybody(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana", clock=clock)
        care = await team(session, "care", ana)
        await save_rules(session, "default: {team: care}", author="test")
        row = await lock_conversation(session, await customer(session, ledger, "v"))
        found = await settle_one(session, ledger, row)
        assert found is not None
        assert (found.team, row.team_id, row.handler) == ("care", care, Handler.QUEUE)


async def test_whom_a_customer_knows_gets_them_again(database: Database) -> None:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana, bo = await agent(session, "ana", clock=clock), await agent(session, "bo", clock=clock)
        await team(session, "care", ana, bo)
        await save_rules(session, "default: {team: care}", author="test")
        first = await customer(session, ledger, "v")
    assigner, desk = Assigner(database, ledger), Desk(database, ledger)
    known = (await assigner.round()).assigned[0].person
    clock.advance(5)
    await desk.resolve(known.id, first)
    async with database.transaction() as session:
        await record_presence(session, known.id, PresenceState.ONLINE, clock=clock)
        for n in range(2):  # the other one would be less busy
            held = await customer(session, ledger, f"w{n}")
            staff = await session.get(StaffRow, known.id)
            assert staff is not None
            await ownership.assign(session, ledger, await lock_conversation(session, held), staff=staff)
        again = await customer(session, ledger, "v")
    assert [(a.conversation_id, a.person.id) for a in (await assigner.round()).assigned] == [(again, known.id)]
