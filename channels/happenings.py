"""What a webhook may bring, the same for every channel: pure data between `parse` and `channels/taking_in.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from context.types import Inbound


@dataclass(frozen=True)
class MediaRef:
    """A file at the provider that belongs to a message."""

    source: str
    kind: str
    type: str
    name: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Thread:
    """A thread that is no chat: `key` is that of a new one, unless one of the messages that this one `answers` is known, nearest first.

    `people`: the bot does not answer there, people do (`team`: which).
    """

    key: str
    answers: tuple[str, ...] = ()
    people: bool = False
    team: str | None = None


@dataclass(frozen=True)
class CustomerMessage:
    """A customer wrote. `aliases`: further addresses of the same person at this account, as the provider itself says.

    `choice`: the reference of the button or row that was chosen. `free_entry`: they came by an advertisement. `handle`: with it one answer
    may be given until `handle_until`. `phone`: the telephone number for which the provider vouches. `held`: whether people of an outside
    desk hold the conversation, as the provider said with the message; None where it has no such desk. `elsewhere`: the same person on
    another channel (channel, address), as the provider says. `thread`: where it is no chat.
    """

    inbound: Inbound
    at: datetime
    aliases: tuple[str, ...] = ()
    media: tuple[MediaRef, ...] = ()
    choice: str | None = None
    username: str | None = None
    free_entry: bool = False
    handle: str | None = None
    handle_until: datetime | None = None
    phone: str | None = None
    held: bool | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()
    thread: Thread | None = None


@dataclass(frozen=True)
class Automatic:
    """A machine wrote: a vacation notice, a newsletter. It is noted in the thread that it answers; nothing ever answers it."""

    inbound: Inbound
    at: datetime
    thread: Thread
    reason: str


@dataclass(frozen=True)
class Receipt:
    """How far a message got: `status` is sent, delivered, read, played or failed. `key` is ours where the provider echoes it.

    `upto`: the receipt is for everything sent to `address` until `at` (watermarks). `recipient`: about whom it is, where a message went to
    several.
    """

    account: str
    provider_id: str | None
    status: str
    at: datetime
    key: UUID | None = None
    address: str | None = None
    problem: str | None = None
    code: str | None = None
    reason: str | None = None
    upto: bool = False
    recipient: str | None = None


@dataclass(frozen=True)
class Reaction:
    """A customer reacted to a message, or took the reaction back (`emoji` empty). It opens the window as a message does."""

    account: str
    address: str
    target: str
    emoji: str
    at: datetime


@dataclass(frozen=True)
class Edited:
    """A customer changed a message (`text`), or took it back (None). `channel`: where that is not the webhook's own."""

    account: str
    address: str
    target: str
    text: str | None
    at: datetime
    channel: str | None = None


@dataclass(frozen=True)
class Opened:
    """A customer opened the chat by a link, an advertisement or a menu and wrote nothing: the window is open all the same."""

    account: str
    address: str
    at: datetime


@dataclass(frozen=True)
class AddressChanged:
    """A customer's address changed from `old` to `new`. `proof`: another address that both sides name, without which nothing moves."""

    account: str
    old: str
    new: str
    at: datetime
    proof: str | None = None


@dataclass(frozen=True)
class Echo:
    """Somebody of the shop (`name`, if said) wrote to a customer outside Baton, with the provider's own app or at an outside desk."""

    account: str
    address: str
    provider_id: str
    text: str
    at: datetime
    name: str | None = None


class DeskState(StrEnum):
    """Who has a conversation at an outside desk: the bot, its people, or nobody any more."""

    BOT = "bot"
    PEOPLE = "people"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class DeskChanged:
    """At an outside desk the conversation at `address` is somebody else's now."""

    account: str
    address: str
    state: DeskState
    at: datetime


@dataclass(frozen=True)
class OptOut:
    """A customer stopped or allowed again messages of a kind (`marketing`)."""

    account: str
    address: str
    stopped: bool
    at: datetime


@dataclass(frozen=True)
class Blocked:
    """A customer wants nothing any more from this account, or allows it again (`blocked` False). `reason` is a note for agents."""

    account: str
    address: str
    blocked: bool
    at: datetime
    reason: str


@dataclass(frozen=True)
class TemplateChanged:
    """The provider says something of a template; only what is not None changed. `scope`: see `ChannelTemplateRow.account`."""

    scope: str
    name: str
    language: str
    status: str | None = None
    category: str | None = None
    quality: str | None = None
    reason: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True)
class AccountNotice:
    """The provider says something of the account itself that people must know. `blocked`: nothing can be sent any more."""

    account: str
    text: str
    blocked: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """Something that is not known here: kept raw, acknowledged, flagged."""

    reason: str


Happening = (
    CustomerMessage
    | Automatic
    | Receipt
    | Reaction
    | Edited
    | Opened
    | AddressChanged
    | Echo
    | DeskChanged
    | OptOut
    | Blocked
    | TemplateChanged
    | AccountNotice
    | Unknown
)
