"""Calls about conversations at Chatwoot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from channels.base import Account, AccountIncompleteError
from channels.calling import Caller

BOT, PERSON = "token", "person_token"
WRONG = (httpx.HTTPError, httpx.InvalidURL, AccountIncompleteError)


@dataclass
class ChatwootApi:
    """What a bot's token may do; labels want that of a person."""

    caller: Caller = field(default_factory=Caller)

    async def post(self, account: Account, conversation: str, path: str, *, as_: str = BOT, **content: Any) -> httpx.Response:
        """One call about a conversation; the answer whatever it is. Raises httpx.HTTPError, AccountIncompleteError."""
        return await self._client(account).post(_url(account, conversation, path), headers=_token(account, as_), **content)

    async def get(self, account: Account, conversation: str, path: str, *, as_: str = BOT) -> httpx.Response:
        """The same, reading."""
        return await self._client(account).get(_url(account, conversation, path), headers=_token(account, as_))

    def _client(self, account: Account) -> httpx.AsyncClient:
        if not (base := account.setting("base_url")):
            raise AccountIncompleteError(f"The account {account.channel}/{account.account} has no base_url", hint="baton channel set")
        return self.caller.client(base)


def _url(account: Account, conversation: str, path: str) -> str:
    return f"/api/v1/accounts/{account.account}/conversations/{conversation}/{path}"


def _token(account: Account, which: str) -> dict[str, str]:
    return {"api_access_token": account.secret(which)}
