"""Asks an address outside whether it is there. Never asks a private one, not even when a public one sends there.

A server that opens any address that somebody writes into an article could be led to what only it can reach (SSRF). So: http and https on
their usual ports only, every address that a name stands for must be public, the connection goes to the address that was looked at and
not to the name, and each redirect is looked at in the same way.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

PORTS = frozenset({80, 443})
MOST_REDIRECTS = 5
SECONDS, CONNECT_SECONDS = 15.0, 5.0
AGENT = "Baton link check"
GONE = frozenset({404, 410})
NO_HEAD = frozenset({400, 403, 404, 405, 406, 500, 501})
UNSURE = frozenset({401, 402, 403, 405, 406, 407, 408, 418, 425, 429, 451})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Service = tuple[str, int]


@dataclass(frozen=True)
class Fate:
    """What became of a link: `state` ok, unsure, broken or refused; `sure`: asking again soon would not help."""

    state: str
    status: int | None
    detail: str
    sure: bool = True


class _RefusedError(Exception):
    """This address is not asked."""


class _UnknownHostError(Exception):
    """The name cannot be resolved."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also when it is wrapped in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class LinkAsker:
    """Asks addresses. `allowed`: (host, port) pairs that may be asked although they are private, for tests."""

    def __init__(self, *, allowed: Collection[Service] = (), seconds: float = SECONDS) -> None:
        self._allowed, self._seconds = frozenset(allowed), seconds

    async def ask(self, url: str) -> Fate:
        """What is there. Raises nothing for odd addresses and servers."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url)
        except _RefusedError as error:
            return Fate("refused", None, str(error))
        except _UnknownHostError as error:
            return Fate("broken", None, str(error), sure=False)
        except TimeoutError:
            return Fate("broken", None, "no answer in time", sure=False)
        except httpx.TimeoutException:
            return Fate("broken", None, "no answer in time", sure=False)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, UnicodeError) as error:
            return Fate("broken", None, f"no connection: {type(error).__name__}", sure=False)

    async def _follow(self, url: str) -> Fate:
        limits = httpx.Timeout(self._seconds, connect=min(CONNECT_SECONDS, self._seconds))
        async with httpx.AsyncClient(trust_env=False, timeout=limits, follow_redirects=False) as client:
            for _ in range(MOST_REDIRECTS + 1):
                status, to = await self._look(client, url)
                if to is None:
                    return _fate(status)
                url = urljoin(url, to)
        return Fate("broken", None, f"more than {MOST_REDIRECTS} redirects")

    async def _look(self, client: httpx.AsyncClient, url: str) -> tuple[int, str | None]:
        """The status of one address, and where it sends to, if it does."""
        parts = self._check(url)
        address = await self._resolve(parts)
        status, to = await _request(client, "HEAD", parts, address)
        if to is None and status in NO_HEAD:
            status, to = await _request(client, "GET", parts, address)
        return status, to

    def _check(self, url: str) -> httpx.URL:
        parts = httpx.URL(url)
        if parts.scheme not in ("http", "https") or not parts.host:
            raise _RefusedError("neither http nor https")
        if parts.userinfo:
            raise _RefusedError("it holds a name or password")
        if _port(parts) not in PORTS and (parts.host, _port(parts)) not in self._allowed:
            raise _RefusedError(f"port {_port(parts)} is not asked")
        return parts

    async def _resolve(self, parts: httpx.URL) -> str:
        """The address to connect to. Every address of the name must be public, so that it does not matter which one is taken."""
        port = _port(parts)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(parts.host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise _UnknownHostError(f"{parts.host} is not known") from None
        addresses = [str(one[4][0]) for one in found]
        if (parts.host, port) not in self._allowed and not all(is_public(ipaddress.ip_address(one.split("%")[0])) for one in addresses):
            raise _RefusedError("it leads to a private address")
        return addresses[0]


async def _request(client: httpx.AsyncClient, method: str, parts: httpx.URL, address: str) -> tuple[int, str | None]:
    """Asks the address itself under the name of the link; the body is never read."""
    headers = {"Host": parts.netloc.decode("ascii"), "User-Agent": AGENT, "Accept": "*/*"}
    extensions = {"sni_hostname": parts.raw_host.decode("ascii")} if parts.scheme == "https" else {}
    async with client.stream(method, parts.copy_with(host=address), headers=headers, extensions=extensions) as answer:
        return answer.status_code, answer.headers.get("location") if answer.is_redirect else None


def _port(parts: httpx.URL) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _fate(status: int) -> Fate:
    if status < 400:
        return Fate("ok", status, "")
    if status in UNSURE:
        return Fate("unsure", status, "it does not answer to machines, or wants a login")
    return Fate("broken", status, "it is not there" if status in GONE else "the server says no", sure=status in GONE)
