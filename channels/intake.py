"""Webhooks in two steps: the raw body is stored and acknowledged, then worked off in order by one process at a time.

Within what waits together, the messages of one customer are taken in the order of the provider's clock; a body that is not understood is
flagged and never stands in the way of the next.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from channels.accounts import Accounts
from channels.base import Door, Stored
from channels.happenings import AccountNotice, Automatic, CustomerMessage, Happening, Receipt, TemplateChanged, Unknown
from channels.taking_in import Taker
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

INTAKE = "baton_intake"
_LOCK = 0x6261746F6E0B
BATCH = 200
AT_ONCE = 8
POLL_SECONDS = 0.25
STANDBY_SECONDS = 1.0
PRUNE_SECONDS = 600.0
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError, OSError)
"""What says that the database is away, and not that something is wrong with what was to be stored."""

_STORE = "INSERT INTO channel_intake (channel, account, body) VALUES (%(channel)s, %(account)s, %(body)s) RETURNING id"
_STORE_NAMED = """
INSERT INTO channel_intake (channel, account, body, delivery) VALUES (%(channel)s, %(account)s, %(body)s, %(delivery)s)
ON CONFLICT (channel, account, delivery) WHERE delivery IS NOT NULL DO NOTHING RETURNING id
"""
_REPEATED = """
SELECT id, body = %(body)s AS same FROM channel_intake WHERE channel = %(channel)s AND account = %(account)s AND delivery = %(delivery)s
"""
_WAITING = "SELECT id, channel, account, body FROM channel_intake WHERE state = 'waiting' ORDER BY id LIMIT %(limit)s"
_DONE = """
UPDATE channel_intake SET state = CASE WHEN new.note IS NULL THEN 'done' ELSE 'flagged' END, note = new.note, done_at = clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(notes)s::text[]) AS new (id, note) WHERE channel_intake.id = new.id
"""
_PRUNE = """
DELETE FROM channel_intake WHERE received_at < now() - interval '2 days' AND state = 'done'
    OR received_at < now() - interval '30 days' AND state = 'flagged'
