"""Reads the mailboxes: each new mail is stored raw, then counted as read; one process does it, with one connection a mailbox."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from channels.accounts import ACTIVE, BLOCKED, Accounts, find_account_row, set_state
from channels.base import Account
from channels.email.capabilities import NAME
from channels.email.mailbox import BROKEN, REFUSED, Fetched, Mailbox
from channels.email.models import MailboxRow
from channels.intake import store_delivery
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

_LOCK = 0x6261746F6E0C
LOOK_SECONDS = 3.0
AGAIN_SECONDS = (2.0, 120.0)
OVERLAP = timedelta(days=2)

log = get_logger("mail")


@dataclass
class MailReader:
    """Reads every account of e-mail, until it is cancelled; in one process at a time."""

    database: Database
    accounts: Accounts
    clock: Clock = utc_now
    _tasks: dict[str, tuple[Account, asyncio.Task[None]]] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Leads when nobody else does."""
        try:
            while True:
                try:
                    await self._lead()
                except (psycopg.Error, DBAPIError, OSError, BatonError) as error:
                    log.warning("mail lost the database", error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._stopped.set()
            self._cancel(list(self._tasks))

    async def _lead(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while not await _try_lead(connection):
                await asyncio.sleep(LOOK_SECONDS)
            while True:
                await connection.execute("SELECT 1")  # the lock is ours while this connection lives
                self._mind({a.account: a for a in await self.accounts.of_channel(NAME)})
                await asyncio.sleep(LOOK_SECONDS)

    def _mind(self, known: dict[str, Account]) -> None:
        """A task for each mailbox; a new one where its account has changed."""
        stale = [name for name, (account, task) in self._tasks.items() if _needs_another(account, known.get(name), task)]
        self._cancel(stale)
        for name, account in known.items():
            if name not in self._tasks and account.state != BLOCKED:
                self._tasks[name] = (account, asyncio.create_task(self._follow(account)))

    def _cancel(self, names: list[str]) -> None:
        for name in names:
            _account, task = self._tasks.pop(name)
            task.cancel()

    async def _follow(self, account: Account) -> None:
        pause, most = AGAIN_SECONDS
        while True:
            try:
                await self.read(account, follow=True)
                pause = AGAIN_SECONDS[0]
            except REFUSED as error:
                await self._block(account, str(error))
                return
            except (*BROKEN, psycopg.Error, DBAPIError, BatonError) as error:
                log.warning("a mailbox cannot be read", account=account.account, error=f"{type(error).__name__}: {error}"[:200])
            await asyncio.sleep(pause)
            pause = min(pause * 2, most)

    async def read(self, account: Account, *, follow: bool = False) -> int:
        """Stores what is new; how many mails. `follow`: waits for more until something breaks. Raises REFUSED, BROKEN."""
        stopped = threading.Event()
        mailbox = await asyncio.to_thread(Mailbox, account)
        count = 0
        try:
            while True:
                count += await self._store_new(account, mailbox)
                if not follow:
                    return count
                if mailbox.can_idle:
                    await asyncio.to_thread(mailbox.wait, lambda: stopped.is_set() or self._stopped.is_set())
                else:
                    await asyncio.sleep(float(account.setting("poll_seconds", "60")))
                    await asyncio.to_thread(mailbox.client.noop)
        finally:
            stopped.set()
            await asyncio.shield(asyncio.to_thread(mailbox.close))

    async def _store_new(self, account: Account, mailbox: Mailbox) -> int:
        folder = account.setting("folder", "INBOX")
        mails = await self._new(account, mailbox, folder)
        count = 0
        while True:
            found = await asyncio.to_thread(next, mails, None)
            if found is None:
                return count
            digest = hashlib.sha256(found.raw).hexdigest()
            await store_delivery(self.database, channel=NAME, account=account.account, body=found.raw, delivery=digest)
            await self._remember(account, folder, mailbox.validity, found.uid)
            await asyncio.to_thread(mailbox.mark_seen, found.uid)
            count += 1

    async def _new(self, account: Account, mailbox: Mailbox, folder: str) -> Iterator[Fetched]:
        """What is new: after the last UID. A mailbox that is new to us begins with what comes from now on; one whose numbers were given
        anew is read again from two days before the last look, as repeats are known by their Message-ID."""
        async with self.database.transaction() as session:
            row = await session.get(MailboxRow, (account.account, folder))
        if row is None:
            start = int(account.settings.get("from_uid") or max(mailbox.next_uid, 1))
            await self._remember(account, folder, mailbox.validity, start - 1)
            return mailbox.after(start - 1)
        if row.validity != mailbox.validity:
            log.warning("the mailbox has new numbers", account=account.account)
            return mailbox.since((row.read_at - OVERLAP).date())
        return mailbox.after(row.last_uid)

    async def _remember(self, account: Account, folder: str, validity: int, uid: int) -> None:
        values: dict[str, Any] = {"validity": validity, "last_uid": uid, "read_at": self.clock()}
        statement = insert(MailboxRow).values(account=account.account, folder=folder, **values)
        async with self.database.transaction() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["account", "folder"], set_=values))

    async def _block(self, account: Account, reason: str) -> None:
        """The login is refused: people must mend it, and trying on would lock the mailbox."""
        async with self.database.transaction() as session:
            row = await find_account_row(session, NAME, account.account)
            if row is not None and row.state == ACTIVE:
                await set_state(session, row, BLOCKED, reason=f"IMAP: {reason}"[:300])
        self.accounts.forget()
        log.error("the mailbox refuses the login", account=account.account)


def _needs_another(account: Account, now: Account | None, task: asyncio.Task[None]) -> bool:
    if now is None or task.done():
        return True
    return (account.settings, account.secrets) != (now.settings, now.secrets)


async def _try_lead(connection: psycopg.AsyncConnection[Any]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])
