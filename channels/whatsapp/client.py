"""A thin client of the Graph API for WhatsApp on httpx: messages, media, templates. It decides nothing."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels.base import Account, File, MediaGoneError
from kit.errors import BatonError

GRAPH = "https://graph.facebook.com"
VERSION = "v26.0"
SECONDS = httpx.Timeout(15.0, connect=5.0)
MEDIA_HOSTS = ("fbsbx.com", "fbcdn.net", "whatsapp.net", "facebook.com")
AGENT = "Baton"


class GraphError(BatonError):
    """Meta refused a call."""

    status = 502

    def __init__(self, answer: httpx.Response) -> None:
        self.error = error_of(answer) or {}
        self.answered = answer.status_code
        super().__init__(str(self.error.get("message") or f"Meta answered {answer.status_code}")[:300])


def error_of(answer: httpx.Response) -> dict[str, Any] | None:
    """The error object of an answer, or None where there is none."""
    try:
        found = answer.json().get("error")
    except (ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


@dataclass
class GraphClient:
    """Calls for any account. `transport` replaces the network in tests."""

    transport: httpx.AsyncBaseTransport | None = None
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def call(self, account: Account, method: str, path: str, **content: Any) -> httpx.Response:
        """One call; the answer whatever it is. Raises httpx.HTTPError."""
        version = account.setting("version", VERSION)
        params = dict(content.pop("params", {})) | self._proof(account)
        client = self._client(account)
        return await client.request(method, f"/{version}/{path}", headers=self._headers(account), params=params, **content)

    async def upload(self, account: Account, file: File) -> str:
        """Uploads a file; its id, kept 30 days. Raises GraphError, httpx.HTTPError."""
        data = {"messaging_product": "whatsapp", "type": file.type}
        answer = await self.call(account, "POST", f"{account.account}/media", data=data, files={"file": (file.name, file.data, file.type)})
        if not answer.is_success:
            raise GraphError(answer)
        return str(answer.json()["id"])

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a customer's file. Raises MediaGoneError, GraphError, httpx.HTTPError."""
        answer = await self.call(account, "GET", source, params={"phone_number_id": account.account})
        if not answer.is_success:
            if answer.status_code in {400, 404}:
                raise MediaGoneError(GraphError(answer).message)
            raise GraphError(answer)
        found = answer.json()
        if int(found.get("file_size") or 0) > max_bytes:
            raise MediaGoneError(f"The file has {int(found['file_size']):,} bytes; at most {max_bytes:,} are fetched")
        return await self._download(account, str(found["url"]), max_bytes)

    async def _download(self, account: Account, url: str, max_bytes: int) -> bytes:
        """The token goes to hosts of Meta only, and no redirect is followed."""
        if not _may_be_asked(url, account.setting("base_url", GRAPH)):
            raise MediaGoneError("The file lies at an address that is not Meta's")
        data = bytearray()
        async with self._client(account).stream("GET", url, headers=self._headers(account)) as answer:
            if answer.status_code == 404:
                raise httpx.TransportError("the address has expired")  # it is resolved again at the next try
            if not answer.is_success:
                raise MediaGoneError(f"The file is answered with {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > max_bytes:
                    raise MediaGoneError(f"The file is larger than {max_bytes:,} bytes")
        return bytes(data)

    async def pages(self, account: Account, path: str, **params: str) -> AsyncIterator[dict[str, Any]]:
        """All entries of a list, page after page. Raises GraphError, httpx.HTTPError."""
        after: str | None = None
        while True:
            answer = await self.call(account, "GET", path, params=params | ({"after": after} if after else {}))
            if not answer.is_success:
                raise GraphError(answer)
            page = answer.json()
            for entry in page.get("data", ()):
                yield entry
            paging = page.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after") if paging.get("next") else None
            if after is None:
                return

    async def test(self, account: Account) -> str:
        """Asks for the number's own data; a sentence on what came. Raises GraphError."""
        try:
            answer = await self.call(
                account, "GET", account.account, params={"fields": "display_phone_number,verified_name,quality_rating"}
            )
        except httpx.HTTPError as error:
            return f"No answer: {type(error).__name__}."
        if not answer.is_success:
            raise GraphError(answer)
        found = answer.json()
        quality = found.get("quality_rating", "unknown")
        return f"It works: {found.get('verified_name')} ({found.get('display_phone_number')}), quality {quality}."

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.aclose()

    def _client(self, account: Account) -> httpx.AsyncClient:
        base = account.setting("base_url", GRAPH).rstrip("/")
        if base not in self._clients:
            limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
            self._clients[base] = httpx.AsyncClient(
                base_url=base,
                timeout=SECONDS,
                limits=limits,
                transport=self.transport,
                trust_env=not _is_local(base),
                follow_redirects=False,
            )
        return self._clients[base]

    def _headers(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.secret('token')}", "User-Agent": AGENT}

    def _proof(self, account: Account) -> dict[str, str]:
        if account.setting("appsecret_proof") != "on":
            return {}
        key, token = account.secret("app_secret").encode(), account.secret("token").encode()
        return {"appsecret_proof": hmac.new(key, token, hashlib.sha256).hexdigest()}


def _may_be_asked(url: str, base_url: str) -> bool:
    parts, base = urlsplit(url), urlsplit(base_url)
    host = (parts.hostname or "").lower()
    if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
        return True
    return parts.scheme == "https" and any(host == known or host.endswith("." + known) for known in MEDIA_HOSTS)


def _is_local(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
