"""A thin client of the Bot API: methods, files, the webhook. The token stands in every address, so no address is ever logged or shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from channels.base import Account, MediaGoneError
from channels.calling import Caller, json_of
from channels.telegram.capabilities import DOWNLOAD_MAX, UPDATES
from kit.errors import BatonError, InvalidInputError

API = "https://api.telegram.org"
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./ -]*")


class BotApiError(BatonError):
    """Telegram refused a call."""

    status = 502


@dataclass
class BotApi:
    """Calls for any account."""

    caller: Caller = field(default_factory=Caller)

    async def call(self, account: Account, method: str, **content: Any) -> httpx.Response:
        """One call; the answer whatever it is. Raises httpx.HTTPError, AccountIncompleteError."""
        return await self.caller.client(_base(account)).post(f"/bot{account.secret('token')}/{method}", **content)

    async def get(self, account: Account, method: str, **values: Any) -> Any:
        """The result of a call. Raises BotApiError, httpx.HTTPError."""
        answer = await self.call(account, method, json=values)
        found = json_of(answer)
        if not found.get("ok"):
            raise BotApiError(f"{method}: {found.get('description') or answer.status_code}")
        return found["result"]

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a customer's file; Telegram gives at most 20 MB. Raises MediaGoneError, httpx.HTTPError."""
        most = min(max_bytes, DOWNLOAD_MAX)
        answer = await self.call(account, "getFile", json={"file_id": source})
        found = json_of(answer)
        if not found.get("ok"):
            if answer.status_code == 400:
                raise MediaGoneError(str(found.get("description") or "Telegram has no such file"))
            raise BotApiError(f"getFile answered {answer.status_code}")
        if int(found["result"].get("file_size") or 0) > most:
            raise MediaGoneError(f"The file is larger than {most:,} bytes")
        path = str(found["result"]["file_path"])
        if not _PATH.fullmatch(path) or ".." in path:
            raise MediaGoneError("Telegram names no path that can be fetched")
        return await self.caller.download(_base(account), f"/file/bot{account.secret('token')}/{path}", max_bytes=most)

    async def connect(self, account: Account, url: str) -> str:
        """Enters our webhook, with the secret that comes back in each. Raises InvalidInputError, BotApiError, httpx.HTTPError."""
        if is_polled(account):
            return "The bot is polled (polling=on): there is nothing to be entered at Telegram."
        secret = account.secret("secret_token")
        if not _SECRET.fullmatch(secret):
            raise InvalidInputError(
                "The secret_token is 16 to 256 letters, digits, _ and -", hint="baton channel set --secret secret_token"
            )
        await self.get(account, "setWebhook", url=url, secret_token=secret, allowed_updates=list(UPDATES), max_connections=40)
        return f"Telegram calls {url} from now on."

    async def test(self, account: Account) -> str:
        """Whether the token is good, and what Telegram says of the webhook."""
        me = await self.get(account, "getMe")
        hook = await self.get(account, "getWebhookInfo")
        trouble = f", last error: {hook['last_error_message']}" if hook.get("last_error_message") else ""
        where = hook.get("url") or ("nowhere, as it is polled" if is_polled(account) else "nowhere: baton channel connect")
        return f"@{me.get('username')} works; webhooks go to {where}, {hook.get('pending_update_count', 0)} wait{trouble}."


def is_polled(account: Account) -> bool:
    """Whether we ask Telegram for updates, instead of being called."""
    return account.setting("polling") == "on"


def _base(account: Account) -> str:
    return account.setting("base_url", API)
