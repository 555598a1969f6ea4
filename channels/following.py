"""Accounts that are asked for what is new, where nobody calls us: one process does it, with one task an account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from channels.accounts import ACTIVE, BLOCKED, Accounts, find_account_row, set_state
from channels.base import Account
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

LOOK_SECONDS = 3.0
AGAIN_SECONDS = (2.0, 120.0)

log = get_logger("follow")


@dataclass
class Following:
    """Keeps `follow` running for each account of a channel that is `wanted` and not blocked; anew where what counts of it changed."""

    database: Database
    accounts: Accounts
    channel: str
    lock: int
    follow: Callable[[Account], Awaitable[None]]
    counts: Callable[[Account], object]
    wanted: Callable[[Account], bool] = lambda _account: True
    _tasks: dict[str, tuple[Account, asyncio.Future[None]]] = field(default_factory=dict)

    async def run(self) -> None:
        """Leads when nobody else does, until cancelled."""
        try:
            while True:
                try:
                    await self._lead()
                except (psycopg.Error, DBAPIError, OSError, BatonError) as error:
                    log.warning("lost the database", channel=self.channel, error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._cancel(list(self._tasks))

    async def _lead(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while not await _try_lead(connection, self.lock):
                await asyncio.sleep(LOOK_SECONDS)
            while True:
                await connection.execute("SELECT 1")  # the lock is ours while this connection lives
                self.mind({a.account: a for a in await self.accounts.of_channel(self.channel) if self.wanted(a)})
                await asyncio.sleep(LOOK_SECONDS)

    def mind(self, known: dict[str, Account]) -> None:
        """A task for each account; a new one where its account has changed or the task has ended."""
        self._cancel([name for name, (account, task) in self._tasks.items() if task.done() or self._changed(account, known.get(name))])
        for name, account in known.items():
            if name not in self._tasks and account.state != BLOCKED:
                self._tasks[name] = (account, asyncio.ensure_future(self.follow(account)))

    def _changed(self, account: Account, now: Account | None) -> bool:
        return now is None or self.counts(account) != self.counts(now)

    def _cancel(self, names: list[str]) -> None:
        for name in names:
            _account, task = self._tasks.pop(name)
            task.cancel()

    async def block(self, account: Account, reason: str) -> None:
        """The provider lets us in no more: people must mend it, and asking on would make it worse."""
        async with self.database.transaction() as session:
            row = await find_account_row(session, self.channel, account.account)
            if row is not None and row.state == ACTIVE:
                await set_state(session, row, BLOCKED, reason=reason[:300])
        self.accounts.forget()
        log.error("account blocked", channel=self.channel, account=account.account)


async def _try_lead(connection: psycopg.AsyncConnection[Any], lock: int) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,))).fetchone()
    return bool(row and row[0])
