"""PostgreSQL access: one declarative base, one engine a process, the transaction opened and closed at the edge."""

from __future__ import annotations

import asyncio
import json
import select
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Annotated, Any, TypedDict

import orjson
import psycopg
import psycopg_pool
from psycopg.rows import namedtuple_row
from sqlalchemy import BigInteger, DateTime, MetaData, Text, event, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

from kit.errors import UnavailableError
from kit.log import get_logger

log = get_logger("database")
IDLE_SECONDS = 2.0
RING_SECONDS = 0.01
"""At most so often are those who listen woken."""
NOT_FLUSHED = {"options": "-c synchronous_commit=off"}
"""For connections whose commits do not wait for the disk."""
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseUnavailableError(UnavailableError):
    """The database cannot be reached."""


EMPTY, ROW, STEP = "empty", "row", "step"
"""What becomes of the rows of a customer who is erased: personal columns emptied, rows deleted, or a step of its own does it."""


class TableCare(TypedDict):
    """What every table says of itself: which columns are personal data, how long rows are kept, and how a customer is erased from it."""

    personal: list[str]
    keep: str
    erase: str
    instead: dict[str, str]


def care(*, keep: str, personal: tuple[str, ...] = (), erase: str = EMPTY, instead: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The `info` of a table: `keep` in words or days ("365 days after resolution"), `personal` its columns with personal data.

    When a customer is erased, rows that lead to them by a foreign key are dealt with as `erase` says (EMPTY, ROW, STEP). `instead` has SQL
    expressions for columns that get something else than nothing then.
    """
    return {"personal": list(personal), "keep": keep, "erase": erase, "instead": dict(instead or {})}


class Base(DeclarativeBase):
    """The base of every table of every package."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this name
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
        str: Text,
        uuid.UUID: UUID(as_uuid=True),
    }


Id = Annotated[uuid.UUID, mapped_column(primary_key=True, default=uuid.uuid4)]
BigId = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=True)]


class Database:
    """The engine and session factory of one process."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = normalise_url(url)
        self.engine: AsyncEngine = create_async_engine(
            self.url, pool_size=pool_size, max_overflow=10, hide_parameters=True, json_serializer=dump_json, json_deserializer=orjson.loads,
            pool_use_lifo=True,
        )  # fmt: skip
        event.listen(self.engine.sync_engine, "checkout", _ping_when_idle)
        event.listen(self.engine.sync_engine, "checkin", _note_use)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readings = async_sessionmaker(alone, expire_on_commit=False)
        kwargs: dict[str, Any] = {"autocommit": True, "row_factory": namedtuple_row}
        self._plain = {
            durable: psycopg_pool.AsyncConnectionPool(
                self.dsn, min_size=1, max_size=pool_size, open=False, check=check_quickly, kwargs=kwargs | ({} if durable else NOT_FLUSHED)
            )
            for durable in (True, False)
        }
        self._opening = asyncio.Lock()
        self._to_ring: set[str] = set()
        self._ringing: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def plain(self, *, durable: bool = True) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """A connection of psycopg in autocommit, for the few statements that are written by hand; rows are named tuples.

        Statements within `connection.pipeline()` are one transaction, each seeing what was committed before it. What is not `durable` is
        lost when PostgreSQL itself crashes at once, and commits without waiting for the disk. Raises psycopg.Error.
        """
        pool = self._plain[durable]
        if pool.closed:
            async with self._opening:
                if pool.closed:
                    await pool.open()
        async with pool.connection() as connection:
            yield connection

    def ring(self, channel: str) -> None:
        """Wakes those who listen on `channel`, soon, once for all who ask meanwhile; they look by themselves too, should it get lost.

        A commit that notifies holds a lock of the whole server until it is on the disk, so that such commits wait for each other. One that
        this follows instead goes to the disk together with others.
        """
        self._to_ring.add(channel)
        if channel not in self._ringing:
            self._ringing[channel] = asyncio.create_task(self._ring(channel))

    async def _ring(self, channel: str) -> None:
        try:
            while channel in self._to_ring:
                self._to_ring.discard(channel)
                async with self.plain(durable=False) as connection:
                    await connection.execute("SELECT pg_notify(%s, '')", (channel,), prepare=True)
                await asyncio.sleep(RING_SECONDS)
        except psycopg.Error as error:
            log.warning("nobody could be woken", channel=channel, reason=type(error).__name__)
        finally:
            del self._ringing[channel]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits when the block ends, rolls back when it raises. Nobody commits inside."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """For reading where somebody waits: no transaction, so no round trips to begin and to end one.

        Each statement sees what was committed before it, as within `transaction`. What is written is committed at once: write nothing
        that belongs together.
        """
        async with self._readings() as session:
            yield session

    @property
    def dsn(self) -> str:
        """The same database in libpq's form, for psycopg."""
        return dsn_of(self.url)

    async def check(self) -> None:
        """Raises DatabaseUnavailableError with the reason when no connection can be made."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise unavailable(error) from None

    async def close(self) -> None:
        """Closes every connection."""
        for task in [*self._ringing.values()]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._ringing.clear()
        for pool in self._plain.values():
            if not pool.closed:
                await pool.close()
        await self.engine.dispose()


def unavailable(error: Exception) -> DatabaseUnavailableError:
    """The clear error for one that says that the database is away."""
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return DatabaseUnavailableError(
        f"The database cannot be reached: {reason}", hint="Check DATABASE_URL, or unset it to use the embedded PostgreSQL."
    )


def dump_json(value: Any) -> str:
    """A value as JSON for a jsonb column."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # numbers beyond 64 bits and the like
        return json.dumps(value)


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_when_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that nobody used for a while may be dead: then the pool takes another one. A fresh one is not asked each time."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()  # whoever gets it finds it as one that was not asked
    except Exception as error:
        raise DisconnectionError("the connection was lost while it was idle") from error


async def check_quickly(connection: psycopg.AsyncConnection[Any]) -> None:
    """The check of a pool before it hands a connection out: it asks the server only where something stands to be read, as at its end."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        await psycopg_pool.AsyncConnectionPool.check_connection(connection)


def normalise_url(url: str) -> str:
    """Accepts postgres://, postgresql:// and postgresql+psycopg:// and returns the last form."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    raise DatabaseUnavailableError(
        "DATABASE_URL does not name a PostgreSQL database", hint="It looks like postgresql://user:password@host:5432/name"
    )


def dsn_of(url: str) -> str:
    """The same in libpq's form, for psycopg."""
    return normalise_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection under a session, so that other libraries can write in the same transaction."""
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, psycopg.AsyncConnection)
    return connection


async def wait_for_database(database: Database, *, seconds: float = 30.0) -> None:
    """Waits until the database answers. Raises DatabaseUnavailableError after `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            await database.check()
        except DatabaseUnavailableError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return
