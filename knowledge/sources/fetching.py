"""Requests to sites that strangers keep: pinned to checked addresses, slowly, and with an end to everything."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from knowledge.sources.addresses import resolve
from knowledge.sources.types import LIMITS, Limits, UnreadableError

AGENT = "BatonImporter/1.0"
_REDIRECTS = {301, 302, 303, 307, 308}
_AGAIN = {429, 502, 503, 504}
TRIES = 3
LONGEST_WAIT = 30.0


class SiteExhaustedError(UnreadableError):
    """A limit for the whole site is reached."""


@dataclass(frozen=True)
class Fetched:
    """An answer: the address that gave it in the end, its status, media type, charset and bytes."""

    url: str
    status: int
    media_type: str
    charset: str
    data: bytes


class Fetcher:
    """GET requests, at most one each `delay` seconds for a host. Use it as `async with Fetcher(...)`.

    `private` allows private addresses. `authorization` is sent to `home` only, the host of the source.
    """

    def __init__(self, *, delay: float, private: bool, limits: Limits = LIMITS, home: str = "", authorization: str = "") -> None:
        self.delay, self.private, self.limits = delay, private, limits
        self.home, self.authorization = home, authorization
        self.bytes_read = 0
        self._began = time.monotonic()
        self._next: dict[str, float] = {}
        self._clients: dict[tuple[str, int], tuple[str, httpx.AsyncClient]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _pinned, client in self._clients.values():
            await client.aclose()

    async def get(self, url: str, *, most: int | None = None, accept: str = "text/html,*/*;q=0.5") -> Fetched:
        """The answer of an address, after redirects and, when the host is busy, further tries. An answer of 4xx or 5xx is an answer too.

        Raises UnreadableError for what is no address, does not answer, or is too large; PrivateAddressError also after a redirect.
        """
        for attempt in range(1, TRIES + 1):
            answer, wait = await self._follow(url, most or self.limits.page_bytes, accept)
            if answer.status not in _AGAIN or attempt == TRIES or wait > LONGEST_WAIT:
                return answer
            await asyncio.sleep(max(wait, self.delay * 2**attempt))
        raise AssertionError("unreachable")

    async def _follow(self, url: str, most: int, accept: str) -> tuple[Fetched, float]:
        for _ in range(self.limits.redirects + 1):
            answer, headers = await self._once(url, most, accept)
            if answer.status not in _REDIRECTS or "location" not in headers:
                return answer, _seconds(headers.get("retry-after", ""))
            url = urljoin(url, headers["location"])
        raise UnreadableError(f"It redirects more than {self.limits.redirects} times")

    async def _once(self, url: str, most: int, accept: str) -> tuple[Fetched, Mapping[str, str]]:
        host, port = check_address(url)
        if self.bytes_read > self.limits.site_bytes:
            raise SiteExhaustedError(f"More than {self.limits.site_bytes:,} bytes were read from this site")
        if time.monotonic() - self._began > self.limits.site_seconds:
            raise SiteExhaustedError(f"Reading this site took longer than {self.limits.site_seconds / 3600:.1f} hours")
        pinned, client = await self._client(host, port)
        await self._wait(host)
        try:
            async with asyncio.timeout(self.limits.request_seconds):
                response = await client.send(self._request(client, url, pinned, accept), stream=True)
                try:
                    data = await self._read(response, most)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise UnreadableError(f"It did not answer within {self.limits.request_seconds:.0f} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UnreadableError(f"It did not answer: {type(error).__name__} {str(error)[:100]}".strip()) from None
        kind, _, rest = response.headers.get("content-type", "").partition(";")
        charset = rest.partition("charset=")[2].split(";")[0].strip(" \"'")
        return Fetched(url, response.status_code, kind.strip().lower(), charset, data), response.headers

    def _request(self, client: httpx.AsyncClient, url: str, pinned: str, accept: str) -> httpx.Request:
        """A request to the pinned address; the host is named in the header and, for TLS, in the certificate that is asked for."""
        host, port = check_address(url)
        parts = urlsplit(url)
        named, shown = (f"[{name}]" if ":" in name else name for name in (host, pinned))
        headers = {
            "Host": named if parts.port is None else f"{named}:{port}",
            "User-Agent": AGENT,
            "Accept": accept,
            "Accept-Encoding": "gzip",
        }
        if self.authorization and host == self.home:
            headers["Authorization"] = self.authorization
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        address = f"{parts.scheme}://{shown}:{port}{path}"
        return client.build_request("GET", address, headers=headers, extensions={"sni_hostname": host, "timeout": _TIMEOUT})

    async def _client(self, host: str, port: int) -> tuple[str, httpx.AsyncClient]:
        """The connection to a host is kept to the address that was checked."""
        if (host, port) not in self._clients:
            pinned = await resolve(host, port, private=self.private)
            self._clients[host, port] = pinned, httpx.AsyncClient(trust_env=False, follow_redirects=False)
        return self._clients[host, port]

    async def _wait(self, host: str) -> None:
        now = time.monotonic()
        begin = max(now, self._next.get(host, 0.0))
        self._next[host] = begin + self.delay
        await asyncio.sleep(begin - now)

    async def _read(self, response: httpx.Response, most: int) -> bytes:
        unpacker = zlib.decompressobj(wbits=47) if response.headers.get("content-encoding", "") == "gzip" else None
        data = bytearray()
        async for piece in response.aiter_raw():
            self.bytes_read += len(piece)
            try:
                data += unpacker.decompress(piece, most + 1) if unpacker else piece
            except zlib.error:
                raise UnreadableError("Its packing is damaged") from None
            if len(data) > most:
                raise UnreadableError(f"It is larger than {most:,} bytes")
        return bytes(data)


_TIMEOUT = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 10.0}


def check_address(url: str) -> tuple[str, int]:
    """(host, port) of an http or https address. Raises UnreadableError for anything else."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # UnicodeError is one
        raise UnreadableError(f"{url[:100]!r} is not an address") from None
    if parts.scheme not in {"http", "https"} or not host or any(c in url for c in "\r\n\t \\"):
        raise UnreadableError(f"{url[:100]!r} is not an address of a site", hint="It begins with https:// or http://.")
    return host, port or (443 if parts.scheme == "https" else 80)


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() else 0.0
