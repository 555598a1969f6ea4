"""A rush in small through real processes: nobody is given twice, nobody holds more than they may, the angry wait least, none is left."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.routing_live import LiveRush, run_rush
from kit.db import Database
from tests.e2e.waiting import empty_queue
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e


async def test_all_who_wait_are_given_once_in_the_order_of_their_priority_and_resolved(live: LiveBaton) -> None:
    await asyncio.to_thread(empty_queue, live)
    database = Database(live.database_url)
    try:
        found = await run_rush(live.url, database, LiveRush(waiting=24, people=3, room=2, handling=0.2, seed=5, seconds=240))
    finally:
        await database.close()
    assert (found["waiting"], found["assigned"], found["assigned_twice"], found["left"]) == (24, 24, 0, 0)
    assert found["held_at_once_most"] <= 2
    assert found["given_to_each"]["least"] >= 2
    waited = found["seconds_waited"]
    assert sum(kind["count"] for kind in waited.values()) == 24
    assert waited["urgent"]["most"] <= waited["normal"]["most"]
