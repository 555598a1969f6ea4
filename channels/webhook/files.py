"""Files that a system names by their address: fetched once, from public addresses only unless the account says otherwise."""

from __future__ import annotations

from channels.base import Account
from channels.pinned import download


class NamedFiles:
    """Fetches files by address. No redirect is followed, and the address that was checked is the one that is asked."""

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file. Raises MediaGoneError, httpx.HTTPError."""
        private = account.setting("private") == "on"
        return await download(source, max_bytes=max_bytes, private=lambda _url: private)
