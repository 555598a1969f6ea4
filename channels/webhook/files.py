"""Files that a system names by their address: fetched once, from public addresses only unless the account says otherwise."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from channels.base import Account, MediaGoneError
from channels.calling import SECONDS
from kit.addresses import AddressError, resolve
from kit.outside import UrlError, check_url


class NamedFiles:
    """Fetches files by address. No redirect is followed, and the address that was checked is the one that is asked."""

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file. Raises MediaGoneError, httpx.HTTPError."""
        private = account.setting("private") == "on"
        try:
            host, port = check_url(source)
            pinned = await resolve(host, port, private=private)
        except (UrlError, AddressError) as error:
            raise MediaGoneError(error.message) from None
        parts = urlsplit(source)
        if parts.scheme != "https" and not private:
            raise MediaGoneError("Files are fetched from https addresses only")
        shown = f"[{pinned}]" if ":" in pinned else pinned
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return await _read(f"{parts.scheme}://{shown}:{port}{path}", parts.netloc, host=host, max_bytes=max_bytes)


async def _read(url: str, named: str, *, host: str, max_bytes: int) -> bytes:
    data = bytearray()
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream("GET", url, headers={"Host": named, "User-Agent": "Baton"}, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code == 429 or answer.status_code >= 500:
            raise httpx.TransportError(f"the file is not there yet: {answer.status_code}")
        if not answer.is_success:
            raise MediaGoneError(f"The file is answered with {answer.status_code}")
        async for chunk in answer.aiter_bytes():
            data += chunk
            if len(data) > max_bytes:
                raise MediaGoneError(f"The file is larger than {max_bytes:,} bytes")
    return bytes(data)
