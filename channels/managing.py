"""Accounts of channels as people manage them: added, changed, tried and removed, each change in the record of changes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import ACTIVE, BLOCKED, PAUSED, add_account, open_account, seal_secrets, set_state, wake_outbox
from channels.base import Account, AccountForm, Connector
from channels.email import capabilities as email
from channels.email.models import MailboxRow
from channels.models import ChannelAccountRow
from channels.registry import ACCOUNTS, account_tests, connectors
from context.staff.audit import Subject, record_change_of
from kit.clock import Clock, utc_now
from kit.errors import InvalidInputError, NotFoundError, UnavailableError
from kit.sealing import SealedError, Sealer

COMMAND_LINE = ("", "command line")
MOST = 4000  # letters of one value
_NAME = re.compile(r"[^\s/?#%\\]{1,200}")
By = tuple[str, str]
"""Who changes something: an id and a name."""


@dataclass(frozen=True)
class Entered:
    """What somebody entered. An empty setting is removed, an empty secret stays as it is; `cleared`: optional secrets to be removed."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cleared: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Managing:
    """What managing accounts needs. `hook` gives the address of an account's webhook."""

    sealer: Sealer
    hook: Callable[[str, str], str]
    forms: Mapping[str, AccountForm] = field(default_factory=lambda: ACCOUNTS)
    testers: Mapping[str, Callable[[Account], Awaitable[str]]] = field(default_factory=account_tests)
    connectors: Mapping[str, Connector] = field(default_factory=connectors)
    clock: Clock = utc_now

    def form_of(self, channel: str) -> AccountForm:
        """What an account of the channel is made of. Raises InvalidInputError."""
        if channel not in self.forms:
            raise InvalidInputError(f"{channel!r} is no channel with accounts", hint=f"Known are {', '.join(self.forms)}.")
        return self.forms[channel]

    async def add(self, session: AsyncSession, by: By, *, channel: str, account: str, entered: Entered) -> tuple[Account, dict[str, str]]:
        """Stores a new account; itself, and the secrets that were made for it. Raises InvalidInputError, ConflictError."""
        form, account = self.form_of(channel), account.strip()
        if not _NAME.fullmatch(account):
            raise InvalidInputError("An account needs a name without spaces and slashes", hint=form.account)
        settings, secrets = _checked(form, entered)
        filled = form.fill(secrets)
        _complete(form, channel, settings, filled)
        made = Account(uuid4(), channel, account, entered.name.strip() or account, settings=settings, secrets=filled)
        row = await add_account(session, self.sealer, made)
        await self._record(session, by, "channel.added", row, {"settings": sorted(settings), "secrets": sorted(filled)})
        return made, {name: value for name, value in filled.items() if name in form.made and not secrets.get(name)}

    async def change(self, session: AsyncSession, by: By, account_id: UUID, entered: Entered) -> None:
        """Changes name, settings and secrets; a blocked account becomes active, as this is its mending. Raises BatonError."""
        row = await self.locked(session, account_id)
        form = self.form_of(row.channel)
        settings, secrets = _checked(form, entered)
        if entered.cleared - form.optional:
            raise InvalidInputError(f"{sorted(entered.cleared - form.optional)[0]} cannot be left out")
        others = {name: value for name, value in row.settings.items() if name not in form.settings}
        known = self._kept(row, form, secrets)
        kept = {name: value for name, value in {**known, **secrets}.items() if name not in entered.cleared}
        _complete(form, row.channel, settings, kept)
        before = {name: str(value) for name, value in row.settings.items() if name in form.settings}
        changed = sorted(name for name in form.settings if before.get(name, "") != settings.get(name, ""))
        row.name, row.settings, row.sealed = (
            entered.name.strip() or row.account,
            {**others, **settings},
            seal_secrets(row, self.sealer, kept),
        )
        if row.state == BLOCKED:
            row.state, row.reason = ACTIVE, None
        row.changed_at = self.clock()
        await wake_outbox(session)
        await self._record(session, by, "channel.changed", row, {"settings": changed, "secrets": sorted({*secrets, *entered.cleared})})

    async def remove(self, session: AsyncSession, by: By, account_id: UUID) -> None:
        """Forgets an account with its secrets. Conversations stay; what waits to be sent on it is told as not sent."""
        row = await self.locked(session, account_id)
        if row.channel == email.NAME:
            await session.execute(delete(MailboxRow).where(MailboxRow.account == row.account))
        await self._record(session, by, "channel.removed", row, {})
        await session.delete(row)
        await wake_outbox(session)

    async def switch(self, session: AsyncSession, by: By, row: ChannelAccountRow, *, paused: bool) -> None:
        """Pauses an account, or lets it send again."""
        await set_state(session, row, PAUSED if paused else ACTIVE)
        await self._record(session, by, "channel.paused" if paused else "channel.resumed", row, {})

    async def test(self, known: Account) -> str:
        """Asks the provider whether the account works: what it said. Raises BatonError."""
        tester = self.testers.get(known.channel)
        return await _asked(tester(known)) if tester else "There is nothing to ask on this channel."

    async def connect(self, known: Account) -> str:
        """Enters the webhook's address at the provider, where that can be done. Raises BatonError."""
        connector, address = self.connectors.get(known.channel), self.hook(known.channel, known.account)
        return await _asked(connector.connect(known, address)) if connector else f"Enter {address} at the provider by hand."

    async def locked(self, session: AsyncSession, account_id: UUID) -> ChannelAccountRow:
        """The stored account, locked. Raises NotFoundError."""
        row = await session.get(ChannelAccountRow, account_id, with_for_update=True)
        if row is None:
            raise NotFoundError("There is no such account")
        return row

    def _kept(self, row: ChannelAccountRow, form: AccountForm, secrets: Mapping[str, str]) -> dict[str, str]:
        """The secrets so far; none where their key is lost and all that are needed are entered anew. Raises SealedError."""
        try:
            return dict(open_account(row, self.sealer).secrets)
        except SealedError:
            if _all_anew(form, secrets):
                return {}
            raise

    async def _record(self, session: AsyncSession, by: By, action: str, row: ChannelAccountRow, details: Mapping[str, object]) -> None:
        subject = Subject("channel", str(row.id), f"{row.channel} {row.name}")
        await record_change_of(session, by, action, subject, at=self.clock(), details=details)


