"""Waking those who listen, after a commit and without holding up others: `Database.ring`."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from kit.db import Database

pytestmark = pytest.mark.integration
CHANNEL = "baton_bell"


async def heard(database: Database, rings: int) -> int:
    """How often one who listens is woken by so many rings at once."""
    async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        for _ in range(rings):
            database.ring(CHANNEL)
        return len([notice async for notice in listener.notifies(timeout=1.0)])


async def test_one_ring_is_heard_once(database: Database) -> None:
    assert await heard(database, 1) == 1


async def test_many_rings_at_once_wake_few_times(database: Database) -> None:
    assert 1 <= await heard(database, 500) <= 2


async def test_a_ring_that_comes_while_one_goes_out_is_heard_too(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.dsn, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        database.ring(CHANNEL)
        found = 0
        async for _ in listener.notifies(timeout=1.0):
            found += 1
            if found == 1:
                database.ring(CHANNEL)
    assert found == 2


async def test_a_database_that_is_away_is_no_error_and_heard_again_later(database: Database) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1")
    away._plain[False].timeout = 0.2
    away.ring(CHANNEL)
    while away._ringing:
        await asyncio.sleep(0.02)
    away.ring(CHANNEL)  # it tries again
    assert away._ringing
    await away.close()
    assert not away._ringing


async def test_closing_ends_what_rings(database: Database) -> None:
    other = Database(database.url)
    other.ring(CHANNEL)
    await other.close()
    assert not other._ringing
