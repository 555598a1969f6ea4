"""The contract of every channel: what it can do (data), how messages leave (`Channel`), how webhooks come in (`Door`).

The registry is `channels/registry.py`; the contract suite over every registered channel is `tests/channels/test_contract.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from channels.happenings import Happening
from context.types import MessageView
from kit.errors import BatonError, InvalidInputError

_WHOLE, _RATE = re.compile(r"[1-9][0-9]{0,8}"), re.compile(r"(?!0+(\.0*)?$)[0-9]{1,9}(\.[0-9]{1,3})?")


class Unit(StrEnum):
    """In what a provider counts the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"


@dataclass(frozen=True)
class MediaRule:
    """One kind of file that a channel takes: content types (`image/*` for all of a family) and the greatest size in bytes."""

    types: tuple[str, ...]
    max_bytes: int


@dataclass(frozen=True)
class Capabilities:
    """What a channel can show and what it asks for. The renderer and the console read it; a missing thing degrades by itself.

    `buttons` is how many quick replies a message may have, `rows` how many rows a list; 0: none, so that options are numbered in the text.
    `button_text_max`: how long the text above buttons may be, where that is less; the buttons then follow in a message of their own.
    `window`: how long after the customer's last message one may write freely; None: always. `per_second`: for an account;
    `pair_seconds`, `pair_burst`: for one customer. `settle`: how long to wait for a receipt before the next message of a
    conversation, where the provider does not keep the order. `idempotent`: a send may be repeated with the same key; `echoes_key`: receipts
    bear our key. `reply_handles`: a customer's message brings a handle with which one answer is free for a short time.
    `human_window`: how long people may write, where that is longer than `window`. `files_together`: text and all files go as one;
    `turns_together`: so do all messages of one turn.
    """

    text_max: int = 4000
    text_unit: Unit = Unit.CHARACTERS
    buttons: int = 0
    button_title_max: int = 20
    button_text_max: int = 0
    rows: int = 0
    row_title_max: int = 24
    payload_max: int = 256
    caption_max: int = 0
    links: bool = False
    media: Mapping[str, MediaRule] = field(default_factory=dict)
    window: timedelta | None = None
    templates: bool = False
    typing: timedelta | None = None
    receipts: frozenset[str] = frozenset()
    reply_to: bool = False
    reactions: bool = False
    per_second: float = 30.0
    pair_seconds: float = 0.0
    pair_burst: int = 1
    settle: timedelta = timedelta(0)
    idempotent: bool = False
    echoes_key: bool = False
    reply_handles: bool = False
    human_window: timedelta | None = None
    files_together: bool = False
    turns_together: bool = False


@dataclass(frozen=True)
class Account:
    """An account of the shop at a provider. `secrets` never leave the process: no log, no page, no error text holds them."""

    id: UUID
    channel: str
    account: str
    name: str
    state: str = "active"
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def setting(self, name: str, default: str = "") -> str:
        """A setting as text."""
        return str(self.settings.get(name) or default)

    def secret(self, name: str) -> str:
        """A secret. Raises AccountIncompleteError where it is not set: a channel without its secret does not work, it is not skipped."""
        value = self.secrets.get(name)
        if not value:
            raise AccountIncompleteError(f"The account {self.channel}/{self.account} has no {name}", hint="baton channel set")
        return value


