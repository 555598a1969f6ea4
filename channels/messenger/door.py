"""The webhook of pages and Instagram accounts: Meta's handshake and signature, as on WhatsApp."""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Account
from channels.happenings import Happening
from channels.messenger.parse import parse
from channels.whatsapp.door import WhatsAppDoor


class PageDoor(WhatsAppDoor):
    """What Meta calls, for one of the two."""

    def __init__(self, name: str) -> None:
        self.name = name

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """All that the body tells. Raises ShapeError."""
        return parse(body, account, self.name)
