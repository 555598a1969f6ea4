"""Accounts of channels: kept with sealed secrets, looked up by the name that the provider gives them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Account
from channels.models import ChannelAccountRow
from kit.clock import utc_now
from kit.db import Database
from kit.errors import ConflictError, NotFoundError
from kit.sealing import Sealer

ACTIVE, PAUSED, BLOCKED = "active", "paused", "blocked"
OUTBOX = "baton_outbox"  # NOTIFY: something may be sent


def about(channel: str, account: str) -> str:
    """What the secrets of an account are bound to."""
    return f"{channel}/{account}"


async def add_account(session: AsyncSession, sealer: Sealer, account: Account, *, replace: bool = False) -> ChannelAccountRow:
    """Stores an account (its `id` is used for a new one). Raises ConflictError when it is there and `replace` is not said."""
    row = await find_account_row(session, account.channel, account.account)
    if row is not None and not replace:
        raise ConflictError(f"There is an account {account.channel}/{account.account} already", hint="baton channel set changes it.")
    if row is None:
        row = ChannelAccountRow(id=account.id, channel=account.channel, account=account.account)
        session.add(row)
    row.name, row.settings, row.state, row.reason = account.name, dict(account.settings), account.state, None
    row.sealed = seal_secrets(row, sealer, account.secrets)
    row.changed_at = utc_now()
    await session.flush()
    return row


def seal_secrets(row: ChannelAccountRow, sealer: Sealer, secrets: Mapping[str, str]) -> str:
    """The secrets as an account keeps them."""
    return sealer.seal(json.dumps(dict(secrets)).encode(), about=about(row.channel, row.account))


async def find_account_row(session: AsyncSession, channel: str, account: str) -> ChannelAccountRow | None:
    """The stored account, or None."""
    query = select(ChannelAccountRow).where(ChannelAccountRow.channel == channel, ChannelAccountRow.account == account)
    return (await session.execute(query)).scalar_one_or_none()


async def get_account_row(session: AsyncSession, channel: str, account: str) -> ChannelAccountRow:
    """The stored account. Raises NotFoundError."""
    row = await find_account_row(session, channel, account)
    if row is None:
        raise NotFoundError(f"There is no account {channel}/{account}", hint="baton channel list shows those there are.")
    return row


async def list_account_rows(session: AsyncSession) -> list[ChannelAccountRow]:
    """All accounts, by channel and name."""
    query = select(ChannelAccountRow).order_by(ChannelAccountRow.channel, ChannelAccountRow.name)
    return list((await session.execute(query)).scalars())


async def set_state(session: AsyncSession, row: ChannelAccountRow, state: str, *, reason: str | None = None) -> None:
    """Pauses, blocks or resumes an account. What waits to be sent stays queued meanwhile."""
    row.state, row.reason, row.changed_at = state, reason, utc_now()
    await wake_outbox(session)


async def wake_outbox(session: AsyncSession) -> None:
    """Tells whoever sends that there may be something to send, when the transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": OUTBOX})


def open_account(row: ChannelAccountRow, sealer: Sealer) -> Account:
    """The account with its secrets. Raises SealedError."""
    secrets = json.loads(sealer.open(row.sealed, about=about(row.channel, row.account))) if row.sealed else {}
    return Account(row.id, row.channel, row.account, row.name, row.state, dict(row.settings), secrets)


@dataclass
class Accounts:
    """The accounts as one process knows them: read again when older than `seconds`, so that changes are seen soon without a restart."""

    database: Database
    sealer: Sealer
    seconds: float = 1.0
    _known: dict[tuple[str, str], Account] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _forgotten: int = 0

    async def find(self, channel: str, account: str) -> Account | None:
        """The account, or None."""
        await self._refresh()
        return self._known.get((channel, account))

    async def of_channel(self, channel: str) -> list[Account]:
        """All accounts of a channel."""
        await self._refresh()
        return [a for a in self._known.values() if a.channel == channel]

    def forget(self) -> None:
        """Reads anew at the next question."""
        self._read_at = float("-inf")
        self._forgotten += 1

    async def _refresh(self) -> None:
        """One reads, and the others go on with what is known, unless that is nothing or was to be forgotten."""
        if self._is_fresh() or (self._reading.locked() and self._read_at > float("-inf") and self.seconds):
            return
        async with self._reading:
            if self._is_fresh():
                return
            began, forgotten = time.monotonic(), self._forgotten
            async with self.database.transaction() as session:
                rows = await list_account_rows(session)
            self._known = {(row.channel, row.account): open_account(row, self.sealer) for row in rows}
            self._read_at = began if forgotten == self._forgotten else float("-inf")

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < self.seconds
