"""Shapes of the /v1 API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """The body of every refusal."""

    error: str
    message: str
    hint: str | None = None


class ContactOut(BaseModel):
    """A contact with its identities."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None
    language: str | None
    verified: bool
    attributes: dict[str, Any]
    identities: list[dict[str, Any]]
    identifiers: list[dict[str, Any]] = []
    labels: list[str] = []
    segments: list[str] = []
    consent: dict[str, Any] = {}


class ContactChange(BaseModel):
    """What may be changed of a contact; absent fields stay."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=60)
    language: str | None = Field(default=None, max_length=20)
    attributes: dict[str, Any] | None = None


class ConversationOut(BaseModel):
    """A conversation."""

    id: UUID
    contact_id: UUID
    channel: str
    status: str
    handler: str
    agent_id: UUID | None
    language: str | None
    urgency: int
    preview: str
    slots: dict[str, Any]
    waiting_since: datetime | None
    opened_at: datetime
    updated_at: datetime


class MessageView(BaseModel):
    """A message with what was understood."""

    id: UUID
    seq: int
    direction: str
    author: str
    author_name: str | None
    visibility: str
    text: str
    buttons: list[dict[str, str]]
    citations: list[dict[str, Any]]
    channel: str
    delivery: str
    at: datetime
    intent: str | None
    confidence: float | None
    sentiment: int | None


class MessageIn(BaseModel):
    """A reply or a note of the token's owner. The same `reference` again stores a reply only once."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=100_000)
    note: bool = False
    channel: str | None = Field(default=None, max_length=40)  # one of the customer's; else where the customer last wrote
    reference: str | None = Field(default=None, min_length=1, max_length=100)
    confirmed: bool = False  # sent though it quotes what is for colleagues only


class HandBackIn(BaseModel):
    """What the bot is given back with: a note for colleagues, intents that are settled, and slots as they are now (null clears)."""

    model_config = ConfigDict(extra="forbid")
    note: str | None = Field(default=None, max_length=4000)
    settled_intents: list[str] | None = Field(default=None, max_length=20)  # absent: all that the customer asked for
    slots: dict[str, str | int | float | bool | None] = Field(default={}, max_length=50)


class EventOut(BaseModel):
    """An event of the log."""

    position: int | None
    name: str
    version: int
    at: datetime
    actor: dict[str, Any]
    conversation_id: UUID | None
    channel: str | None
    seq: int | None
    data: dict[str, Any]


class OrderOut(BaseModel):
    """An order; money in cents."""

    number: str
    status: str
    placed_at: datetime
    currency: str
    total: int
    items: list[dict[str, Any]]
    shipments: list[dict[str, Any]]
    email: str
    phone: str | None
    customer_name: str
    address: dict[str, Any]


class RequestOut(BaseModel):
    """Something that a customer asked to have done; `details` are what is needed to do it."""

    reference: str
    kind: str
    order_number: str | None
    status: str
    at: datetime
    details: dict[str, Any]
    conversation_id: UUID | None
