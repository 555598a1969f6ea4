"""The channels there are. A new one is a folder, a line here, and its page in docs/howto."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from channels.base import Account, AccountForm, Capabilities, Channel, Connector, Door, MediaSource
from channels.chatwoot import capabilities as chatwoot
from channels.chatwoot.door import ChatwootDoor
from channels.chatwoot.files import DeskFiles
from channels.chatwoot.send import ChatwootChannel
from channels.email import capabilities as email
from channels.email.door import EmailDoor
from channels.email.files import StoredMails
from channels.email.logins import AS_ENTERED, Logins
from channels.email.send import EmailChannel, try_mailbox
from channels.line import capabilities as line
from channels.line.client import LineApi
from channels.line.door import LineDoor
from channels.line.send import LineChannel
from channels.links import Links
from channels.messenger import capabilities as pages
from channels.messenger.door import PageDoor
from channels.messenger.send import CommentChannel, PageChannel, PageFiles
from channels.messenger.send import test as test_page
from channels.rasa.send import CallbackChannel, RestChannel, SocketChannel
from channels.sms import capabilities as sms
from channels.sms.client import TwilioApi
from channels.sms.door import SmsDoor
from channels.sms.send import SmsChannel
from channels.telegram import capabilities as telegram
from channels.telegram.client import BotApi
from channels.telegram.door import TelegramDoor
from channels.telegram.send import TelegramChannel
from channels.web.send import WebChannel
from channels.webhook import capabilities as webhook
from channels.webhook.client import try_out
from channels.webhook.door import WebhookDoor
from channels.webhook.files import NamedFiles
from channels.webhook.send import WebhookChannel
from channels.wechat import capabilities as wechat
from channels.wechat.client import WeChatApi
from channels.wechat.door import WeChatDoor
from channels.wechat.send import WeChatChannel
from channels.whatsapp import capabilities as whatsapp
from channels.whatsapp.client import GraphClient
from channels.whatsapp.door import WhatsAppDoor
from channels.whatsapp.send import WhatsAppChannel
from kit.db import Database

CAPABILITIES: dict[str, Capabilities] = {
    WebChannel.name: WebChannel.capabilities,
    RestChannel.name: RestChannel.capabilities,
    SocketChannel.name: SocketChannel.capabilities,
    CallbackChannel.name: CallbackChannel.capabilities,
    whatsapp.NAME: whatsapp.CAPABILITIES,
    telegram.NAME: telegram.CAPABILITIES,
    line.NAME: line.CAPABILITIES,
    sms.NAME: sms.CAPABILITIES,
    webhook.NAME: webhook.CAPABILITIES,
    chatwoot.NAME: chatwoot.CAPABILITIES,
    email.NAME: email.CAPABILITIES,
    wechat.NAME: wechat.CAPABILITIES,
    **pages.CAPABILITIES,
}
"""By channel, for whoever shows or measures: the console's composer, the renderer's tests."""

ACCOUNTS: dict[str, AccountForm] = {
    whatsapp.NAME: whatsapp.FORM,
    telegram.NAME: telegram.FORM,
    line.NAME: line.FORM,
    sms.NAME: sms.FORM,
    webhook.NAME: webhook.FORM,
    chatwoot.NAME: chatwoot.FORM,
    email.NAME: email.FORM,
    wechat.NAME: wechat.FORM,
    **pages.FORMS,
}
"""What the accounts of each channel are made of; a channel that is not here has none."""


def capabilities_of(channel: str) -> Capabilities:
    """The capabilities of a channel; those of plain text for one that is not known."""
    return CAPABILITIES.get(channel, Capabilities())


def account_channels(links: Links | None = None, logins: Logins = AS_ENTERED) -> dict[str, Channel]:
    """The channels that send through accounts. `links`: for those that fetch files from us; `logins`: renews what mailboxes ask for."""
    channels: tuple[Channel, ...] = (
        WhatsAppChannel(),
        TelegramChannel(),
        LineChannel(links=links),
        SmsChannel(links=links),
        WebhookChannel(links),
        ChatwootChannel(),
        EmailChannel(logins),
        WeChatChannel(),
        *(make(name) for name in pages.FORMS for make in (PageChannel, CommentChannel)),
    )
    return {channel.name: channel for channel in channels}


def doors() -> Mapping[str, Door]:
    """The channels whose webhooks come to /hooks/<channel>/<account>."""
    known: tuple[Door, ...] = (
        WhatsAppDoor(),
        TelegramDoor(),
        LineDoor(),
        SmsDoor(),
        WebhookDoor(),
        ChatwootDoor(),
        EmailDoor(),
        WeChatDoor(),
        *(PageDoor(name) for name in pages.FORMS),
    )
    return {door.name: door for door in known}


def media_sources(database: Database | None = None) -> Mapping[str, MediaSource]:
    """Where the files of customers come from, by channel. `database`: for those that lie there already."""
    stored: dict[str, MediaSource] = {email.NAME: StoredMails(database)} if database is not None else {}
    return stored | {
        whatsapp.NAME: GraphClient(),
        telegram.NAME: BotApi(),
        line.NAME: LineApi(),
        sms.NAME: TwilioApi(),
        webhook.NAME: NamedFiles(),
        chatwoot.NAME: DeskFiles(),
        wechat.NAME: WeChatApi(),
        **dict.fromkeys(pages.FORMS, PageFiles()),
    }


def account_tests(logins: Logins = AS_ENTERED) -> Mapping[str, Callable[[Account], Awaitable[str]]]:
    """What asks a provider whether an account works, by channel; each answers with a sentence."""
    return {
        whatsapp.NAME: GraphClient().test,
        telegram.NAME: BotApi().test,
        line.NAME: LineApi().test,
        sms.NAME: TwilioApi().test,
        webhook.NAME: try_out,
        email.NAME: partial(try_mailbox, logins=logins),
        wechat.NAME: WeChatApi().test,
        **dict.fromkeys(pages.FORMS, test_page),
    }


def connectors() -> Mapping[str, Connector]:
    """Who enters the address of our webhook at the provider, by channel."""
    return {telegram.NAME: BotApi(), line.NAME: LineApi(), sms.NAME: TwilioApi()}
