"""The real assigner on PostgreSQL under a rush, in small."""

from __future__ import annotations

import pytest

from benchmarks.routing import assign_all, come_online, fill
from context.ledger import Ledger
from kit.db import Database

pytestmark = pytest.mark.integration


async def test_all_who_wait_are_assigned_once_and_evenly(database: Database, ledger: Ledger) -> None:
    await fill(database, ledger, waiting=40, people=8)
    await come_online(database, ledger)
    found = await assign_all(database, ledger)
    assert (found["assigned"], found["assigned_twice"], found["held_least"], found["held_most"]) == (40, 0, 5, 5)
