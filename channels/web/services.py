"""What the widget's routes need, and whose token a request bears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header

from channels.web.presence import Presence
from channels.web.setup import Setup
from context.identity.codes import CodeSender
from context.identity.sending import ChannelSender
from context.identity.signed import AUDIENCE
from context.ledger import Ledger
from context.phrases import phrase
from context.stream import Hub
from kit.blobs import BlobStore
from kit.db import Database
from kit.limits import RateLimit


@dataclass(frozen=True)
class WidgetServices:
    """What the endpoints need."""

    database: Database
    ledger: Ledger
    hub: Hub
    title: str
    limit: RateLimit
    blobs: BlobStore
    disclosure: Callable[[str | None], str] = lambda language: phrase("disclosure", language)
    code_sender: CodeSender = field(default_factory=ChannelSender)
    audience: str = AUDIENCE
    setup: Callable[[], Setup] = Setup
    presence: Presence | None = None


def bearer(authorization: Annotated[str | None, Header()] = None) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


Token = Annotated[str | None, Depends(bearer)]
