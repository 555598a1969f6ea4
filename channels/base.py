"""The port `Channel`: how a stored message leaves the house."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from context.types import MessageView


class Fate(StrEnum):
    """What became of a send: taken by the provider, to be tried again, refused for good, or not known."""

    SENT = "sent"
    LATER = "later"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SendResult:
    """The outcome of one send; `external_id` is the provider's name of the message."""

    fate: Fate
    external_id: str | None = None
    reason: str | None = None


class Channel(Protocol):
    """A channel as delivery sees it. `sent_when_stored`: its clients read what is stored, so there is nothing more to send."""

    name: str
    sent_when_stored: bool

    async def send(self, message: MessageView, *, to: str) -> SendResult:
        """Sends a message to the identity `to`. Never raises for what a provider may answer."""