"""
_PRUNE_ORPHANS = "DELETE FROM channel_orphan WHERE received_at < now() - interval '1 day'"

log = get_logger("intake")


async def store_hook(database: Database, *, channel: str, account: str, body: bytes) -> int:
    """Stores a checked webhook; when this returns, it is safe and may be acknowledged. Raises psycopg.Error."""
    values = {"channel": channel, "account": account, "body": body}
    async with database.plain() as connection:
        row = await (await connection.execute(_STORE, values, prepare=True)).fetchone()
    database.ring(INTAKE)
    assert row is not None
    return int(row.id)


async def store_delivery(database: Database, *, channel: str, account: str, body: bytes, delivery: str | None) -> Stored:
    """As `store_hook`, for a provider that names its deliveries: one that came before (in the last two days) is not stored again."""
    if delivery is None:
        return Stored(await store_hook(database, channel=channel, account=account, body=body))
    values = {"channel": channel, "account": account, "body": body, "delivery": delivery}
    async with database.plain() as connection:
        row = await (await connection.execute(_STORE_NAMED, values, prepare=True)).fetchone()
        if row is not None:
            database.ring(INTAKE)
            return Stored(int(row.id))
        before = await (await connection.execute(_REPEATED, values, prepare=True)).fetchone()
    return Stored(int(before.id), fresh=False, same=bool(before.same)) if before else Stored(0, fresh=False)


@dataclass
class Delivered:
    """One webhook while it is worked off."""

    id: int
    channel: str
    note: str | None = None


@dataclass
class Intake:
    """Works off what was stored."""

    database: Database
    accounts: Accounts
    doors: Mapping[str, Door]
    taker: Taker
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self) -> None:
        """Leads when nobody else does, until cancelled."""
        while True:
            try:
                await self._lead()
            except (psycopg.Error, DBAPIError, OSError, BatonError) as error:
                log.warning("intake lost the database", error=type(error).__name__)
            await asyncio.sleep(STANDBY_SECONDS)

    async def _lead(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while not await _try_lead(connection):
                await asyncio.sleep(STANDBY_SECONDS)
            await connection.execute(f"LISTEN {INTAKE}")
            loop = asyncio.get_running_loop()
            pruned = loop.time() - PRUNE_SECONDS
            while True:
                while await self.work_off():
                    pass
                if loop.time() - pruned > PRUNE_SECONDS:
                    pruned = loop.time()
                    await connection.execute(_PRUNE)
                    await connection.execute(_PRUNE_ORPHANS)
                async for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

    async def work_off(self) -> int:
        """Works off what waits, at most `BATCH` webhooks; how many there were. Raises what the database raises: then it comes again."""
        async with self.database.plain() as connection:
            rows = await (await connection.execute(_WAITING, {"limit": BATCH}, prepare=True)).fetchall()
        if not rows:
            return 0
        hooks, lines = [], defaultdict[str, list[tuple[Delivered, Happening]]](list)
        for row in rows:
            hook = Delivered(row.id, row.channel)
            hooks.append(hook)
            for happening in await self._parse(row, hook):
                lines[line_of(happening)].append((hook, happening))
        first = sorted(lines.values(), key=lambda line: isinstance(line[0][1], Receipt))  # customers wait for answers, not for ticks
        ended = await asyncio.gather(*(self._take_line(in_order(line)) for line in first), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        async with self.database.plain() as connection:
            await connection.execute(_DONE, {"ids": [h.id for h in hooks], "notes": [h.note for h in hooks]})
        return len(rows)

    async def _parse(self, row: Any, hook: Delivered) -> Sequence[Happening]:
        door, account = self.doors.get(row.channel), await self.accounts.find(row.channel, row.account)
        if door is None or account is None:
            hook.note = "no such channel or account"
            return ()
        try:
            return door.parse(row.body, account)
        except BatonError as error:
            hook.note = error.message
        except Exception as error:  # whatever a provider sends must not stop what follows
            log.exception("a webhook broke its parser", id=row.id, channel=row.channel, error=type(error).__name__)
            hook.note = f"not parsed: {type(error).__name__}"
        return ()

    async def _take_line(self, line: Sequence[tuple[Delivered, Happening]]) -> None:
        async with self._places:
            receipts = [happening for _, happening in line if isinstance(happening, Receipt)]
            if len(receipts) == len(line) and await self._take_receipts(line[0][0], receipts):
                return
            for hook, happening in line:
                await self._take(hook, happening)

    async def _take_receipts(self, hook: Delivered, receipts: Sequence[Receipt]) -> bool:
        """The receipts of one message together; False where one of them is the matter, so that each is taken by itself."""
        try:
            await self.taker.take_receipts(hook.channel, receipts)
        except AWAY:
            raise
        except Exception as error:
            log.exception("receipts were not taken in", id=hook.id, channel=hook.channel, error=type(error).__name__)
            return False
        return True

    async def _take(self, hook: Delivered, happening: Happening) -> None:
        try:
            note = await self.taker.take(hook.channel, happening)
        except AWAY:
            raise  # the database is away: all of it comes again, and what was taken is known as such
        except Exception as error:
            log.exception("a webhook was not taken in", id=hook.id, channel=hook.channel, error=type(error).__name__)
            note = f"not taken in: {type(error).__name__}"
        hook.note = hook.note or note


def line_of(happening: Happening) -> str:
    """What must be taken one after the other has the same line: all of a customer's, all of a sent message's."""
    match happening:
        case CustomerMessage() | Automatic():
            return f"from {happening.inbound.account} {happening.inbound.identity}"
        case Receipt():
            return f"sent {happening.key or happening.provider_id or happening.address}"
        case TemplateChanged():
            return f"template {happening.scope}"
        case AccountNotice():
            return f"account {happening.account}"
        case Unknown():
            return "unknown"
        case _:
            return f"from {happening.account} {getattr(happening, 'address', '')}"


def in_order(line: Sequence[tuple[Delivered, Happening]]) -> list[tuple[Delivered, Happening]]:
    """By the provider's clock where it says a time, and as they came where it says the same."""
    return sorted(line, key=lambda entry: _at(entry[1]))


def _at(happening: Happening) -> float:
    at = getattr(happening, "at", None)
    return at.timestamp() if isinstance(at, datetime) else 0.0


async def _try_lead(connection: psycopg.AsyncConnection[Any]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])