def _checked(form: AccountForm, entered: Entered) -> tuple[dict[str, str], dict[str, str]]:
    settings = {name: value.strip() for name, value in entered.settings.items() if value.strip()}
    secrets = {name: value.strip() for name, value in entered.secrets.items() if value.strip()}
    form.check(settings)
    unknown = [name for name in secrets if name not in form.secrets]
    if unknown:
        raise InvalidInputError(f"{unknown[0]!r} is no secret", hint=f"Known are {', '.join(form.secrets)}.")
    long = [name for name, value in {**settings, **secrets}.items() if len(value) > MOST or not value.isprintable()]
    if long:
        raise InvalidInputError(f"{long[0]} is one line of at most {MOST} letters")
    return settings, secrets


def _complete(form: AccountForm, channel: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    missing = form.missing(settings, secrets)
    if missing:
        asked = [name for name in (*form.settings, *form.secrets) if name not in form.optional]
        raise InvalidInputError(f"Missing: {', '.join(missing)}", hint=f"{channel} asks for {', '.join(asked)}.")


def _all_anew(form: AccountForm, secrets: Mapping[str, str]) -> bool:
    """Whether every needed secret was entered, or what stands in for it."""
    return all(secrets.get(name) or secrets.get(form.instead.get(name, "")) for name in form.secrets if name not in form.optional)


async def _asked(answer: Awaitable[str]) -> str:
    try:
        return await answer
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise UnavailableError(f"The provider does not answer: {type(error).__name__}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UnavailableError(f"What answers there is not this provider: {type(error).__name__}") from None
