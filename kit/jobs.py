"""Background jobs on PostgreSQL (procrastinate): enqueued inside the caller's transaction, rescued when their worker dies.

A job is a name with JSON arguments; its handler is idempotent, since a rescued job runs again from its beginning.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import procrastinate
import psycopg
import psycopg_pool
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.clock import utc_now
from kit.db import NOT_FLUSHED, check_quickly, driver_connection
from kit.log import get_logger

Handler = Callable[..., Awaitable[None]]

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 8.0
RESCUE_SECONDS = 2.0
MAX_ATTEMPTS = 8

LONGEST_SECONDS = 180  # no job takes longer: one that is `doing` since then could not store that it had ended

_UNSETTLED = """
SELECT job.id FROM procrastinate_jobs AS job
WHERE job.status = 'doing' AND (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'started')
    < now() - make_interval(secs => %(seconds)s)
"""

log = get_logger("jobs")


DEFER = "procrastinate_defer_jobs_v1(ARRAY[ROW('default', {name}, 0, NULL, NULL, {arguments}, NULL)::procrastinate_job_to_defer_v1])"


class Enqueuer(Protocol):
    """As much of the job system as those need who only put jobs in."""

    @property
    def expression(self) -> str | None:
        """An SQL expression that puts a job in, with the places `{name}` (text) and `{arguments}` (jsonb); None: only `enqueue` does."""

    async def enqueue(self, session: AsyncSession, name: str, **arguments: Any) -> None:
        """Puts a job in, to run after the session's transaction has committed, or never if it rolls back."""


def _pool(**settings: Any) -> psycopg_pool.AsyncConnectionPool:
    return psycopg_pool.AsyncConnectionPool(**(settings | {"check": check_quickly}))


class Jobs:
    """The job system of one process."""

    def __init__(self, dsn: str, *, modest: Collection[str] = (), unhurried: Collection[str] = ()) -> None:
        """`modest` names jobs that run one at a time and after all others, `unhurried` those that nobody waits for: they come after those
        that somebody does."""
        self.modest, self.unhurried = frozenset(modest), frozenset(unhurried)
        # Taking and ending a job need not wait for the disk: what a crash of PostgreSQL undoes is done again, and a job bears that.
        connector = procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=6, kwargs=NOT_FLUSHED, pool_factory=_pool)
        self.app = procrastinate.App(connector=connector)

    @property
    def expression(self) -> str:
        """See `Enqueuer.expression`; not for modest and unhurried jobs."""
        return DEFER

    async def enqueue(self, session: AsyncSession, name: str, **arguments: Any) -> None:
        """See `Enqueuer.enqueue`. Arguments must be JSON."""
        connection = await driver_connection(session)
        task = self.app.configure_task(name, connection=connection)
        if name in self.modest:
            task = self.app.configure_task(name, connection=connection, lock=name, priority=-10)
        elif name in self.unhurried:
            task = self.app.configure_task(name, connection=connection, priority=-5)
        await task.defer_async(**arguments)

    def register(self, handlers: Mapping[str, Handler]) -> None:
        """Names the handlers that this process can run. Each gets the job's arguments and `job_id`, the same when it runs again."""
        retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=2)
        for name, handler in handlers.items():
            self.app.task(name=name, retry=retry, pass_context=True)(_with_job_id(handler))

    async def work(self, *, concurrency: int = 8) -> None:
        """Runs jobs until cancelled, and brings back those whose worker died."""
        async with self.app.open_async():
            rescuer = asyncio.create_task(self._rescue_forever())
            try:
                await self.app.run_worker_async(
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=2.0,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    shutdown_graceful_timeout=5.0,
                    delete_jobs="successful",
                )
            finally:
                rescuer.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await rescuer

    async def _rescue_forever(self) -> None:
        while True:
            await asyncio.sleep(RESCUE_SECONDS)
            try:
                await self.rescue()
            except (psycopg.Error, procrastinate.exceptions.ConnectorException) as error:
                log.warning("rescue failed", reason=str(error))

    async def rescue(self) -> int:
        """Puts jobs of dead workers back in the queue; returns how many."""
        manager, rescued = self.app.job_manager, 0
        stalled = [job.id for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS) if job.id is not None]
        unsettled = await self.app.connector.execute_query_all_async(_UNSETTLED, seconds=LONGEST_SECONDS)
        for number in dict.fromkeys([*stalled, *(int(row["id"]) for row in unsettled)]):
            try:
                await manager.retry_job_by_id_async(number, retry_at=utc_now())
            except procrastinate.exceptions.ConnectorException:
                continue  # another worker was faster
            rescued += 1
            log.info("job rescued", id=number)
        return rescued


def _with_job_id(handler: Handler) -> Callable[..., Awaitable[None]]:
    async def run(context: procrastinate.JobContext, **arguments: Any) -> None:
        await handler(job_id=str(context.job.id), **arguments)

    return run


_FORGET = """
DELETE FROM procrastinate_jobs WHERE status <> 'doing'
    AND (args ->> 'conversation_id' = ANY(:names) OR args -> 'event_data' ->> 'contact_id' = ANY(:names))
"""


async def forget_jobs(session: AsyncSession, names: Sequence[str]) -> None:
    """Takes out the jobs about these conversations and contacts, those too that failed; what runs at this moment is left alone."""
    await session.execute(text(_FORGET), {"names": list(names)})


def schema_sql() -> str:
    """The job system's own tables, for the migrations."""
    return SchemaManager.get_schema()


class RecordingEnqueuer:
    """The fake of the port, for tests: keeps what was put in."""

    expression = None

    def __init__(self) -> None:
        self.jobs: list[tuple[str, dict[str, Any]]] = []

    async def enqueue(self, session: AsyncSession, name: str, **arguments: Any) -> None:  # noqa: ARG002 - the port's shape
        self.jobs.append((name, arguments))