@dataclass(frozen=True)
class AccountForm:
    """What an account of a channel is made of, for `baton channel add` and the console: name -> one line of help.

    `account` says what the account's own name is; what is in `optional` may be left out. `choices`: the values that a setting may have;
    `numbers`: settings that are numbers. `made`: secrets of our own choosing, made when left empty; `copied`: those of them that somebody
    enters at the provider by hand, so that they are shown again. `hook`: whether there is a webhook. `zh_hant`: the help in Traditional
    Chinese, by name; the account's own name stands under "account". `instead`: what may be given in place of a needed one; `beside`: what
    must be given with an optional one.
    """

    account: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    made: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    copied: frozenset[str] = frozenset()
    hook: bool = True
    zh_hant: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def missing(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
        """What is asked for and not there."""
        given = {name for name, value in {**settings, **secrets}.items() if value}
        wanted = {other for name, others in self.beside.items() if name in given for other in others}
        needed = [name for name in (*self.settings, *self.secrets) if name not in self.optional or name in wanted]
        return [name for name in needed if name not in given and self.instead.get(name) not in given]

    def check(self, settings: Mapping[str, str]) -> None:
        """Raises InvalidInputError for a setting that there is not, or with a value that it cannot have."""
        for name, value in settings.items():
            if name not in self.settings:
                raise InvalidInputError(f"{name!r} is no setting", hint=f"Known are {', '.join(self.settings)}.")
            if value and name in self.choices and value not in self.choices[name]:
                raise InvalidInputError(f"{name} cannot be {value!r}", hint=f"Possible: {', '.join(self.choices[name])}, or nothing.")
            if value and name in self.numbers and not (_RATE if name == "per_second" else _WHOLE).fullmatch(value):
                raise InvalidInputError(f"{name} is a number above 0, not {value!r}")

    def fill(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """The secrets with those made that were left empty."""
        fresh = {name: make() for name, make in self.made.items() if not secrets.get(name)}
        return {name: value for name, value in {**secrets, **fresh}.items() if value}


def own_words() -> str:
    """A secret of our own choosing that every provider takes: 32 small letters and digits."""
    return token_hex(16)


class AccountIncompleteError(BatonError):
    """An account lacks something it needs."""

    status = 503


class Fate(StrEnum):
    """What became of a send: taken by the provider, to be tried again, refused for good, or not known."""

    SENT = "sent"
    LATER = "later"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """Why a provider refused, the same words for every channel; what to do about each stands in `channels/problems.py`."""

    TRANSIENT = "transient"
    RATE_ACCOUNT = "rate_account"
    RATE_PAIR = "rate_pair"
    AUTH = "auth"
    PERMISSION = "permission"
    BAD_REQUEST = "bad_request"
    RECIPIENT = "recipient_unreachable"
    OPTED_OUT = "recipient_opted_out"
    WINDOW = "window_closed"
    TEMPLATE = "template_problem"
    POLICY = "policy_block"
    BILLING = "billing"
    MEDIA = "media"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SendResult:
    """The outcome of one send. `external_id` is the provider's name of the message; `retry_after` is in seconds, as the provider asks."""

    fate: Fate
    external_id: str | None = None
    reason: str | None = None
    problem: Problem | None = None
    code: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class Choice:
    """A button or row as it goes out: a title that fits, and a short reference that comes back (`channels/choices.py`)."""

    title: str
    reference: str
    description: str = ""


@dataclass(frozen=True)
class File:
    """A file that goes out. `type` is by content; `data` are its bytes; `id` is that of the stored attachment."""

    kind: str
    type: str
    name: str
    data: bytes = field(repr=False)
    id: UUID | None = None


@dataclass(frozen=True)
class Part:
    """One message at the provider, made by `channels/render.py` so that it fits the channel's capabilities.

    At most one of `buttons` and `rows` is filled. `special` holds what only some channels know (a template, a location request ...): the
    keys of `Content.custom` that the channel named in `specials`. `more`: further files, where they go together.
    """

    text: str
    buttons: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    link: tuple[str, str] | None = None
    file: File | None = None
    special: Mapping[str, Any] = field(default_factory=dict)
    more: tuple[File, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where in a thread that is no chat a message goes: the provider's id of the customer's last message, and what was beside it."""

    key: str
    last_id: str
    last: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sending:
    """One part on its way. `key` is ours: the same at each try, echoed by providers that can. `to`: the address the customer last used.

    `addresses` are all their addresses at this account, newest first. `reply_to` is the provider's id of the message that is answered.
    `handle` is what the customer's last message brought for answering it, given out once (`Capabilities.reply_handles`). `place`: in mail
    threads and under public posts. `late`: the window is closed, save for people (`Capabilities.human_window`).
    """

    key: UUID
    message: MessageView
    part: Part
    to: str
    account: Account
    addresses: Sequence[str] = ()
    reply_to: str | None = None
    language: str = "en"
    handle: str | None = None
    place: Place | None = None
    late: bool = False


class Channel(Protocol):
    """A channel as delivery sees it. `sent_when_stored`: its clients read what is stored, so there is nothing more to send.

    `needs_account`: whether it sends through accounts of `channel_account`; without, it is given an empty one.
    """

    name: str
    sent_when_stored: bool
    needs_account: bool
    capabilities: Capabilities
    specials: frozenset[str]

    async def send(self, sending: Sending) -> SendResult:
        """Sends one part. Never raises for what a provider or network may do; what may have gone out is UNKNOWN, not LATER."""


@runtime_checkable
class BorrowsAccounts(Protocol):
    """A channel that sends with the accounts of another one: public comments with those of the pages."""

    accounts_of: str


@dataclass(frozen=True)
class Hook:
    """A webhook request as it came: nothing decoded, header names in lower case."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What a webhook request is answered with."""

    body: bytes = b""
    status: int = 200
    type: str = "text/plain"


class SignatureError(BatonError):
    """The signature is missing or wrong."""

    status = 401


class ShapeError(BatonError):
    """The body is not what this provider sends."""

    status = 422


class Door(Protocol):
    """How a channel's webhooks come in. Pure: no database, no network. What is checked is stored raw; only then `parse` sees it."""

    name: str

    def greet(self, hook: Hook, account: Account) -> Answer:
        """The answer to GET: the provider's handshake. Raises SignatureError."""

    def check(self, hook: Hook, account: Account) -> None:
        """Raises SignatureError unless the raw body is signed by the provider (or whoever knows the account's secret)."""

    def parse(self, body: bytes, account: Account) -> Sequence[Happening]:
        """All that happened, in the order of the body; what is not known is an `Unknown` among them. Raises ShapeError."""


@dataclass(frozen=True)
class Stored:
    """A webhook that was stored. Not `fresh`: one of this name came before, and `same` says whether it held the same."""

    id: int
    fresh: bool = True
    same: bool = True


@runtime_checkable
class NamedDeliveries(Protocol):
    """A door whose provider names each delivery, so that one that comes twice is stored once."""

    def delivery(self, hook: Hook) -> str | None:
        """The name of a checked delivery, or None."""


@runtime_checkable
class Answering(Protocol):
    """A door whose provider wants more than an empty 200."""

    def answer(self, hook: Hook, account: Account, stored: Stored) -> Answer:
        """The answer to a stored webhook. Raises BatonError where it contradicts one that came before."""


class Connector(Protocol):
    """Enters the address of our webhook at the provider, so that nobody has to."""

    async def connect(self, account: Account, url: str) -> str:
        """Enters it; a line that says what is so now. Raises BatonError."""


class MediaSource(Protocol):
    """Where the files of customers are fetched from."""

    async def fetch(self, source: str, account: Account, *, max_bytes: int) -> bytes:
        """The bytes of a file. Raises MediaGoneError when it will never come, any other error when it may come later."""


class MediaGoneError(BatonError):
    """The file cannot be fetched: it expired, is too large, or is not ours."""
