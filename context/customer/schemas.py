"""Shapes of the customer routes of /v1."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from context.schemas import ContactOut, ConversationOut, OrderOut, RequestOut


class Strict(BaseModel):
    """A body in which unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewContact(Strict):
    """A new contact. Its e-mail and telephone number are claims until they are proven."""

    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=60)
    region: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    language: str | None = Field(default=None, max_length=20)
    attributes: dict[str, Any] = {}


class Page(BaseModel):
    """A page; `next` is the cursor of the one after it, None at the end."""

    items: list[ContactOut]
    next: str | None


class IdentifierOut(BaseModel):
    """What a contact is known by; `method` says how it was proven, or where the claim came from."""

    id: UUID
    kind: str
    value: str
    verified: bool
    shared: bool
    method: str
    at: datetime
    verified_at: datetime | None


class IdentifierIn(Strict):
    """A claim, or what an agent has checked. `region` is the country of a telephone number without a country code."""

    kind: Literal["phone", "email", "member", "device"]
    value: str = Field(max_length=300)
    verified: bool = False
    region: str = Field(default="MO", pattern="^[A-Z]{2}$")


class IdentifierChange(Strict):
    """Whether several people use it."""

    shared: bool


class MergeIn(Strict):
    """Which contact becomes part of this one."""

    contact_id: UUID


class MergeOut(BaseModel):
    """A merge, and whether it was undone."""

    id: UUID
    from_id: UUID
    into_id: UUID
    method: str
    actor_kind: str
    actor_id: str | None
    evidence: dict[str, Any]
    at: datetime
    undone_at: datetime | None
    undone_by: str | None


class SuggestionOut(BaseModel):
    """Two contacts who may be one."""

    id: UUID
    contacts: list[dict[str, Any]]
    kind: str
    value: str
    doubts: list[str]
    at: datetime


class Decision(Strict):
    """What a person decided. `shared`: both use what they have in common, and are two people."""

    decision: Literal["confirm", "dismiss"]
    shared: bool = False


class KeyIn(Strict):
    """A new key of the shop's site. For ES256 its public key in PEM."""

    id: str = Field(max_length=60)
    algorithm: Literal["HS256", "ES256"] = "HS256"
    public_key: str | None = Field(default=None, max_length=2000)


class KeyOut(BaseModel):
    """A key, without its secret; `secret` stands in the answer to its making only."""

    id: str
    algorithm: str
    created_at: datetime
    retires_at: datetime | None
    secret: str | None = None


class NoteIn(Strict):
    """A note for colleagues."""

    text: str = Field(max_length=10_000)


class NoteOut(BaseModel):
    """A note."""

    id: UUID
    staff_id: UUID | None
    text: str
    at: datetime


class ConsentGiven(Strict):
    """What the customer said, and where."""

    granted: bool
    source: str = Field(default="api", min_length=1, max_length=100)
    version: str | None = Field(default=None, min_length=1, max_length=100)


class ToldIn(Strict):
    """An event of shop or website; `id` is the sender's, by which a repeat is known."""

    id: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=40)
    at: AwareDatetime
    data: dict[str, Any] = {}


class EventsIn(Strict):
    """Up to a hundred events."""

    source: str = Field(default="api", min_length=1, max_length=60)
    events: list[ToldIn] = Field(min_length=1, max_length=100)


class CallLine(Strict):
    """A line of what was said on the telephone."""

    by: Literal["customer", "agent", "bot"]
    text: str = Field(max_length=4000)
    at: float | None = None


class CallTold(Strict):
    """A call; told again with the same `id`, it is brought up to date."""

    id: str = Field(min_length=1, max_length=200)
    direction: Literal["in", "out"]
    seconds: int = Field(ge=0, le=86_400)
    at: AwareDatetime
    source: str = Field(default="api", min_length=1, max_length=60)
    summary: str | None = Field(default=None, max_length=4000)
    recording_url: str | None = Field(default=None, max_length=2000, pattern="^https?://")
    transcript: list[CallLine] = Field(default=[], max_length=2000)
    conversation_id: UUID | None = None


class RuleIn(Strict):
    """A segment or a label by rule. One with the name of a built-in rule takes its place; `active` False silences it."""

    kind: Literal["segment", "label"]
    rule: str = Field(max_length=500)
    active: bool = True


class RuleOut(BaseModel):
    """A rule."""

    name: str
    kind: str
    rule: str
    built_in: bool


class HappeningOut(BaseModel):
    """A line of the timeline."""

    kind: str
    id: str
    at: datetime
    channel: str | None
    data: dict[str, Any]


class Timeline(BaseModel):
    """A page of the timeline, newest first."""

    items: list[HappeningOut]
    next: str | None


class ViewOut(BaseModel):
    """The single customer view."""

    contact: ContactOut
    orders: list[OrderOut]
    open_conversations: list[ConversationOut]
    open_requests: list[RequestOut]
    sentiment: list[dict[str, Any]]
    timeline: list[HappeningOut]
