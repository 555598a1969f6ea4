"""Jobs leave with the transaction, and come back when their worker dies."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import text

from kit.db import Database
from kit.jobs import Handler, Jobs

pytestmark = pytest.mark.integration

WORKER = """
import asyncio, sys
from kit.jobs import Jobs
async def note(*, n, job_id, **_):
    print('began', n, flush=True)
    await asyncio.sleep(60)
async def main():
    jobs = Jobs(sys.argv[1])
    jobs.register({'note': note})
    await jobs.work(concurrency=1)
asyncio.run(main())
"""


async def count_jobs(database: Database) -> int:
    """How many jobs there are."""
    async with database.transaction() as session:
        return int((await session.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one())


async def test_a_job_of_a_rolled_back_transaction_never_was(database: Database) -> None:
    jobs = Jobs(database.dsn)
    with contextlib.suppress(ZeroDivisionError):
        async with database.transaction() as session:
            await jobs.enqueue(session, "note", n=1)
            raise ZeroDivisionError
    assert await count_jobs(database) == 0
    async with database.transaction() as session:
        await jobs.enqueue(session, "note", n=2)
    assert await count_jobs(database) == 1


async def test_a_job_of_a_killed_worker_is_done_by_another(database: Database) -> None:
    jobs, done = Jobs(database.dsn), asyncio.Event()
    async with database.transaction() as session:
        await jobs.enqueue(session, "note", n=7)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, database.dsn], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert (await asyncio.to_thread(worker.stdout.readline)).strip() == "began 7"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()

    async def note(*, n: int, **_: object) -> None:
        assert n == 7
        done.set()

    jobs.register({"note": note})
    working = asyncio.create_task(jobs.work(concurrency=1))
    try:
        await asyncio.wait_for(done.wait(), 40)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_a_job_that_fails_is_tried_again(database: Database) -> None:
    jobs, tries, done = Jobs(database.dsn), list[str](), asyncio.Event()

    async def flaky(*, job_id: str, **_: object) -> None:
        tries.append(job_id)
        if len(tries) == 1:
            raise psycopg.OperationalError("away for a moment")
        done.set()

    jobs.register({"flaky": flaky})
    async with database.transaction() as session:
        await jobs.enqueue(session, "flaky")
    working = asyncio.create_task(jobs.work(concurrency=1))
    try:
        await asyncio.wait_for(done.wait(), 20)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert len(set(tries)) == 1  # the same job, so that what it leased is still its own


async def test_what_nobody_waits_for_runs_after_what_somebody_waits_for(database: Database) -> None:
    jobs, ran, done = Jobs(database.dsn, unhurried=("learn",)), list[str](), asyncio.Event()

    def noting(name: str) -> Handler:
        async def note(**_: object) -> None:
            ran.append(name)
            if len(ran) == 3:
                done.set()

        return note

    async with database.transaction() as session:
        for name in ("learn", "learn", "answer"):
            await jobs.enqueue(session, name)
    jobs.register({name: noting(name) for name in ("learn", "answer")})
    working = asyncio.create_task(jobs.work(concurrency=1))
    try:
        await asyncio.wait_for(done.wait(), 40)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert ran == ["answer", "learn", "learn"]
