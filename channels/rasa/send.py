"""Sending on Rasa's channels."""

from __future__ import annotations

import httpx

from channels.base import Capabilities, Fate, Sending, SendResult
from channels.rasa.show import collected
from channels.rasa.types import CALLBACK, REST, SOCKETIO

SECONDS = 10.0
CAPABILITIES = Capabilities(text_max=100_000, buttons=100, button_title_max=1000, payload_max=2000, links=True, per_second=1000)
"""The client on the other side shows what it can: everything goes to it in Rasa's own form."""


class RestChannel:
    """REST: the message waits in the database for the client's request, so that storing it was sending it."""

    name = REST
    sent_when_stored = True
    needs_account = False
    capabilities = CAPABILITIES
    specials: frozenset[str] = frozenset()

    async def send(self, sending: Sending) -> SendResult:
        """Always sent: that it was delivered, the door says when a client has taken it."""
        return SendResult(Fate.SENT, external_id=str(sending.message.id))


class SocketChannel(RestChannel):
    """Socket.IO: the server that holds the customer's connection follows the stream and emits."""

    name = SOCKETIO


class CallbackChannel:
    """Callback: the message is POSTed to the configured address, in Rasa's form."""

    name = CALLBACK
    sent_when_stored = False
    needs_account = False
    capabilities = CAPABILITIES
    specials: frozenset[str] = frozenset()

    def __init__(self, url: str, *, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url, self.base_url = url, base_url
        self._transport = transport

    async def send(self, sending: Sending) -> SendResult:
        """Sends the parts in order. What failed before anything went out comes later; what may have gone out is not sent again."""
        message, sent = sending.message, 0
        async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport, trust_env=False) as client:
            for part in collected(message.content, recipient=sending.to, base_url=self.base_url):
                fate, reason = await _post(client, self.url, part)
                if fate != Fate.SENT:
                    return SendResult(Fate.UNKNOWN if sent and fate == Fate.LATER else fate, reason=reason)
                sent += 1
        return SendResult(Fate.SENT, external_id=str(message.id))


async def _post(client: httpx.AsyncClient, url: str, part: dict[str, object]) -> tuple[Fate, str | None]:
    try:
        answer = await client.post(url, json=part)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return Fate.LATER, f"callback: {type(error).__name__}"
    except httpx.HTTPError as error:
        return Fate.UNKNOWN, f"callback: {type(error).__name__}"
    if answer.is_success:
        return Fate.SENT, None
    busy = answer.status_code in (429, 503)
    return Fate.LATER if busy else Fate.FAILED, f"callback answered {answer.status_code}"
