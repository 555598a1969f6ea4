"""Gives waiting conversations to people: decides over the whole queue, then carries each decision out in a transaction of its own.

A decision is made from a picture that may be old a moment later. So each is checked again under locks: the conversation's row (one that
somebody else is working on is passed over), then the person's, so that nobody gets more than they may hold however many decide at once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.desk_events import ConversationRouted
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow
from context.staff.models import StaffRow
from context.staff.teams import find_team_id
from context.types import Handler, Status
from desk.routing.choosing import Loads, plan
from desk.routing.deciding import place_in_queue, route
from desk.routing.reading import load_of, read_house, read_queue, read_rules
from desk.routing.types import Assignment, House, Route, Rules, Waiting
from kit.db import Database

AT_ONCE = 4  # so many decisions are carried out side by side


@dataclass(frozen=True)
class Round:
    """What a round did: conversations given to people, conversations whose team or priority changed, and how many were left waiting."""

    assigned: tuple[Assignment, ...] = ()
    routed: int = 0
    left: int = 0


@dataclass(frozen=True)
class Assigner:
    """Routes and assigns. Any number of them may work at once."""

    database: Database
    ledger: Ledger

    async def round(self) -> Round:
        """One look at the queue: sets team, priority and place of what needs it, and gives away what can be given."""
        async with self.database.transaction() as session:
            rules = await read_rules(session)
            queue = await read_queue(session, rules, at=self.ledger.now)
            if not queue:
                return Round()
            house = await read_house(session, clock=self.ledger.clock)
        routes = {w.id: route(w.facts, rules, house.teams) for w in queue}
        changed = [w for w in queue if _changes(w, routes[w.id])]
        queue = [replace(w, priority=routes[w.id].priority, team=routes[w.id].team) for w in queue]
        planned = {a.conversation_id: a for a in plan(queue, rules, house)}
        by_id = {w.id: w for w in queue}
        done = await self._carry_out(
            [(w, routes[w.id]) for w in changed if w.id not in planned], list(planned.values()), by_id, rules, house
        )
        assigned = tuple(a for a in done if a is not None)
        return Round(assigned, len(changed), len(queue) - len(assigned))

    async def _carry_out(
        self, moved: list[tuple[Waiting, Route]], planned: list[Assignment], queue: dict[UUID, Waiting], rules: Rules, house: House
    ) -> list[Assignment | None]:
        turn = asyncio.Semaphore(AT_ONCE)
        of_person: dict[UUID, list[Assignment]] = defaultdict(list)
        for assignment in planned:
            of_person[assignment.person.id].append(assignment)

        async def give(assignments: list[Assignment]) -> list[Assignment | None]:  # one after the other: they share the person's row
            found = []
            for assignment in assignments:
                async with turn:
                    found.append(await self._give(assignment, queue[assignment.conversation_id], rules, house))
            return found

        async def move(waiting: Waiting, found: Route) -> None:
            async with turn, self.database.transaction() as session:
                row = await _lock_waiting(session, waiting.id, waiting.epoch)
                if row is not None:
                    await settle(session, self.ledger, row, found, rules=rules)

        given = await asyncio.gather(*(give(assignments) for assignments in of_person.values()))
        await asyncio.gather(*(move(waiting, found) for waiting, found in moved))
        return [assignment for some in given for assignment in some]

    async def _give(self, assignment: Assignment, waiting: Waiting, rules: Rules, house: House) -> Assignment | None:
        """Gives one conversation to one person, when both are still as they were; None when not."""
        async with self.database.transaction() as session:
            row = await _lock_waiting(session, assignment.conversation_id, assignment.epoch)
            staff = await _lock_person(session, assignment.person.id) if row is not None else None
            if row is None or staff is None:
                return None
            person = replace(assignment.person, load=await load_of(session, staff.id))
            if not Loads([person]).room(person, row.channel, rules)[0]:
                return None
            await settle(session, self.ledger, row, route(waiting.facts, rules, house.teams), rules=rules)
            await ownership.assign(session, self.ledger, row, staff=staff)
        return assignment


def _changes(waiting: Waiting, found: Route) -> bool:
    return (waiting.routed_epoch, waiting.team, waiting.priority) != (waiting.epoch, found.team, found.priority)


async def settle(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, found: Route, *, rules: Rules) -> None:
    """Writes down where a waiting conversation (its row locked) belongs; says so when that has changed."""
    team_id = await find_team_id(session, found.team) if found.team else None
    since = conversation.waiting_since or ledger.now
    before = (conversation.routed_epoch, conversation.team_id, conversation.priority)
    conversation.routed_epoch, conversation.team_id, conversation.priority = conversation.epoch, team_id, int(found.priority)
    conversation.queue_at = place_in_queue(since, found.priority, rules)
    if before != (conversation.routed_epoch, team_id, conversation.priority):
        event = ConversationRouted(team_id=str(team_id) if team_id else None, priority=int(found.priority), rule=found.rule)
        await ledger.append(session, event, actor=SYSTEM, conversation=conversation)


async def settle_one(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> Route | None:
    """Routes one waiting conversation (its row locked) at once, without giving it to anybody; None when it does not wait."""
    rules = await read_rules(session)
    found = await read_queue(session, rules, at=ledger.now, only=conversation.id)
    if not found:
        return None
    house = await read_house(session, clock=ledger.clock)
    decided = route(found[0].facts, rules, house.teams)
    await settle(session, ledger, conversation, decided, rules=rules)
    return decided


async def _lock_waiting(session: AsyncSession, conversation_id: UUID, epoch: int) -> ConversationRow | None:
    """The conversation, locked, when it still waits as it did and nobody else works on it."""
    query = select(ConversationRow).where(
        ConversationRow.id == conversation_id,
        ConversationRow.epoch == epoch,
        ConversationRow.handler == Handler.QUEUE,
        ConversationRow.status != Status.RESOLVED,
    )
    return (await session.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()


async def _lock_person(session: AsyncSession, staff_id: UUID) -> StaffRow | None:
    """The person, locked against other assignments, when they still work here."""
    query = select(StaffRow).where(StaffRow.id == staff_id, StaffRow.active).with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one_or_none()
