"""Promises on PostgreSQL: they start, pause, are kept, warned of and broken, in working hours, by what happens in a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from context.conversations import get_conversation, lock_conversation
from context.following import FollowedRow
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow, EventRow
from context.ownership import snooze
from context.sequencer import number_batch
from context.staff.models import StaffRow
from context.staff.teams import save_team, set_members
from context.types import Inbound, Role
from desk.models import SlaClockRow
from desk.queue_watch import QueueWatch
from desk.routing.store import save_rules
from desk.sla.figures import access_sla_figures
from desk.sla.policies import Policy, access_save_policies, list_policies, policy_for, save_policies
from desk.sla.watching import tell_due
from desk.work import Desk
from kit.clock import FixedClock
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError
from tests.desk.routing.desks import agent, customer, ledger_at

pytestmark = pytest.mark.integration
PROMISE = Policy("all", first_response=10, next_response=20, resolution=120)


@dataclass
class House:
    """A desk with one agent and one promise, followed event by event."""

    database: Database
    ledger: Ledger
    clock: FixedClock
    ana: StaffRow

    async def follow(self) -> None:
        """Reads what has happened."""
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while await number_batch(connection):
                pass
        await QueueWatch(self.database, self.ledger).follow_page()
        await tell_due(self.database, self.ledger)

    async def after(self, minutes: float) -> None:
        """Lets time go by, and reads."""
        self.clock.advance(minutes * 60)
        await self.follow()

    async def wait(self, name: str = "v") -> UUID:
        """A customer waits."""
        async with self.database.transaction() as session:
            found = await customer(session, self.ledger, name)
        await self.follow()
        return found

    async def write(self, name: str = "v") -> None:
        """The customer writes again."""
        async with self.database.transaction() as session:
            await record_inbound(session, self.ledger, Inbound("web", "shop", name, uuid4().hex, "and?"))
        await self.follow()

    async def reply(self, conversation: UUID) -> None:
        """The agent answers."""
        desk = Desk(self.database, self.ledger)
        await desk.take(self.ana.id, conversation)
        await desk.reply(self.ana.id, conversation, "hello")
        await self.follow()

    async def shown(self, conversation: UUID) -> tuple[str | None, float | None]:
        """The countdown: what falls due, and in how many minutes."""
        async with self.database.transaction() as session:
            row = await get_conversation(session, conversation)
            return row.due_metric, (row.due_at - self.clock.at) / timedelta(minutes=1) if row.due_at else None

    async def told(self) -> list[tuple[str, str]]:
        """Every warning and breach so far."""
        async with self.database.transaction() as session:
            query = select(EventRow.name, EventRow.data).where(EventRow.name.like("sla.%")).order_by(EventRow.id)
            return [(name, data["metric"]) for name, data in await session.execute(query)]

    async def outcomes(self) -> list[tuple[str, str | None]]:
        """How each clock ended."""
        async with self.database.transaction() as session:
            rows = (await session.execute(select(SlaClockRow).order_by(SlaClockRow.id))).scalars()
            return [(row.metric, row.outcome) for row in rows]


@pytest.fixture
async def house(database: Database) -> House:
    ledger, clock = ledger_at()
    async with database.transaction() as session:
        ana = await agent(session, "ana")
        await save_policies(session, [PROMISE])
    return House(database, ledger, clock, ana)


async def test_a_first_answer_in_time_keeps_the_promise(house: House) -> None:
    waits = await house.wait()
    assert await house.shown(waits) == ("first_response", 10)
    await house.after(4)
    assert await house.shown(waits) == ("first_response", 6)
    await house.reply(waits)
    assert await house.shown(waits) == (None, None)  # it is the customer's turn: nothing runs
    assert await house.outcomes() == [("first_response", "met"), ("resolution", None)]
    assert await house.told() == []


async def test_a_warning_comes_before_the_breach_and_each_comes_once(house: House) -> None:
    waits = await house.wait()
    await house.after(7.5)
    await house.follow()
    assert await house.told() == [("sla.warned", "first_response")]
    await house.after(2.5)
    await house.after(1)
    assert await house.told() == [("sla.warned", "first_response"), ("sla.breached", "first_response")]
    assert await house.shown(waits) == ("first_response", -1)  # it stays, and counts up
    await house.reply(waits)
    assert (await house.outcomes())[0] == ("first_response", "missed")


async def test_the_next_answer_has_a_promise_of_its_own_from_the_first_unanswered_message(house: House) -> None:
    waits = await house.wait()
    await house.reply(waits)
    await house.after(5)
    await house.write()
    await house.after(3)
    await house.write()
    assert await house.shown(waits) == ("next_response", 17)
    await house.reply(waits)
    assert [o for o in await house.outcomes() if o[0] == "next_response"] == [("next_response", "met")]


async def test_while_the_customer_is_to_answer_the_resolution_does_not_run(house: House) -> None:
    waits = await house.wait()
    await house.after(5)
    await house.reply(waits)
    await house.after(600)
    assert await house.told() == []
    await house.write()
    async with house.database.transaction() as session:
        clock = (await session.execute(select(SlaClockRow).where(SlaClockRow.metric == "resolution"))).scalar_one()
        assert clock.due_at == house.clock.at + timedelta(minutes=115)


async def test_a_snoozed_conversation_breaks_no_promise(house: House) -> None:
    waits = await house.wait()
    await house.reply(waits)
    await house.write()
    async with house.database.transaction() as session:
        row = await lock_conversation(session, waits)
        await snooze(session, house.ledger, row, staff=house.ana, until=house.clock.at + timedelta(days=1))
    await house.follow()
    assert await house.shown(waits) == (None, None)
    await house.after(500)
    await house.write()
    assert await house.shown(waits) == ("next_response", 20)
    assert await house.told() == []


async def test_what_is_resolved_or_handed_back_is_promised_no_more(house: House) -> None:
    waits, again = await house.wait("v"), await house.wait("w")
    await house.reply(waits)
    await house.reply(again)
    house.clock.advance(60)
    await Desk(house.database, house.ledger).resolve(house.ana.id, waits)
    await Desk(house.database, house.ledger).hand_back(house.ana.id, again)
    await house.after(1000)
    assert await house.told() == []
    assert {outcome for _, outcome in await house.outcomes()} == {"met"}


async def test_reading_the_same_events_again_starts_nothing_twice(house: House) -> None:
    waits = await house.wait()
    await house.reply(waits)
    async with house.database.transaction() as session:
        row = await session.get(FollowedRow, "queue")
        assert row is not None
        row.position = 0
    await house.follow()
    assert await house.outcomes() == [("first_response", "met"), ("resolution", None)]


async def test_only_working_hours_count(database: Database) -> None:
    ledger, clock = ledger_at()  # Monday, ten o'clock
    async with database.transaction() as session:
        ana = await agent(session, "ana")
        care = await save_team(session, key="care", name="Care", time_zone="UTC", week={"0": [["12:00", "18:00"]]})
        await set_members(session, care, {ana.id: 1})
        await save_rules(session, "default: {team: care}", author="test")
        await save_policies(session, [PROMISE])
    found = House(database, ledger, clock, ana)
    waits = await found.wait()
    await QueueWatch(database, ledger).look()
    await found.follow()
    assert await found.shown(waits) == ("first_response", 130)


async def test_a_higher_priority_gets_the_promise_that_is_its_own(house: House) -> None:
    async with house.database.transaction() as session:
        await save_policies(session, [Policy("urgent", first_response=2, least_priority=3), PROMISE])
        await save_rules(session, "priority: [{name: a VIP, when: {vip: true}, at_least: urgent}]", author="test")
        vip = await customer(session, house.ledger, "vip", vip=True)
    await house.follow()
    await QueueWatch(house.database, house.ledger).look()
    await house.follow()
    assert await house.shown(vip) == ("first_response", 2)


async def test_the_figures_say_what_was_kept_and_only_supervisors_read_them(house: House) -> None:
    first = await house.wait("a")
    await house.reply(first)
    await house.wait("b")
    await house.after(11)
    async with house.database.transaction() as session:
        sam = await agent(session, "sam", role=Role.SUPERVISOR)
        figures = await access_sla_figures(session, sam, since=house.clock.at - timedelta(days=1))
        assert (figures["first_response"].met, figures["first_response"].running, figures["first_response"].broken) == (1, 1, 1)
        assert figures["first_response"].share == 1.0
        assert figures["next_response"].share is None
        with pytest.raises(NotAllowedError):
            await access_sla_figures(session, house.ana, since=house.clock.at)


async def test_a_conversation_that_ended_unseen_is_not_told_of(house: House) -> None:
    waits = await house.wait()
    async with house.database.transaction() as session:
        row = await session.get(ConversationRow, waits)
        assert row is not None
        row.status, row.handler = "resolved", "bot"
    await house.after(30)
    assert await house.told() == []


@pytest.mark.parametrize(
    "policies",
    [
        [Policy(" ", first_response=1)],
        [Policy("nothing")],
        [Policy("no time", first_response=0)],
        [Policy("nobody's", first_response=1, team_id=uuid4())],
        [Policy("late", first_response=1, warn_percent=100)],
        [Policy("all", first_response=1), Policy("urgent", first_response=1, least_priority=3)],
    ],
)
async def test_policies_that_cannot_be_are_refused(house: House, policies: list[Policy]) -> None:
    async with house.database.transaction() as session:
        with pytest.raises(InvalidInputError):
            await save_policies(session, policies)


async def test_policies_are_kept_in_their_order_and_agents_do_not_change_them(house: House) -> None:
    urgent = Policy("urgent", first_response=2, least_priority=3)
    async with house.database.transaction() as session:
        with pytest.raises(NotAllowedError):
            await access_save_policies(session, house.ana, [PROMISE])
        await save_policies(session, [urgent, PROMISE])
        kept = await list_policies(session)
    assert kept == [urgent, PROMISE]
    assert [policy_for(kept, None, priority) for priority in (3, 1)] == [urgent, PROMISE]
    assert policy_for([urgent], None, 1) is None
