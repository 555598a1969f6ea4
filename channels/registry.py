"""The channels there are. A new one is a folder, a line here, and its page in docs/howto."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from channels.base import Account, AccountForm, Capabilities, Channel, Connector, Door, MediaSource
from channels.rasa.send import CallbackChannel, RestChannel, SocketChannel
from channels.web.send import WebChannel
from channels.whatsapp import capabilities as whatsapp
from channels.whatsapp.client import GraphClient
from channels.whatsapp.door import WhatsAppDoor
from channels.whatsapp.send import WhatsAppChannel

CAPABILITIES: dict[str, Capabilities] = {
    WebChannel.name: WebChannel.capabilities,
    RestChannel.name: RestChannel.capabilities,
    SocketChannel.name: SocketChannel.capabilities,
    CallbackChannel.name: CallbackChannel.capabilities,
    whatsapp.NAME: whatsapp.CAPABILITIES,
}
"""By channel, for whoever shows or measures: the console's composer, the renderer's tests."""

ACCOUNTS: dict[str, AccountForm] = {whatsapp.NAME: whatsapp.FORM}
"""What the accounts of each channel are made of; a channel that is not here has none."""


def capabilities_of(channel: str) -> Capabilities:
    """The capabilities of a channel; those of plain text for one that is not known."""
    return CAPABILITIES.get(channel, Capabilities())


def account_channels() -> dict[str, Channel]:
    """The channels that send through accounts, ready to be used by a worker."""
    return {channel.name: channel for channel in (WhatsAppChannel(),)}


def doors() -> Mapping[str, Door]:
    """The channels whose webhooks come to /hooks/<channel>/<account>."""
    return {door.name: door for door in (WhatsAppDoor(),)}


def media_sources() -> Mapping[str, MediaSource]:
    """Where the files of customers come from, by channel."""
    return {whatsapp.NAME: GraphClient()}


def account_tests() -> Mapping[str, Callable[[Account], Awaitable[str]]]:
    """What asks a provider whether an account works, by channel; each answers with a sentence."""
    return {whatsapp.NAME: GraphClient().test}


def connectors() -> Mapping[str, Connector]:
    """Who enters the address of our webhook at the provider, by channel."""
    return {}
