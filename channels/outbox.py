"""The outbox: queued messages go to their provider in order, once, no faster than it allows; one process at a time does it.

A part is claimed in the database before the request leaves, and its outcome is stored after. Who dies in between leaves a claim: that
part is not sent again, its fate is unknown until a receipt settles it or an agent decides (see docs/decisions/0040-delivery.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import ACTIVE, BLOCKED, OUTBOX, Accounts, find_account_row, set_state
from channels.base import Account, BorrowsAccounts, Channel, Fate, File, Part, Problem, Sending, SendResult
from channels.bundling import Parcel, with_others
from channels.problems import MAX_ATTEMPTS, REACTIONS, Backoff, Reaction
from channels.rates import Rates
from channels.receipts import apply_orphans
from channels.render import render
from channels.sends import Due, Loaded, claim, fail_whole, find_due, load, settle, take_handle
from channels.usual_statements import store_accepted
from channels.window import window_at
from context.ledger import Ledger
from context.types import Author, Content
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

_LOCK = 0x6261746F6E0A
POLL_SECONDS = 0.25
LEAST_PAUSE_SECONDS = 0.01  # what becomes due meanwhile is looked up together
STANDBY_SECONDS = 1.0
LOST_AFTER = timedelta(seconds=25)  # a claim this old belongs to a process that died: no request takes so long
GIVE_UP_AFTER = timedelta(hours=24)
STORE_SECONDS = 120.0
IN_FLIGHT = 32

log = get_logger("outbox")

Files = Callable[[Content], Awaitable[Sequence[File]]]
"""Reads the files of a message."""


async def no_files(_content: Content) -> Sequence[File]:
    """For processes without a blob store."""
    return ()


class Waits(Exception):
    """This conversation has to wait; it is looked at again later."""


@dataclass
class Outbox:
    """Sends what is queued. `run` leads when nobody else does; `drain` is what it does for one conversation."""

    database: Database
    ledger: Ledger
    channels: Mapping[str, Channel]
    accounts: Accounts
    files: Files = no_files
    rates: Rates = field(default_factory=Rates)
    backoff: Backoff = field(default_factory=lambda: Backoff(random.SystemRandom()))
    _busy: dict[tuple[UUID, str, str], asyncio.Task[None]] = field(default_factory=dict)
    _not_before: dict[tuple[UUID, str, str], float] = field(default_factory=dict)
    _flying: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))
    _leading: bool = False

    async def run(self) -> None:
        """Runs until cancelled; connects again after the database was away."""
        try:
            while True:
                try:
                    await self._lead()
                except (psycopg.Error, DBAPIError, BatonError) as error:
                    log.warning("outbox lost the database", error=type(error).__name__)
                self._leading = False
                await asyncio.sleep(STANDBY_SECONDS)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _lead(self) -> None:
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
            while not await _try_lead(connection):
                await asyncio.sleep(STANDBY_SECONDS)
            self._leading = True
            await connection.execute(f"LISTEN {OUTBOX}")
            while True:
                await self.start_due()
                await asyncio.sleep(LEAST_PAUSE_SECONDS)
                async for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

    async def start_due(self) -> int:
        """Starts a task for each conversation in which something may be sent now; returns how many."""
        now, started = time.monotonic(), 0
        for due in await find_due(self.database, stored=self._stored(), lenders=self._lenders(), now=self.ledger.now):
            key = (due.conversation_id, due.channel, due.account)
            if key in self._busy or self._not_before.get(key, 0.0) > now:
                continue
            started += 1
            self._busy[key] = asyncio.create_task(self._guarded(key, due))
        self._not_before = {key: at for key, at in self._not_before.items() if at > now}
        return started

    async def send_all(self) -> None:
        """Sends all that may be sent now, and returns when it is done: for tests and commands."""
        self._leading = True
        while await self.start_due() or self._busy:
            await asyncio.gather(*self._busy.values())

    def _lenders(self) -> dict[str, str]:
        return {name: lender_of(channel) for name, channel in self.channels.items() if isinstance(channel, BorrowsAccounts)}

    def _stored(self) -> list[str]:
        return [name for name, channel in self.channels.items() if channel.sent_when_stored]

    async def _guarded(self, key: tuple[UUID, str, str], due: Due) -> None:
        try:
            await self._drain(due)
        except Waits as waits:
            self._not_before[key] = time.monotonic() + float(waits.args[0])
        except (psycopg.Error, DBAPIError, BatonError, OSError) as error:
            log.warning("sending broke off", conversation=str(due.conversation_id), error=type(error).__name__)
            self._not_before[key] = time.monotonic() + 1.0
        except Exception as error:  # a bug with one message must not stop the others
            log.exception("sending failed", conversation=str(due.conversation_id), error=type(error).__name__)
            self._not_before[key] = time.monotonic() + 10.0
        finally:
            self._busy.pop(key, None)

    async def _drain(self, due: Due) -> None:
        """Sends the messages of a conversation, one after the other, while there are any that may go. Raises Waits."""
        head: Due | None = due
        while head is not None and self._leading:
            await self._send_message(head)
            heads = await find_due(
                self.database, stored=self._stored(), lenders=self._lenders(), now=self.ledger.now, conversation_id=due.conversation_id
            )
            head = next((h for h in heads if (h.channel, h.account) == (due.channel, due.account) and h.id != head.id), None)

    async def _send_message(self, due: Due) -> None:
        loaded = await load(self.database, due.id)
        if loaded is None:
            return
        channel = self.channels.get(due.channel)
        account = await self._account(channel, due)
        if channel is None or account is None or not loaded.addresses:
            async with self.database.transaction() as session:
                await fail_whole(session, self.ledger, due.id, reason="no such channel, account or address")
            return
        parts = await self._render(channel, loaded)
        for number, part in enumerate(parts):
            state = loaded.sends[number]["state"] if number < len(loaded.sends) else None
            if state in {None, "waiting"}:
                await self._send_part(channel, account, Parcel(loaded, part, number, len(parts)))
            elif state == "sending":
                await self._found_claimed(channel, loaded, number)
            elif state in {"failed", "unknown"}:
                return

    async def _render(self, channel: Channel, loaded: Loaded) -> Sequence[Part]:
        content = loaded.message.content
        files = await self.files(content)
        return render(content, channel.capabilities, message_id=loaded.message.id, files=files, specials=channel.specials)

    async def _account(self, channel: Channel | None, due: Due) -> Account | None:
        if channel is None or not channel.needs_account:
            return Account(due.id, due.channel, due.account, due.account)
        return await self.accounts.find(lender_of(channel), due.account)

    async def _found_claimed(self, channel: Channel, loaded: Loaded, number: int) -> None:
        """Somebody claimed this part and did not say what became of it. Raises Waits, in any case."""
        row = loaded.sends[number]
        age = self.ledger.now - datetime.fromisoformat(row["claimed_at"])
        if age < LOST_AFTER:
            raise Waits(1.0)
        fate = Fate.LATER if channel.capabilities.idempotent and not row["once"] else Fate.UNKNOWN
        result = SendResult(fate, reason="the process that sent it died", problem=Problem.UNKNOWN)
        await self._store(loaded, (UUID(row["id"]),), result, next_at=self.ledger.now)
        raise Waits(0.0)

    async def _send_part(self, channel: Channel, account: Account, parcel: Parcel) -> None:
        """One part, from its rate to its stored outcome. Raises Waits when it has to come again."""
        loaded = parcel.loaded
        to, human = loaded.addresses[0], loaded.message.author == Author.AGENT
        window = window_at(channel.capabilities, loaded.last_inbound_at, loaded.free_entry_until, now=self.ledger.now, human=human)
        await self._settled_before(channel, loaded, parcel.number)
        while seconds := self.rates.wait(account, to, channel.capabilities):
            await asyncio.sleep(min(seconds, 5.0))
        if not self._leading:
            raise Waits(0.0)
        async with self._flying:
            attempts = await claim(self.database, loaded, part=parcel.number, parts=parcel.parts, address=to, now=self.ledger.now)
            if attempts is None:
                raise Waits(1.0)
            parcel = await with_others(
                self.database, parcel, channel.capabilities, render=partial(self._render, channel), now=self.ledger.now
            )
            if not window.open and "template" not in parcel.part.special:
                result = SendResult(Fate.FAILED, reason="the message window is closed: send a template", problem=Problem.WINDOW)
            elif to in loaded.blocked:
                result = SendResult(Fate.FAILED, reason="the customer blocked this account", problem=Problem.OPTED_OUT)
            else:
                result = await self._try(channel, await self._sending(channel, account, parcel))
        await self._conclude(account, parcel, result, attempts=attempts)

    async def _sending(self, channel: Channel, account: Account, parcel: Parcel) -> Sending:
        loaded, part, key = parcel.loaded, parcel.part, parcel.key
        to, handle = loaded.addresses[0], None
        if channel.capabilities.reply_handles:
            handle = await take_handle(self.database, loaded, key=key, address=to, now=self.ledger.now)
        reply_to = loaded.reply_to if parcel.number == 0 else None
        late = not window_at(channel.capabilities, loaded.last_inbound_at, loaded.free_entry_until, now=self.ledger.now).open
        return Sending(key, loaded.message, part, to, account, loaded.addresses, reply_to, loaded.language, handle, loaded.place, late)

    async def _try(self, channel: Channel, sending: Sending) -> SendResult:
        try:
            return await channel.send(sending)
        except Exception as error:  # a channel must not raise; if it does, nobody knows what went out
            log.exception("a channel raised", channel=channel.name, error=type(error).__name__)
            return SendResult(Fate.UNKNOWN, reason=f"{type(error).__name__} while sending", problem=Problem.UNKNOWN)

    async def _conclude(self, account: Account, parcel: Parcel, result: SendResult, *, attempts: int) -> None:
        loaded = parcel.loaded
        reaction = REACTIONS[result.problem] if result.problem else None
        pause = self.backoff.seconds(attempts, problem=result.problem, retry_after=result.retry_after)
        if result.fate == Fate.LATER and reaction != Reaction.STOP_ACCOUNT and self._is_too_old(loaded, attempts):
            result = SendResult(
                Fate.FAILED, reason=f"given up after {attempts} tries: {result.reason}", problem=result.problem, code=result.code
            )
        if reaction == Reaction.WAIT_ACCOUNT:
            self.rates.pause(account, None, min(pause, 60.0))
        elif reaction == Reaction.WAIT_PAIR:
            self.rates.pause(account, loaded.addresses[0], pause)
        elif reaction == Reaction.STOP_ACCOUNT:
            await self._block(account, result)
        await self._store(loaded, parcel.keys, result, next_at=self.ledger.now + timedelta(seconds=pause))
        if result.fate == Fate.LATER:
            raise Waits(pause)

    def _is_too_old(self, loaded: Loaded, attempts: int) -> bool:
        return attempts >= MAX_ATTEMPTS or self.ledger.now - loaded.message.at > GIVE_UP_AFTER

    async def _block(self, account: Account, result: SendResult) -> None:
        """The account must be mended by people: nothing is sent until then, and all of it stays queued."""

        async def block(session: AsyncSession) -> None:
            row = await find_account_row(session, account.channel, account.account)
            if row is not None and row.state == ACTIVE:
                await set_state(session, row, BLOCKED, reason=result.reason)

        await self._insist(block)
        self.accounts.forget()
        log.error("account blocked", channel=account.channel, account=account.account, code=result.code)

    async def _store(self, loaded: Loaded, keys: Sequence[UUID], result: SendResult, *, next_at: datetime) -> None:
        """What became of sends that share their fate, in one transaction."""
        channel, message_id = self.channels[loaded.message.channel], loaded.message.id
        if result.fate == Fate.SENT and result.external_id and channel.capabilities.echoes_key and len(keys) == 1:
            with contextlib.suppress(psycopg.Error):  # the other way insists
                if await store_accepted(self.database, self.ledger, message_id=message_id, key=keys[0], provider_id=result.external_id):
                    return
        conversation_id = loaded.message.conversation_id

        async def store(session: AsyncSession) -> None:
            for key in keys:
                await settle(session, self.ledger, conversation_id=conversation_id, key=key, result=result, next_at=next_at)
            if result.external_id is not None:
                await session.flush()
                name = loaded.message.channel
                await apply_orphans(session, self.ledger, channel=name, account=loaded.account, provider_id=result.external_id)

        await self._insist(store)

    async def _insist(self, action: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """A transaction that is tried until the database is back: what is known of a send must not be forgotten."""
        deadline = time.monotonic() + STORE_SECONDS
        while True:
            try:
                async with self.database.transaction() as session:
                    await action(session)
            except (DBAPIError, OSError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.3)
            else:
                return

    async def _settled_before(self, channel: Channel, loaded: Loaded, number: int) -> None:
        """Where the provider keeps no order: waits shortly for the receipt of what was sent just before."""
        patience, fresh = channel.capabilities.settle, number > 0
        if not patience:
            return
        since = None if fresh else loaded.unsettled
        while fresh or (since is not None and self.ledger.now - since < patience):
            await asyncio.sleep(0.0 if fresh else 0.05)
            fresh, again = False, await load(self.database, loaded.message.id)
            since = again.unsettled if again else None


def lender_of(channel: Channel) -> str:
    """The channel whose accounts it sends with."""
    return channel.accounts_of if isinstance(channel, BorrowsAccounts) else channel.name


async def _try_lead(connection: psycopg.AsyncConnection[Any]) -> bool:
    row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
    return bool(row and row[0])
