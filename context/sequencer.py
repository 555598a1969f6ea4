"""Gives committed events their global position, in batches, by one process at a time.

A plain serial would let a reader skip a late commit. Here rows are written without a position; whoever holds the advisory lock numbers what
has been committed, in the order of `id` (which within a conversation is the order of `seq`, since its row is locked while writing), and
wakes the readers with one NOTIFY a batch.
"""

from __future__ import annotations

import asyncio

import psycopg

from kit.log import get_logger

CHANNEL = "baton_events"
FRESH = "baton_fresh"  # who has committed what somebody waits for may say so here: then it is numbered at once
_LOCK = 0x6261746F6E01  # any fixed number: the lock of the one sequencer
BATCH = 1000
LEAST_PAUSE_SECONDS, PAUSE_SECONDS = 0.003, 0.022
STANDBY_SECONDS = 1.0

_NUMBER = """
WITH fresh AS (SELECT id FROM event WHERE position IS NULL ORDER BY id LIMIT %(batch)s),
     last AS (SELECT coalesce(max(position), 0) AS position FROM event WHERE position IS NOT NULL),
     numbered AS (SELECT fresh.id, last.position + row_number() OVER (ORDER BY fresh.id) AS position FROM fresh, last),
     done AS (UPDATE event SET position = numbered.position FROM numbered WHERE event.id = numbered.id RETURNING event.position),
     told AS (SELECT count(*) AS count, max(position) AS last FROM done)
SELECT count, CASE WHEN count > 0 THEN pg_notify(%(channel)s, last::text) END FROM told
"""

log = get_logger("sequencer")


async def number_batch(connection: psycopg.AsyncConnection[tuple[int, int | None]]) -> int:
    """Numbers one batch of committed events and wakes readers, in one statement; returns how many. The caller holds the lock."""
    row = await (await connection.execute(_NUMBER, {"batch": BATCH, "channel": CHANNEL}, prepare=True)).fetchone()
    assert row is not None
    return int(row[0])


async def try_lead(connection: psycopg.AsyncConnection[tuple[int, int | None]]) -> bool:
    """Whether this connection now is the one sequencer; it stays so until it closes."""
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])


async def sequence_forever(dsn: str) -> None:
    """Runs until cancelled: leads when nobody else does, and connects again after the database was away."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                while not await try_lead(connection):
                    await asyncio.sleep(STANDBY_SECONDS)
                await connection.execute(f"LISTEN {FRESH}")
                while True:
                    await number_batch(connection)
                    await asyncio.sleep(LEAST_PAUSE_SECONDS)
                    async for _ in connection.notifies(timeout=PAUSE_SECONDS, stop_after=1):
                        pass
        except psycopg.Error as error:
            log.warning("sequencer lost the database", reason=str(error).splitlines()[0] if str(error) else type(error).__name__)
            await asyncio.sleep(STANDBY_SECONDS)
