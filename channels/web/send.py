"""Sending on web chat: the message is in the stream that the widget follows, so that storing it was sending it."""

from __future__ import annotations

from datetime import timedelta

from channels.base import Capabilities, Fate, Sending, SendResult

CAPABILITIES = Capabilities(
    text_max=100_000, buttons=100, button_title_max=1000, payload_max=2000, links=True, typing=timedelta(seconds=30),
    receipts=frozenset({"read"}), per_second=1000,
)  # fmt: skip


class WebChannel:
    """The channel of the widget."""

    name = "web"
    sent_when_stored = True
    needs_account = False
    capabilities = CAPABILITIES
    specials: frozenset[str] = frozenset()

    async def send(self, sending: Sending) -> SendResult:
        """Always sent: whether it was delivered and read, the widget says."""
        return SendResult(Fate.SENT, external_id=str(sending.message.id))
