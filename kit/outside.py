"""Requests to addresses that others chose: pinned to checked, public addresses, without redirects, with an end to everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from kit.addresses import AddressError, resolve
from kit.clock import utc_now
from kit.errors import InvalidInputError, UnavailableError

SECONDS = 15.0
MAX_ANSWER = 64_000


class UrlError(InvalidInputError):
    """This is no address that can be asked."""


class OutsideError(UnavailableError):
    """The other side does not answer."""


@dataclass(frozen=True)
class Answer:
    """What came back; `retry_after`: how many seconds the other side asks us to wait."""

    status: int
    body: bytes
    retry_after: float = 0.0


Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[Answer]]


def check_url(url: str) -> tuple[str, int]:
    """(host, port) of an http or https address without a password in it. Raises UrlError."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # UnicodeError is one
        raise UrlError(f"{url[:100]!r} is not an address") from None
    if parts.scheme not in {"http", "https"} or not host or any(c in url for c in "\r\n\t \\") or "@" in parts.netloc:
        raise UrlError(f"{url[:100]!r} is not an address", hint="It begins with https:// and holds no password.")
    return host, port or (443 if parts.scheme == "https" else 80)


@dataclass(frozen=True)
class Outside:
    """POSTs to addresses outside. `private`: those of the own network are allowed, for trying things out."""

    private: bool = False
    seconds: float = SECONDS

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status; a redirect is an answer and is not followed. Raises OutsideError."""
        host, port = check_url(url)
        try:
            async with asyncio.timeout(self.seconds):
                pinned = await resolve(host, port, private=self.private)
                return await self._post(url, pinned, body, headers)
        except AddressError as error:
            raise OutsideError(error.message) from None
        except TimeoutError:
            raise OutsideError(f"It did not answer within {self.seconds:.0f} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise OutsideError(f"It did not answer: {type(error).__name__}") from None

    async def _post(self, url: str, pinned: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        host, port = check_url(url)
        parts = urlsplit(url)
        named, shown = (f"[{name}]" if ":" in name else name for name in (host, pinned))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = dict(headers) | {"Host": named if parts.port is None else f"{named}:{port}", "Accept-Encoding": "identity"}
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=httpx.Timeout(self.seconds)) as client:
            request = client.build_request(
                "POST", f"{parts.scheme}://{shown}:{port}{path}", headers=sent, content=body, extensions={"sni_hostname": host}
            )
            response = await client.send(request, stream=True)
            try:
                data = bytearray()
                async for piece in response.aiter_raw():
                    data += piece
                    if len(data) > MAX_ANSWER:
                        break
            finally:
                await response.aclose()
        return Answer(response.status_code, bytes(data[:MAX_ANSWER]), _seconds(response.headers.get("retry-after", "")))


def _seconds(said: str) -> float:
    """`Retry-After`, in seconds or as a date."""
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - utc_now()).total_seconds())
    except (ValueError, TypeError):
        return 0.0
