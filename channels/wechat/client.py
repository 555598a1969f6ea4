"""WeChat's API: one access token for an account, cached and fetched anew in time; messages and files."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

from channels.base import Account, File, MediaGoneError
from channels.calling import Caller, json_of
from channels.wechat.errors import STALE, WORDS
from kit.errors import BatonError

API = "https://api.weixin.qq.com"
EARLY = 300.0  # seconds before its end a token is replaced


class WeChatError(BatonError):
    """WeChat refused a call."""

    status = 502

    def __init__(self, code: int, words: str) -> None:
        self.number = code
        super().__init__(WORDS.get(code) or f"{code}: {words}"[:300])


@dataclass
class Held:
    """An access token and until when it holds (monotonic seconds)."""

    token: str
    until: float


@dataclass
class WeChatApi:
    """Calls for any account. The stable token of WeChat is the same for all processes that ask for it, so each may keep its own copy."""

    caller: Caller = field(default_factory=Caller)
    _held: dict[tuple[str, str], Held] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def token(self, account: Account, *, instead_of: str | None = None) -> str:
        """The access token; another one than `instead_of`, which was refused. Raises WeChatError, httpx.HTTPError."""
        key = (account.account, account.secret("app_secret"))
        async with self._locks[account.account]:
            held = self._held.get(key)
            if held is None or held.until < time.monotonic() or held.token == instead_of:
                self._held[key] = held = await self._fresh(account, force=instead_of is not None)
            return held.token

    async def _fresh(self, account: Account, *, force: bool) -> Held:
        body = {
            "grant_type": "client_credential", "appid": account.setting("app_id"), "secret": account.secret("app_secret"),
            "force_refresh": force,
        }  # fmt: skip
        answer = json_of(await self._client(account).post("/cgi-bin/stable_token", json=body))
        if not answer.get("access_token"):
            raise WeChatError(int(answer.get("errcode") or -1), str(answer.get("errmsg") or "no token"))
        return Held(str(answer["access_token"]), time.monotonic() + float(answer.get("expires_in") or 7200) - EARLY)

    async def post(self, account: Account, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One call with JSON in UTF-8 (escaped letters would be shown escaped). Raises WeChatError, httpx.HTTPError."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._call(account, "POST", path, content=content, headers={"Content-Type": "application/json; charset=utf-8"})

    async def upload(self, account: Account, file: File) -> str:
        """Uploads a file, kept for three days; its id. Raises WeChatError, httpx.HTTPError."""
        kind = {"image": "image", "video": "video"}.get(file.kind, "voice")
        files = {"media": (file.name, file.data, file.type)}
        return str((await self._call(account, "POST", "/cgi-bin/media/upload", params={"type": kind}, files=files))["media_id"])

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a customer's file. Raises MediaGoneError, WeChatError, httpx.HTTPError."""
        token = await self.token(account)
        for again in (True, False):
            data, wrong = await self._download(account, token, source, max_bytes)
            if wrong is None:
                return data
            if wrong.number not in STALE or not again:
                if wrong.number in {40007, 40004}:
                    raise MediaGoneError(wrong.message)
                raise wrong
            token = await self.token(account, instead_of=token)
        raise MediaGoneError("The file cannot be fetched")

    async def _download(self, account: Account, token: str, media_id: str, max_bytes: int) -> tuple[bytes, WeChatError | None]:
        data = bytearray()
        params = {"access_token": token, "media_id": media_id}
        async with self._client(account).stream("GET", "/cgi-bin/media/get", params=params) as answer:
            answer.raise_for_status()
            is_json = answer.headers.get("content-type", "").startswith(("application/json", "text/plain"))
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > max_bytes:
                    raise MediaGoneError(f"The file is larger than {max_bytes:,} bytes")
        if is_json:
            try:
                found = json.loads(bytes(data))
            except ValueError:
                return bytes(data), None
            return b"", WeChatError(int(found.get("errcode") or -1), str(found.get("errmsg")))
        return bytes(data), None

    async def _call(self, account: Account, method: str, path: str, **content: Any) -> dict[str, Any]:
        """A call; where the token is stale, once more with a fresh one."""
        token = await self.token(account)
        params = content.pop("params", {})
        for again in (True, False):
            answer = await self._client(account).request(method, path, params=params | {"access_token": token}, **content)
            answer.raise_for_status()
            found = json_of(answer)
            code = int(found.get("errcode") or 0)
            if code == 0 and found:
                return found
            if code not in STALE or not again:
                raise WeChatError(code or -1, str(found.get("errmsg") or "no answer that can be read"))
            token = await self.token(account, instead_of=token)
        raise AssertionError

    def _client(self, account: Account) -> httpx.AsyncClient:
        return self.caller.client(account.setting("base_url", API))

    async def test(self, account: Account) -> str:
        """Asks for an access token; a sentence. Raises WeChatError."""
        try:
            await self.token(account)
        except httpx.HTTPError as error:
            return f"No answer: {type(error).__name__}."
        return "It works: WeChat gave an access token."
