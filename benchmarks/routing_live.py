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
from context.staff.models import StaffRow, TeamRow
from context.staff.teams import save_team, set_capacity, set_members
from context.types import Role
from desk.models import PresenceRow
from desk.routing.store import find_source, save_rules
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
    failed: Counter[int] = field(default_factory=Counter)
    done: int = 0

    async def work(self, waiting: int) -> None:
        """Everybody comes online; each conversation is answered and resolved by whom it was given to."""
        signs = asyncio.create_task(self._stay_online())
        tasks: list[asyncio.Task[None]] = []
        try:
            while self.done < waiting:
                held = await _held(self.database, self.first)
                for agent, count in Counter(held.values()).items():
                    self.at_once[agent] = max(self.at_once[agent], count)
                fresh = {conversation: agent for conversation, agent in held.items() if conversation not in self.given}
                self.given |= fresh
                tasks += [asyncio.create_task(self._handle(*one)) for one in fresh.items()]
                await asyncio.sleep(POLL)
        finally:
            for task in (signs, *tasks):
                task.cancel()
            await asyncio.gather(signs, *tasks, return_exceptions=True)

    async def _stay_online(self) -> None:
        while True:
            for token in self.tokens.values():
                await self.http.put("/v1/presence", json={"state": "online"}, headers={"Authorization": f"Bearer {token}"})
            await asyncio.sleep(SIGN_OF_LIFE)

    async def _handle(self, conversation: UUID, agent: UUID) -> None:
        """Reads, answers, resolves; a refusal is counted and tried again."""
        head, path = {"Authorization": f"Bearer {self.tokens[agent]}"}, f"/v1/conversations/{conversation}"
        await asyncio.sleep(self.dice.expovariate(1 / self.rush.handling))
        reply = {"text": "I have seen to it.", "reference": "rush"}
        for name, body in (("messages", reply), ("resolve", None)):
            while (answer := await self.http.post(f"{path}/{name}", json=body, headers=head)).is_error:
                self.failed[answer.status_code] += 1
                await asyncio.sleep(JUST_WRITTEN)
        self.done += 1


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
        async with asyncio.timeout(rush.seconds):
            await floor.work(queued)
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
            await save_rules(session, before, author="benchmark")
            await session.execute(delete(TeamRow).where(TeamRow.id == team))


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
