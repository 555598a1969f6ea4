"""Files of Chatwoot's customers: at addresses of Chatwoot itself, which send on to wherever it keeps them."""

from __future__ import annotations

from channels.base import Account
from channels.calling import same_origin
from channels.pinned import download

REDIRECTS = 3


class DeskFiles:
    """Fetches what `data_url` names: the account's own Chatwoot may stand in the own network, whatever it sends on to must be public."""

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file; one that is not there may be on its way to Chatwoot's store yet. Raises MediaGoneError, httpx.HTTPError."""
        own = [base for base in (account.setting("base_url"), account.setting("panel_origin")) if base]

        def is_own(url: str) -> bool:
            return any(same_origin(url, base) for base in own)

        return await download(source, max_bytes=max_bytes, private=is_own, redirects=REDIRECTS, late=True)
