"""Calls to providers over HTTP, the same for every channel: clients by address, what a broken call means, files with a limit."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels.base import AccountIncompleteError, Fate, MediaGoneError, Problem, SendResult
from channels.problems import fate_of

SECONDS = httpx.Timeout(15.0, connect=5.0)
BEFORE_IT_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass
class Caller:
    """HTTP clients, one an address. `transport` replaces the network in tests."""

    transport: httpx.AsyncBaseTransport | None = None
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, base_url: str) -> httpx.AsyncClient:
        """The client for an address: no redirects, and no proxy for this machine."""
        base = base_url.rstrip("/")
        if base not in self._clients:
            limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
            headers = {"User-Agent": "Baton"}
            self._clients[base] = httpx.AsyncClient(
                base_url=base, timeout=SECONDS, limits=limits, transport=self.transport, trust_env=not is_local(base), headers=headers
            )
        return self._clients[base]

    async def close(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def download(self, base_url: str, url: str, *, max_bytes: int, auth: Mapping[str, str] | None = None) -> bytes:
        """The bytes at an address, no more than `max_bytes`, no redirect followed. Raises MediaGoneError, httpx.HTTPError."""
        async with self.client(base_url).stream("GET", url, headers=dict(auth or {})) as answer:
            return await read_file(answer, max_bytes, later=(202, 429))


async def read_file(answer: httpx.Response, max_bytes: int, *, later: Collection[int] = (429,)) -> bytes:
    """The bytes of an answer, no more than `max_bytes`. `later`: codes that say, as those from 500 on, that the file may come yet.

    Raises MediaGoneError, and httpx.TransportError where it may come yet.
    """
    if answer.status_code in later or answer.status_code >= 500:
        raise httpx.TransportError(f"the file is not there yet: {answer.status_code}")
    if not answer.is_success:
        raise MediaGoneError(f"The file is answered with {answer.status_code}")
    data = bytearray()
    async for chunk in answer.aiter_bytes():
        data += chunk
        if len(data) > max_bytes:
            raise MediaGoneError(f"The file is larger than {max_bytes:,} bytes")
    return bytes(data)


def is_local(url: str) -> bool:
    """Whether an address is of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def same_origin(url: str, base_url: str) -> bool:
    """Whether an address belongs to the same scheme, host and port."""
    one, other = urlsplit(url), urlsplit(base_url)
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def refused(problem: Problem, reason: str, *, code: object = None, retry_after: float | None = None) -> SendResult:
    """A refusal by the provider, with the fate that its problem has."""
    return SendResult(
        fate_of(problem), reason=reason[:300], problem=problem, code=None if code is None else str(code), retry_after=retry_after
    )


def broken_call(error: Exception, *, repeatable: bool = False) -> SendResult:
    """What a call means that brought no answer: it never left, or nobody knows; where a call may be repeated, that is done."""
    if isinstance(error, AccountIncompleteError):
        return refused(Problem.AUTH, error.message)
    reason = f"no answer: {type(error).__name__}"
    if repeatable or isinstance(error, BEFORE_IT_LEFT):
        return refused(Problem.TRANSIENT, reason)
    return SendResult(Fate.UNKNOWN, reason=reason, problem=Problem.UNKNOWN)


def unsure(status: int) -> SendResult:
    """A server error: it may have gone on with what we sent."""
    return SendResult(Fate.UNKNOWN, reason=f"answered {status}", problem=Problem.UNKNOWN, code=str(status))


def retry_after(answer: httpx.Response) -> float | None:
    """`Retry-After` in seconds, or None."""
    value = answer.headers.get("Retry-After", "")
    return float(value) if _WHOLE.fullmatch(value) else None


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
