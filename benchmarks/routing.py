"""A rush: 1,000 wait for 50 people. `python -m benchmarks.routing [--json] [--waiting 1000] [--people 50] [--no-database | --live]`

First simulated with the pure plan (benchmarks/routing_rush.py): how long each priority waits, how evenly people are loaded, and, checked by
other code than that which decides, how many assignments were wrong; the same rush without priorities beside it. Then the real assigner on
PostgreSQL: how long it takes to route and assign all of them. `--live`: instead of all that, the rush through a whole Baton of its own, its
processes as they are (benchmarks/routing_live.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.migrate import migrate
from benchmarks.live import LiveBaton
from benchmarks.machine import describe_machine
from benchmarks.routing_live import LiveRush, run_rush
from benchmarks.routing_rush import Rush, simulate
from context import ownership
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow
from context.staff.models import StaffRow
from context.staff.teams import save_team, set_capacity, set_members
from context.types import HandoffReason, HandoffRequest, Inbound, Role
from desk.presence import PresenceState, record_presence
from desk.routing.assigner import Assigner
from desk.routing.store import save_rules
from desk.routing.types import Assignment
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.postgres import EmbeddedPostgres

ROOM = 0.1
"""How many more conversations people may hold than there are, so that all can be assigned at once."""


async def fill(database: Database, ledger: Ledger, *, waiting: int, people: int) -> None:
    """People in one team, and customers who wait; every tenth is angry."""
    async with database.transaction() as session:
        rows = [StaffRow(email=f"p{n}@example.com", name=f"P{n}", role=Role.AGENT, password_hash="-", active=True) for n in range(people)]
        session.add_all(rows)
        await session.flush()
        team = await save_team(session, key="care", name="Care")
        await set_members(session, team, {row.id: 1 for row in rows})
        for row in rows:
            await set_capacity(session, row.id, {"*": int(waiting / people * (1 + ROOM)) + 1})
        await save_rules(session, "default: {team: care}", author="benchmark")
    for n in range(waiting):
        async with database.transaction() as session:
            found = await record_inbound(session, ledger, Inbound("web", "shop", f"v{n}", uuid4().hex, f"hello from {n}"))
            conversation = await lock_conversation(session, found.message.conversation_id)
            reason = HandoffReason.ANGRY if n % 10 == 0 else HandoffReason.CUSTOMER_ASKED
            await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(reason))


async def come_online(database: Database, ledger: Ledger) -> None:
    """Everybody is here now."""
    async with database.transaction() as session:
        for staff_id in (await session.execute(select(StaffRow.id))).scalars().all():
            await record_presence(session, staff_id, PresenceState.ONLINE, clock=ledger.clock)


async def assign_all(database: Database, ledger: Ledger) -> dict[str, Any]:
    """Rounds until nobody waits, or nothing changes any more."""
    order: list[Assignment] = []
    began, rounds = time.perf_counter(), 0
    while (done := await Assigner(database, ledger).round()).assigned:
        rounds, order = rounds + 1, [*order, *done.assigned]
        if not done.left:
            break
    seconds = time.perf_counter() - began
    async with database.transaction() as session:
        held = Counter((await session.execute(select(ConversationRow.agent_id).where(ConversationRow.handler == "agent"))).scalars())
    each = [held.get(key, 0) for key in held] or [0]
    return {
        "assigned": sum(each), "assigned_twice": len(order) - len({a.conversation_id for a in order}), "rounds": rounds,
        "seconds": round(seconds, 2), "per_second": round(len(order) / seconds, 1), "held_least": min(each), "held_most": max(each),
    }  # fmt: skip


async def _measure(url: str, *, waiting: int, people: int) -> dict[str, Any]:
    database = Database(url)
    ledger = Ledger(RecordingEnqueuer(), {})
    try:
        await fill(database, ledger, waiting=waiting, people=people)
        await come_online(database, ledger)
        return await assign_all(database, ledger)
    finally:
        await database.close()


def on_postgresql(*, waiting: int, people: int) -> dict[str, Any]:
    """The real assigner on an embedded PostgreSQL of its own."""
    folder = Path(tempfile.mkdtemp(prefix="baton-rt-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        migrate(server.url)
        return asyncio.run(_measure(server.url, waiting=waiting, people=people))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def on_baton(rush: LiveRush) -> dict[str, Any]:
    """The rush through a whole Baton with the sample shop, started for it."""
    folder = Path(tempfile.mkdtemp(prefix="baton-rush-"))
    folder.chmod(0o755)
    baton = LiveBaton(folder)
    try:
        baton.start()
        return asyncio.run(_rush_on(baton.url, baton.database_url, rush))
    finally:
        if baton.process is not None:
            baton.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _rush_on(url: str, database_url: str, rush: LiveRush) -> dict[str, Any]:
    database = Database(database_url)
    try:
        return await run_rush(url, database, rush)
    finally:
        await database.close()


def main() -> None:
    """Runs both and prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--waiting", type=int, default=1000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-database", action="store_true")
    parser.add_argument("--live", action="store_true", help="through a whole Baton of its own")
    parser.add_argument("--handling", type=float, default=6.0, help="with --live: seconds that one takes, on average")
    chosen = parser.parse_args()
    if chosen.live:
        wanted = LiveRush(waiting=chosen.waiting, people=chosen.people, handling=chosen.handling, seed=chosen.seed)
        found = {"machine": describe_machine(), "live": on_baton(wanted)}
        print(json.dumps(found, ensure_ascii=False, indent=None if chosen.json else 2))
        return
    rush = Rush(waiting=chosen.waiting, people=chosen.people, seed=chosen.seed)
    figures: dict[str, Any] = {
        "machine": describe_machine(),
        "simulated": simulate(rush),
        "without_priorities": simulate(rush, priorities=False),
    }
    if not chosen.no_database:
        figures["postgresql"] = on_postgresql(waiting=chosen.waiting, people=chosen.people)
    print(json.dumps(figures, ensure_ascii=False, indent=None if chosen.json else 2))


if __name__ == "__main__":
    main()
