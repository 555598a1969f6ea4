"""Sending on web chat: the message is in the stream that the widget follows, so that storing it was sending it."""

from __future__ import annotations

from channels.base import Fate, SendResult
from context.types import MessageView


class WebChannel:
    """The channel of the widget."""

    name = "web"
    sent_when_stored = True

    async def send(self, message: MessageView, *, to: str) -> SendResult:  # noqa: ARG002 - the port's shape
        """Always sent: whether it was delivered and read, the widget says."""
        return SendResult(Fate.SENT, external_id=str(message.id))
