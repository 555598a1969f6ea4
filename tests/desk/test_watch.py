"""Conversations whose agent or customer is gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from context.callbacks import request_callback
from context.conversations import lock_conversation
from context.staff.models import StaffRow
from context.staff.teams import save_team
from context.types import Handler, Role, Status
from desk.patience import Patience
from desk.watch import DeskWatch
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError
from tests.desk.house import House

pytestmark = pytest.mark.integration


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def disable(house: House, staff: StaffRow) -> None:
    """Their account is switched off."""
    async with house.database.transaction() as session:
        row = await session.get(StaffRow, staff.id)
        assert row is not None
        row.active = False


async def test_ten_conversations_of_a_disabled_agent_are_all_back_in_the_queue_with_an_event(house: House) -> None:
    ana = await house.person("ana")
    held = [await house.waits(f"v{n}") for n in range(10)]
    for one in held:
        await house.desk.take(ana.id, one)
    await house.desk.snooze(ana.id, held[0], until=house.clock() + timedelta(days=1))
    await disable(house, ana)
    assert await house.watch.reclaim_disabled() == 10
    rows = [await house.row(one) for one in held]
    assert {(row.status, row.handler, row.agent_id) for row in rows} == {(Status.OPEN, Handler.QUEUE, None)}
    assert (await house.events(held[0], "agent.released"))[-1] == {"staff_id": str(ana.id), "reason": "disabled"}
    assert await house.watch.reclaim_disabled() == 0


async def test_a_lost_connection_gives_the_conversation_back_after_the_grace_time_and_not_before(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    house.later(seconds=100)
    assert await house.watch.reclaim_lost() == 0
    house.later(seconds=30)
    assert await house.watch.reclaim_lost() == 1
    assert (await house.row(found)).handler == Handler.QUEUE
    assert "another colleague" in (await house.said(found))[-1]
    assert (await house.events(found, "agent.released"))[-1]["reason"] == "connection_lost"


async def test_an_agent_whose_console_is_open_keeps_everything(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    house.later(minutes=10)
    await house.alive(ana)
    assert await house.watch.reclaim_lost() == 0
    assert (await house.row(found)).agent_id == ana.id


async def test_what_rests_stays_with_its_agent_until_the_customer_writes(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.reply(ana.id, found, "Is that all?")
    house.later(hours=1)
    await house.alive(ana)  # an hour of silence, then the working day ends
    house.later(hours=1)
    assert await house.watch.reclaim_lost() == 0
    await house.writes("v", "one more thing")
    assert await house.watch.reclaim_lost() == 1


async def test_after_a_restart_consoles_have_the_grace_time_to_come_back(house: House) -> None:
    ana = await house.person("ana")
    await house.desk.take(ana.id, await house.waits("v"))
    house.later(hours=8)
    watch = house.watch
    watch.began = house.clock()
    assert await watch.reclaim_lost() == 0
    house.later(minutes=3)
    assert await watch.reclaim_lost() == 1


async def test_a_snoozed_conversation_wakes_by_time_and_stays_with_its_agent(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.snooze(ana.id, found, until=house.clock() + timedelta(hours=1))
    assert await house.watch.wake() == 0
    house.later(hours=1)
    assert await house.watch.wake() == 1
    row = await house.row(found)
    assert (row.status, row.agent_id, row.snoozed_until) == (Status.OPEN, ana.id, None)
    assert await house.events(found, "conversation.reopened") == [{"reason": "time"}]


async def test_a_snoozed_conversation_wakes_when_the_customer_writes(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.snooze(ana.id, found, until=house.clock() + timedelta(hours=1))
    assert await house.writes("v", "still there?") == found
    assert (await house.row(found)).status == Status.OPEN


async def test_nobody_snoozes_into_the_past_or_what_a_colleague_holds(house: House) -> None:
    ana, bo = await house.person("ana"), await house.person("bo")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    with pytest.raises(InvalidInputError):
        await house.desk.snooze(ana.id, found, until=house.clock())
    with pytest.raises(ConflictError, match="do not hold"):
        await house.desk.snooze(bo.id, found, until=house.clock() + timedelta(hours=1))


async def test_a_customer_who_waits_in_silence_for_a_day_has_left_and_is_told(house: House) -> None:
    found = await house.waits("v")
    house.later(hours=23)
    assert await house.watch.abandon() == 0
    house.later(hours=2)
    assert await house.watch.abandon() == 1
    assert (await house.row(found)).status == Status.RESOLVED
    assert "sorry" in (await house.said(found))[-1]
    assert (await house.events(found, "handoff.abandoned"))[0]["waited_seconds"] == 25 * 3600


async def test_nobody_has_left_who_wrote_lately_or_left_an_address(house: House) -> None:
    wrote, left_address = await house.waits("wrote"), await house.waits("address")
    async with house.database.transaction() as session:
        await request_callback(session, house.ledger, await lock_conversation(session, left_address), address="ana@example.com")
    house.later(hours=20)
    await house.writes("wrote", "hello?")
    house.later(hours=20)
    assert await house.watch.abandon() == 0
    assert (await house.row(wrote)).status == (await house.row(left_address)).status == Status.OPEN


async def test_only_working_hours_count_for_those_who_wait(house: House) -> None:
    async with house.database.transaction() as session:
        await save_team(session, key="care", name="Care", week={str(n): [["09:00", "17:00"]] for n in range(5)})
    await house.waits("v")
    house.later(days=2)  # Monday 10:00 to Wednesday 10:00: 16 working hours
    assert await house.watch.abandon() == 0
    house.later(days=1.2)
    assert await house.watch.abandon() == 1


async def test_what_rests_for_a_week_is_closed_without_a_word(house: House) -> None:
    ana = await house.person("ana")
    found = await house.waits("v")
    await house.desk.take(ana.id, found)
    await house.desk.reply(ana.id, found, "Done?")
    said = await house.said(found)
    house.later(days=8)
    assert await house.watch.close_quiet() == 1
    assert (await house.row(found)).status == Status.RESOLVED
    assert await house.said(found) == said
    assert (await house.events(found, "conversation.resolved"))[0]["outcome"] == "assumed"


async def test_a_conversation_whose_customer_waits_is_never_closed_by_itself(house: House) -> None:
    ana = await house.person("ana")
    held, with_bot, waiting = await house.waits("held"), await house.writes("bot"), await house.waits("waiting")
    await house.desk.take(ana.id, held)
    house.later(days=30)
    assert await house.watch.close_quiet() == 0
    assert {(await house.row(one)).status for one in (held, with_bot, waiting)} == {Status.OPEN}


async def test_zero_means_that_nobody_is_abandoned_or_closed(house: House) -> None:
    await house.waits("v")
    house.later(days=400)
    watch = DeskWatch(house.database, house.ledger, Patience(abandon=timedelta(), close=timedelta()))
    assert (await watch.abandon(), await watch.close_quiet()) == (0, 0)


async def test_two_agents_take_the_same_at_the_same_moment_and_one_is_told_who_has_it(house: House) -> None:
    people = [await house.person(name) for name in ("ana", "bo")]
    for n in range(5):
        found = await house.waits(f"v{n}")
        results = await asyncio.gather(*(house.desk.take(p.id, found) for p in people), return_exceptions=True)
        refused = [result for result in results if result is not None]
        row = await house.row(found)
        holder = next(p for p in people if p.id == row.agent_id)
        assert len(refused) == 1
        assert str(refused[0]) == f"{holder.name} holds this conversation"


async def test_an_editor_may_neither_pass_on_nor_snooze(house: House) -> None:
    eva = await house.person("eva", role=Role.EDITOR)
    found = await house.waits("v")
    for refused in (
        house.desk.snooze(eva.id, found, until=house.clock() + timedelta(hours=1)),
        house.desk.transfer(eva.id, found, to=eva.id),
        house.desk.wake(eva.id, found),
    ):
        with pytest.raises(Exception, match="does not allow"):
            await refused
