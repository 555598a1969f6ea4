"""The rush through real processes: customers write as the widget does, the bot hands over, people work over /v1 with own tokens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import delete, func, select, update

from context.models import ConversationRow, EventRow, HandoffRow
from context.staff.accounts import create_api_token
from context.staff.models import StaffRow
from context.staff.teams import save_team, set_capacity, set_members
from context.types import Role
from desk.models import PresenceRow
from desk.routing.store import find_source, save_rules
from desk.teams import delete_team
from kit.db import Database

RULES = "default: {team: rush}\npriority:\n  - {name: anger, when: {sentiment: angry}, at_least: high}\n"
CALM, ANGRY = "I want to talk to a person", "This is outrageous, I am furious! Give me a person at once!"
WRITERS = 24
POLL, SIGN_OF_LIFE = 0.25, 15.0
JUST_WRITTEN = 3.2  # nobody lets go of a conversation in which the customer has just written
PRIORITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True)
class LiveRush:
    """How many wait for how many, how many each may hold, and how long one is worked on (mean, in seconds)."""

    waiting: int = 1000
    people: int = 50
    room: int = 3
    handling: float = 6.0
    seed: int = 7
    seconds: float = 1800.0


@dataclass
class _Floor:
    """The people at work, and what the looking on noticed."""

    http: httpx.AsyncClient
    database: Database
    tokens: dict[UUID, str]
    rush: LiveRush
    first: datetime
    dice: random.Random
    given: dict[UUID, UUID] = field(default_factory=dict)
    at_once: Counter[UUID] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    done: set[UUID] = field(default_factory=set)

    async def work(self, waiting: int) -> None:
        """Everybody comes online; each conversation is answered and resolved by whom it was given to. What breaks one ends all."""
        async with asyncio.TaskGroup() as group:
            signs = group.create_task(self._stay_online())
            begun: dict[UUID, tuple[UUID, asyncio.Task[None]]] = {}
            while len(self.done) < waiting:
                held = await _held(self.database, self.first)
                for agent, count in Counter(held.values()).items():
                    self.at_once[agent] = max(self.at_once[agent], count)
                for conversation, agent in held.items():
                    if conversation in begun and begun[conversation][0] == agent:
                        continue
                    if conversation in begun:  # it went back to the queue, and somebody else has it now
                        begun[conversation][1].cancel()
                    self.given.setdefault(conversation, agent)
                    begun[conversation] = agent, group.create_task(self._handle(conversation, agent))
                await asyncio.sleep(POLL)
            signs.cancel()

    async def _stay_online(self) -> None:
        while True:
            for agent in self.tokens:
                await self._ask(agent, "PUT", "/v1/presence", {"state": "online"})
            await asyncio.sleep(SIGN_OF_LIFE)

    async def _handle(self, conversation: UUID, agent: UUID) -> None:
        """Reads, answers, resolves; a refusal is counted and tried again."""
        await asyncio.sleep(self.dice.expovariate(1 / self.rush.handling))
        for name, body in (("messages", {"text": "I have seen to it.", "reference": "rush"}), ("resolve", None)):
            while not await self._ask(agent, "POST", f"/v1/conversations/{conversation}/{name}", body):
                await asyncio.sleep(JUST_WRITTEN)
        self.done.add(conversation)

    async def _ask(self, agent: UUID, method: str, path: str, body: dict[str, str] | None) -> bool:
        """Whether it was done; a refusal, and a connection that was closed meanwhile, is counted."""
        try:
            answer = await self.http.request(method, path, json=body, headers={"Authorization": f"Bearer {self.tokens[agent]}"})
        except httpx.TransportError as error:
            self.failed[type(error).__name__] += 1
            return False
        if answer.is_error:
            self.failed[str(answer.status_code)] += 1
        return not answer.is_error


async def run_rush(url: str, database: Database, rush: LiveRush) -> dict[str, Any]:
    """Lets all of them wait, opens the doors, and waits until nobody is left; the figures of it."""
    dice = random.Random(rush.seed)
    limits = httpx.Limits(max_connections=WRITERS + rush.people)
    async with _house(database, rush) as tokens, httpx.AsyncClient(base_url=url, timeout=60, limits=limits, trust_env=False) as http:
        began = time.monotonic()
        first = await _now(database)
        angry = [dice.random() < 0.1 for _ in range(rush.waiting)]
        writers = asyncio.Semaphore(WRITERS)
        await asyncio.gather(*(_customer(http, writers, ANGRY if one else CALM) for one in angry))
        queued = await _all_wait(database, first, rush)
        opened, gathered = await _now(database), time.monotonic() - began
        floor = _Floor(http, database, tokens, rush, first, dice)
        try:
            async with asyncio.timeout(rush.seconds):
                await floor.work(queued)
        except TimeoutError:
            raise TimeoutError(
                f"{len(floor.done)} of {queued} were resolved; {len(floor.given)} were given; refused: {dict(floor.failed)}"
            ) from None
        worked = time.monotonic() - began - gathered
        figures = await _figures(floor, opened)
    return {
        "waiting": queued,
        "people": rush.people,
        "gathering_seconds": round(gathered, 1),
        "working_seconds": round(worked, 1),
    } | figures


@contextlib.asynccontextmanager
async def _house(database: Database, rush: LiveRush) -> AsyncIterator[dict[UUID, str]]:
    """People of one team with tokens, and the rules; what was there before is there again at the end."""
    async with database.transaction() as session:
        before = await find_source(session)
        mark = uuid4().hex[:6]
        rows = [
            StaffRow(email=f"rush-{mark}-{n}@example.com", name=f"Rush {n}", role=Role.AGENT, password_hash="-", active=True)
            for n in range(rush.people)
        ]
        session.add_all(rows)
        await session.flush()
        team = await save_team(session, key="rush", name="Rush")
        await set_members(session, team, {row.id: 1 for row in rows})
        for row in rows:
            await set_capacity(session, row.id, {"*": rush.room})
        tokens = {row.id: await create_api_token(session, row, label="rush") for row in rows}
        await save_rules(session, RULES, author="benchmark")
    try:
        yield tokens
    finally:
        async with database.transaction() as session:
            await session.execute(update(StaffRow).where(StaffRow.id.in_(tokens)).values(active=False))
            await session.execute(delete(PresenceRow).where(PresenceRow.staff_id.in_(tokens)))
        async with database.transaction() as session:
            await save_rules(session, before, author="benchmark")
        async with database.transaction() as session:
            await delete_team(session, team)


async def _customer(http: httpx.AsyncClient, writers: asyncio.Semaphore, text: str) -> None:
    """Opens a chat and asks for a person."""
    async with writers:
        opened = (await http.post("/v1/widget/sessions", json={"language": "en"})).json()
        head = {"Authorization": f"Bearer {opened['token']}"}
        sent = await http.post("/v1/widget/messages", json={"client_id": uuid4().hex, "text": text}, headers=head)
        sent.raise_for_status()


async def _all_wait(database: Database, first: datetime, rush: LiveRush) -> int:
    """Until the bot has handed all of them over; how many wait. Raises TimeoutError."""
    async with asyncio.timeout(rush.seconds):
        while (queued := await _count(database, first, "queue")) < rush.waiting:
            await asyncio.sleep(POLL)
    return queued


async def _now(database: Database) -> datetime:
    async with database.transaction() as session:
        found: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        return found


async def _count(database: Database, first: datetime, handler: str) -> int:
    async with database.transaction() as session:
        mine = (ConversationRow.opened_at >= first, ConversationRow.handler == handler)
        return (await session.execute(select(func.count()).select_from(ConversationRow).where(*mine))).scalar_one()


async def _held(database: Database, first: datetime) -> dict[UUID, UUID]:
    async with database.transaction() as session:
        query = select(ConversationRow.id, ConversationRow.agent_id).where(
            ConversationRow.opened_at >= first, ConversationRow.agent_id.is_not(None)
        )
        return {row.id: row.agent_id for row in await session.execute(query)}


async def _figures(floor: _Floor, opened: datetime) -> dict[str, Any]:
    """Waits since the doors opened, by priority, from what Baton stored; how often one was given twice; the load of each."""
    first = floor.first
    async with floor.database.transaction() as session:
        query = (
            select(HandoffRow.accepted_at, ConversationRow.priority)
            .join(ConversationRow, ConversationRow.id == HandoffRow.conversation_id)
            .where(ConversationRow.opened_at >= first, HandoffRow.accepted_at.is_not(None))
        )
        accepted = (await session.execute(query)).all()
        mine = select(ConversationRow.id).where(ConversationRow.opened_at >= first)
        given = select(EventRow.conversation_id, func.count()).where(EventRow.name == "agent.assigned", EventRow.conversation_id.in_(mine))
        often = (await session.execute(given.group_by(EventRow.conversation_id))).all()
        left = (await session.execute(mine.with_only_columns(func.count()).where(ConversationRow.status != "resolved"))).scalar_one()
    waits: dict[str, list[float]] = {}
    for at, priority in accepted:
        if at is not None:
            waits.setdefault(PRIORITIES[priority], []).append((at - opened).total_seconds())
    each = Counter(floor.given.values())
    return {
        "assigned": len(often), "assigned_twice": sum(count > 1 for _, count in often), "left": left,
        "seconds_waited": {name: _spread(found) for name, found in sorted(waits.items())},
        "given_to_each": {"least": min(each.values()), "mean": round(statistics.fmean(each.values()), 1), "most": max(each.values())},
        "held_at_once_most": max(floor.at_once.values()), "refused": dict(floor.failed),
    }  # fmt: skip


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) for name, share in (("median", 0.5), ("p95", 0.95))}
    return {"count": len(ordered)} | at | {"most": round(ordered[-1], 2)}
