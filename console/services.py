"""What the console needs from the rest of the house, handed in once at start."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from channels.managing import Managing
from context.editorial.services import ArticleServices
from context.erasing.erasing import Erasing
from context.erasing.exporting import Exporting
from context.ledger import Ledger
from context.stream import Hub
from desk.work import Desk
from insights.teaching import Teaching
from kit.db import Database


@dataclass(frozen=True)
class ConsoleServices:
    """The parts that the console's pages talk to, in this process.

    `secure_cookies` says that Baton is reached over https only. `allowed_origins` names further origins (`https://desk.example.com`) whose
    pages may open a connection, or is a function that names them; the origin of the console itself is always allowed. `generator` names the
    model that words answers, if there is one.
    """

    database: Database
    hub: Hub
    ledger: Ledger
    desk: Desk
    secure_cookies: bool
    storage_secret: str
    teaching: Teaching
    articles: ArticleServices
    channels: Managing
    erasing: Erasing
    allowed_origins: Callable[[], Collection[str]] | tuple[str, ...] = ()
    generator: str = ""

    @property
    def exporting(self) -> Exporting:
        """What gives customers' data out."""
        return Exporting(self.erasing.blobs, self.ledger.clock)

    def origins(self) -> frozenset[str]:
        """The further origins that are allowed now."""
        named = self.allowed_origins() if callable(self.allowed_origins) else self.allowed_origins
        return frozenset(origin.rstrip("/").lower() for origin in named)
