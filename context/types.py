"""The common language of the house: frozen dataclasses and enums. Knows no channel by name, no intent, no model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from knowledge.types import Citation as Citation
from nlu.types import Entity as Entity
from nlu.types import Sentiment as Sentiment
from nlu.types import Understanding as Understanding


class Status(StrEnum):
    """Whether a conversation is being worked on. Snoozed counts as open."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Handler(StrEnum):
    """Who answers: exactly one of them at any time."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Direction(StrEnum):
    """Seen from Baton: `in` comes from the customer, `out` goes to the customer."""

    IN = "in"
    OUT = "out"


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Visibility(StrEnum):
    """A note is for colleagues and never leaves the house."""

    PUBLIC = "public"
    NOTE = "note"


class Delivery(StrEnum):
    """How far an outbound message got."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


class HandoffReason(StrEnum):
    """Why the bot passed the baton."""

    CUSTOMER_ASKED = "customer_asked"
    NOT_UNDERSTOOD = "not_understood"
    NO_KNOWLEDGE = "no_knowledge"
    NOT_ALLOWED = "not_allowed"
    TOOL_FAILED = "tool_failed"
    POLICY = "policy"
    ANGRY = "angry"
    HIGH_VALUE = "high_value"
    AGENT_TOOK_OVER = "agent_took_over"


class Role(StrEnum):
    """What a staff member may do, each including those before it, save that an editor works on articles only."""

    EDITOR = "editor"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True)
class Button:
    """A quick reply: `title` is shown; `payload` is what is sent back when it is chosen."""

    title: str
    payload: str


@dataclass(frozen=True)
class Attachment:
    """A file of a message, `size` in bytes; its bytes lie in the blob store (`context/attachments/keeping.py`)."""

    id: UUID
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Content:
    """What a message says. `text` alone must do on a channel that has neither buttons nor links; with files it may be empty."""

    text: str
    buttons: tuple[Button, ...] = ()
    citations: tuple[Citation, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Inbound:
    """One message as a channel parsed it, before it is known whose it is.

    `identity` is the sender on that channel and account; `external_id` is the provider's id of the message, by which repeats are dropped;
    `metadata` is what the client sent beside the message for the bot (JSON). `attachments` are files that its sender has sent up before
    (`context/attachments/keeping.py::keep_file`); with any of them the text may be empty.
    """

    channel: str
    account: str
    identity: str
    external_id: str
    text: str
    payload: str | None = None
    sent_at: datetime | None = None
    profile_name: str | None = None
    language: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class MessageView:
    """A stored message; `metadata` is what the client sent beside it (`Inbound.metadata`), `address` the customer's on its channel."""

    id: UUID
    conversation_id: UUID
    seq: int
    direction: Direction
    author: Author
    author_name: str | None
    visibility: Visibility
    content: Content
    payload: str | None
    channel: str
    delivery: Delivery
    at: datetime
    understanding: Understanding | None = None
    external_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    address: str | None = None


@dataclass(frozen=True)
class AnswerGiven:
    """An answer the bot gave, for the handoff packet."""

    question: str
    answer: str
    article_id: str
    confidence: float


@dataclass(frozen=True)
class HandoffPacket:
    """Everything the agent needs so that the customer repeats nothing. `summary` is extractive: no model wrote it.

    `actions` are those that were carried out for the customer (`name`, `result`); `note` is a colleague's (`given_by`) who passed it on.
    `told` is what the customer said of themselves and nobody has proven, as in a form before the chat.
    """

    reason: HandoffReason
    summary: str
    language: str
    transcript: tuple[dict[str, Any], ...]
    slots: dict[str, Any]
    entities: tuple[Entity, ...]
    answers: tuple[AnswerGiven, ...]
    sentiment: Sentiment
    orders_seen: tuple[str, ...]
    urgency: int
    suggested_team: str | None = None
    actions: tuple[dict[str, Any], ...] = ()
    note: str | None = None
    given_by: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OrderItem:
    """One line of an order; money in cents of `Order.currency`."""

    sku: str
    title: str
    quantity: int
    unit_price: int


@dataclass(frozen=True)
class Shipment:
    """A parcel of an order."""

    carrier: str
    tracking_number: str
    status: str
    expected_on: str | None = None
    delivered_on: str | None = None


@dataclass(frozen=True)
class Order:
    """An order as the shop knows it; money in cents."""

    number: str
    status: str
    placed_at: datetime
    currency: str
    total: int
    items: tuple[OrderItem, ...]
    shipments: tuple[Shipment, ...]
    email: str
    phone: str | None
    customer_name: str
    address: dict[str, Any]


@dataclass(frozen=True)
class Effect:
    """A typed action that a reply asks for: `name` of an action in `context/actions`, with its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HandoffRequest:
    """The wish to pass the baton: the bot's, or an agent's (`given_by`) who leaves a note."""

    reason: HandoffReason
    urgency: int = 0
    suggested_team: str | None = None
    note: str | None = None
    given_by: str | None = None
