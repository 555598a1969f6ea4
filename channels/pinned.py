"""Files at addresses that somebody else named: only from checked addresses, pinned to them, each redirect checked anew, with a limit."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import httpx

from channels.base import MediaGoneError
from channels.calling import SECONDS, read_file
from kit.addresses import AddressError, resolve
from kit.outside import UrlError, check_url

MOVED = frozenset({301, 302, 303, 307, 308})


async def download(url: str, *, max_bytes: int, private: Callable[[str], bool], redirects: int = 0, late: bool = False) -> bytes:
    """The bytes at an address. `private`: whether an address may lie in the own network, and without TLS. `late`: what is not there (404)
    may come yet. Raises MediaGoneError, httpx.HTTPError.
    """
    for _ in range(redirects + 1):
        found = await _read(url, max_bytes=max_bytes, private=private(url), late=late)
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise MediaGoneError("The file lies behind a redirect too many")


async def _read(url: str, *, max_bytes: int, private: bool, late: bool) -> bytes | str:
    """The bytes, or where it says that they are."""
    try:
        host, port = check_url(url)
        pinned = await resolve(host, port, private=private)
    except (UrlError, AddressError) as error:
        raise MediaGoneError(error.message) from None
    parts = urlsplit(url)
    if parts.scheme != "https" and not private:
        raise MediaGoneError("Files are fetched from https addresses only")
    shown = f"[{pinned}]" if ":" in pinned else pinned
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": "Baton"}
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream("GET", f"{parts.scheme}://{shown}:{port}{path}", headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code in MOVED and answer.headers.get("location"):
            return str(answer.headers["location"])
        return await read_file(answer, max_bytes, later=(404, 429) if late else (429,))
