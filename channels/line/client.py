"""A thin client of the Messaging API: reply, push, content, the webhook's address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from channels.base import Account, MediaGoneError
from channels.calling import Caller, json_of
from kit.errors import BatonError

API, DATA = "https://api.line.me", "https://api-data.line.me"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class LineError(BatonError):
    """LINE refused a call."""

    status = 502


@dataclass
class LineApi:
    """Calls for any account."""

    caller: Caller = field(default_factory=Caller)

    async def reply(self, account: Account, token: str, messages: list[dict[str, Any]]) -> httpx.Response:
        """An answer with the token of a message: free, once, and soon. Raises httpx.HTTPError, AccountIncompleteError."""
        return await self._post(account, "/v2/bot/message/reply", {"replyToken": token, "messages": messages}, {})

    async def push(self, account: Account, to: str, messages: list[dict[str, Any]], *, key: UUID) -> httpx.Response:
        """A message at any time; the same key is sent once. Raises httpx.HTTPError, AccountIncompleteError."""
        return await self._post(account, "/v2/bot/message/push", {"to": to, "messages": messages}, {"X-Line-Retry-Key": str(key)})

    async def _post(self, account: Account, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        client = self.caller.client(account.setting("base_url", API))
        return await client.post(path, json=body, headers=headers | _bearer(account))

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a customer's file. While LINE still works on it, it comes later. Raises MediaGoneError, httpx.HTTPError."""
        if not _ID.fullmatch(source):
            raise MediaGoneError("This is no message of LINE")
        base = account.setting("data_url", account.setting("base_url", DATA))
        return await self.caller.download(base, f"/v2/bot/message/{source}/content", max_bytes=max_bytes, auth=_bearer(account))

    async def name_of(self, account: Account, address: str) -> str | None:
        """The name in a customer's profile. Raises LineError, httpx.HTTPError."""
        if not _ID.fullmatch(address):
            return None
        return str((await self._ask(account, "GET", f"/v2/bot/profile/{address}")).get("displayName") or "") or None

    async def connect(self, account: Account, url: str) -> str:
        """Enters our webhook and lets LINE try it. Raises LineError, httpx.HTTPError."""
        await self._ask(account, "PUT", "/v2/bot/channel/webhook/endpoint", {"endpoint": url})
        tried = await self._ask(account, "POST", "/v2/bot/channel/webhook/test", {})
        answer = "and was answered" if tried.get("success") else f"but its test says: {tried.get('reason') or tried.get('statusCode')}"
        return f"LINE calls {url} from now on, {answer}. Switch on 'Use webhook' and 'Webhook redelivery' in LINE Developers."

    async def test(self, account: Account) -> str:
        """Whether the token is good, and how much of the month's messages is used."""
        info = await self._ask(account, "GET", "/v2/bot/info")
        quota = await self._ask(account, "GET", "/v2/bot/message/quota")
        used = await self._ask(account, "GET", "/v2/bot/message/quota/consumption")
        limit = quota.get("value", "any number of")
        other = "" if info.get("userId") == account.account else f" Its user id is {info.get('userId')}: name the account so."
        return f"{info.get('displayName')} works; {used.get('totalUsage')} of {limit} messages of this month are used.{other}"

    async def _ask(self, account: Account, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        client = self.caller.client(account.setting("base_url", API))
        answer = await client.request(method, path, json=body, headers=_bearer(account))
        if not answer.is_success:
            raise LineError(f"LINE answered {answer.status_code}: {json_of(answer).get('message', '')}")
        return json_of(answer)


def _bearer(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.secret('token')}"}
