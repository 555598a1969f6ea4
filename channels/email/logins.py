"""What a mailbox is entered with: its password, or an access token that is renewed by the refresh token (RFC 6749, section 6).

A token is kept sealed with its account, so that every process uses the same one and a refresh token that counts once is not lost: whoever
renews it holds the account's row meanwhile.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import get_account_row, open_account, seal_secrets
from channels.base import Account
from channels.calling import Caller, is_local, json_of
from channels.models import ChannelAccountRow
from kit.db import Database
from kit.errors import BatonError, InvalidInputError
from kit.sealing import Sealer

T = TypeVar("T")
ENDPOINTS = {
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
}
SCOPES = {"microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"}
EARLY = 120.0  # seconds before its end a token is replaced
USUAL_SECONDS = 3600.0
TOKEN, UNTIL, MADE_OF = "access_token", "access_until", "access_made_of"
KEPT = (TOKEN, UNTIL, MADE_OF, "refresh_token")
"""Secrets that a renewal writes."""


class AccessRefusedError(BatonError):
    """The mail provider does not renew the access: people must allow it again."""


class AccessLaterError(BatonError):
    """The mail provider gives no access token now."""


class Logins(Protocol):
    """Who knows what a mailbox is entered with now."""

    async def ready(self, account: Account, *, refused: str | None = None) -> Account:
        """The account with a password or access token that holds; not the `refused` one. Raises AccessRefusedError, AccessLaterError."""


@dataclass(frozen=True)
class LoginsAsEntered:
    """For processes without a database: what stands in the account."""

    async def ready(self, account: Account, *, refused: str | None = None) -> Account:  # noqa: ARG002 - the port's shape
        """The account as it is."""
        return account


AS_ENTERED = LoginsAsEntered()


def renews(account: Account) -> bool:
    """Whether the account's access token is made of a refresh token."""
    return account.setting("auth") == "xoauth2" and bool(account.secrets.get("refresh_token"))


async def entered(logins: Logins, account: Account, enter: Callable[[Account], Awaitable[T]], *, refusal: type[Exception]) -> T:
    """What `enter` gives with a login that holds; a token that is refused before its time is renewed, once. Raises what both raise."""
    known = await logins.ready(account)
    try:
        return await enter(known)
    except refusal:
        if not renews(account):
            raise
        return await enter(await logins.ready(account, refused=known.secret("password")))


@dataclass
class KeptLogins:
    """Renews access tokens and keeps them. One process asks once, however many want a token; of several processes one asks."""

    database: Database
    sealer: Sealer
    caller: Caller = field(default_factory=Caller)
    now: Callable[[], float] = time.time
    _locks: dict[UUID, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def ready(self, account: Account, *, refused: str | None = None) -> Account:
        """The account with an access token that holds as its password, where it has a refresh token; else as it is.

        Raises AccessRefusedError, AccessLaterError, NotFoundError, SealedError.
        """
        if not renews(account):
            return account
        if held := self._held(account, refused):
            return held
        async with self._locks[account.id], self.database.transaction() as session:
            row = await get_account_row(session, account.channel, account.account)
            await session.refresh(row, with_for_update=True)
            known = open_account(row, self.sealer)
            return self._held(known, refused) or await self._renew(session, row, known)

    def _held(self, account: Account, refused: str | None) -> Account | None:
        """The account with its kept token, if that is of these credentials, holds long enough and was not refused."""
        token = account.secrets.get(TOKEN)
        made_of, until = account.secrets.get(MADE_OF), float(account.secrets.get(UNTIL) or 0.0)
        if not token or token == refused or made_of != _credentials(account) or until - EARLY < self.now():
            return None
        return replace(account, secrets={**account.secrets, "password": token})

    async def _renew(self, session: AsyncSession, row: ChannelAccountRow, account: Account) -> Account:
        answer = await self._ask(account)
        seconds = answer.get("expires_in")
        until = self.now() + (float(seconds) if isinstance(seconds, int | float) else USUAL_SECONDS)
        secrets = {**account.secrets, TOKEN: str(answer["access_token"]), UNTIL: str(until)}
        if answer.get("refresh_token"):
            secrets["refresh_token"] = str(answer["refresh_token"])
        secrets[MADE_OF] = _credentials(replace(account, secrets=secrets))
        row.sealed = seal_secrets(row, self.sealer, secrets)
        await session.flush()
        return replace(account, secrets={**secrets, "password": secrets[TOKEN]})

    async def _ask(self, account: Account) -> Mapping[str, object]:
        url = endpoint_of(account)
        named = {
            "grant_type": "refresh_token", "refresh_token": account.secret("refresh_token"), "client_id": account.setting("client_id"),
            "client_secret": account.secrets.get("client_secret"), "scope": scope_of(account),
        }  # fmt: skip
        form = {name: value for name, value in named.items() if value}
        try:
            answer = await self.caller.client(url).post(url, data=form, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise AccessLaterError(f"The token endpoint does not answer: {type(error).__name__}") from None
        found = json_of(answer)
        if answer.status_code == 200 and found.get("access_token"):
            return found
        said = _said(found) or f"answered {answer.status_code}"
        if answer.status_code in {408, 429} or answer.status_code >= 500 or found.get("error") == "temporarily_unavailable":
            raise AccessLaterError(f"The token endpoint gives no access token now ({said})")
        raise AccessRefusedError(f"The mail provider does not renew the access ({said}). Allow it again and enter the new refresh token.")


def endpoint_of(account: Account) -> str:
    """Where the account's tokens are renewed. Raises InvalidInputError: a refresh token leaves this machine encrypted, or not at all."""
    named = account.setting("token_url", "google")
    url = ENDPOINTS.get(named, named)
    if not url.startswith("https://") and not (url.startswith("http://") and is_local(url)):
        raise InvalidInputError(f"{named[:100]} is no token endpoint", hint="google, microsoft, or an https address.")
    return url


def scope_of(account: Account) -> str:
    """What is asked for: as it is set, else what the provider needs for IMAP and SMTP."""
    return account.setting("scope", SCOPES.get(account.setting("token_url"), ""))


def _credentials(account: Account) -> str:
    """What a token was made of: another refresh token, client or user needs another one."""
    parts = [account.setting(name) for name in ("token_url", "client_id", "scope", "user")] + [account.secrets.get("refresh_token")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _said(answer: Mapping[str, object]) -> str:
    """The refusal in the endpoint's words: one line, no longer than people read."""
    words = [str(answer.get(name) or "") for name in ("error", "error_description")]
    return " ".join(": ".join(w for w in words if w).split())[:160]
