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

from channels.accounts import Accounts
from channels.base import Account
from channels.email.capabilities import NAME
from channels.email.logins import AS_ENTERED, KEPT, AccessRefusedError, Logins, entered
from channels.email.mailbox import BROKEN, REFUSED, Fetched, Mailbox
from channels.email.models import MailboxRow
from channels.following import AGAIN_SECONDS, Following
from channels.intake import store_delivery
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

_LOCK = 0x6261746F6E0C
OVERLAP = timedelta(days=2)

log = get_logger("mail")


@dataclass
class MailReader:
    """Reads every account of e-mail, until it is cancelled; in one process at a time."""

    database: Database
    accounts: Accounts
    clock: Clock = utc_now
    logins: Logins = AS_ENTERED
    _stopped: threading.Event = field(default_factory=threading.Event)
    following: Following = field(init=False)

    def __post_init__(self) -> None:
        self.following = Following(self.database, self.accounts, NAME, _LOCK, self._follow, lasting)

    async def run(self) -> None:
        """Leads when nobody else does."""
        try:
            await self.following.run()
        finally:
            self._stopped.set()

    async def _follow(self, account: Account) -> None:
        pause, most = AGAIN_SECONDS
        while True:
            try:
                await self.read(account, follow=True)
                pause = AGAIN_SECONDS[0]
            except REFUSED as error:
                await self.following.block(account, f"IMAP: {error}")
                return
            except AccessRefusedError as error:
                await self.following.block(account, error.message)
                return
            except (*BROKEN, psycopg.Error, DBAPIError, BatonError) as error:
                log.warning("a mailbox cannot be read", account=account.account, error=f"{type(error).__name__}: {error}"[:200])
            await asyncio.sleep(pause)
            pause = min(pause * 2, most)

    async def read(self, account: Account, *, follow: bool = False) -> int:
        """Stores what is new; how many mails. `follow`: waits for more until something breaks.

        Raises REFUSED, BROKEN, AccessRefusedError, AccessLaterError.
        """
        stopped = threading.Event()
        mailbox = await entered(self.logins, account, _enter, refusal=REFUSED)
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


def lasting(account: Account) -> object:
    """What only people change: a connection outlives the renewal of its token."""
    return account.settings, {name: value for name, value in account.secrets.items() if name not in KEPT}


async def _enter(account: Account) -> Mailbox:
    return await asyncio.to_thread(Mailbox, account)
