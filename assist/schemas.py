"""Shapes of the /v1 API of assistance."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from assist.learning.figures import Use
from assist.learning.storing import RankerVersion
from assist.steps.doing import Wanted
from assist.steps.types import Help
from assist.suggestions import Suggestion


class SuggestionOut(BaseModel):
    """A draft for an agent. `internal`: for the agent's eyes, never to be sent as it is."""

    id: UUID
    message_id: UUID
    rank: int
    source: str
    origin: str
    title: str
    text: str
    language: str
    internal: bool
    confidence: float
    state: str
    articles: list[str]


class ProposalOut(BaseModel):
    """A likely next action with what it still lacks."""

    action: str
    arguments: dict[str, Any]
    missing: list[str]
    chance: float
    refusal: str | None


class OrderMeant(BaseModel):
    """The order that the conversation is about; `because`: named, shown, only_one or newest; `theirs`: known to be the customer's."""

    number: str
    status: str
    because: str
    theirs: bool


class QuestionOut(BaseModel):
    """What to ask, in the customer's language."""

    field: str
    action: str
    text: str


class LineOut(BaseModel):
    """A line of the summary."""

    kind: str
    text: str


class HelpOut(BaseModel):
    """Everything beside one conversation."""

    summary: list[LineOut]
    order: OrderMeant | None
    actions: list[ProposalOut]
    questions: list[QuestionOut]
    suggestions: list[SuggestionOut]


class WantedIn(BaseModel):
    """An action as an agent wants it."""

    model_config = ConfigDict(extra="forbid")

    action: str
    arguments: dict[str, Any]
    unproved: bool = False

    def wanted(self) -> Wanted:
        """The same, as the house speaks of it."""
        return Wanted(self.action, self.arguments, self.unproved)


class ConfirmWanted(WantedIn):
    """The same, with the key of the preparation."""

    key: str = Field(max_length=200)


class PreparedOut(BaseModel):
    """What the action would do, and the key with which it is confirmed."""

    key: str
    result: dict[str, Any]


class ShownIn(BaseModel):
    """Drafts that an agent had before them."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(min_length=1, max_length=20)


class BecameIn(BaseModel):
    """What an agent did with a draft."""

    model_config = ConfigDict(extra="forbid")

    became: Literal["taken", "dismissed"]


class UseOut(BaseModel):
    """What became of suggestions of one kind."""

    key: str
    source: str
    shown: int
    accepted: int
    edited: int
    dismissed: int
    used: float
    changed: float


class RankerOut(BaseModel):
    """A version of the ranking; 0 is the one that ships."""

    version: int
    made_at: datetime | None
    live: bool
    figures: dict[str, Any]


class LiveRanker(BaseModel):
    """Which version is to order suggestions."""

    version: int = Field(ge=0)


class ReplyOut(BaseModel):
    """A reply learned from conversations, redacted."""

    id: UUID
    language: str
    reply: str
    hidden: bool
    conversations: int
    agents: int


class ReplyChange(BaseModel):
    """Whether a learned reply may be offered."""

    hidden: bool


def suggestion_out(one: Suggestion) -> SuggestionOut:
    """A suggestion as JSON."""
    return SuggestionOut(
        id=one.id, message_id=one.message_id, rank=one.rank, source=one.source, origin=one.origin, title=one.title, text=one.text,
        language=one.language, internal=one.internal, confidence=one.confidence, state=one.state,
        articles=[citation.article_id for citation in one.citations],
    )  # fmt: skip


def help_out(found: Help, suggestions: list[Suggestion]) -> HelpOut:
    """Help as JSON."""
    meant = found.order
    order = OrderMeant(number=meant.order.number, status=meant.order.status, because=meant.because, theirs=meant.theirs) if meant else None
    return HelpOut(
        summary=[LineOut(kind=line.kind, text=line.text) for line in found.summary],
        order=order,
        actions=[
            ProposalOut(action=p.action, arguments=p.arguments, missing=list(p.missing), chance=p.chance, refusal=p.refusal)
            for p in found.proposals
        ],
        questions=[QuestionOut(field=q.field, action=q.action, text=q.text) for q in found.questions],
        suggestions=[suggestion_out(one) for one in suggestions],
    )


def use_out(use: Use) -> UseOut:
    """Use as JSON."""
    return UseOut(
        key=use.key, source=use.source, shown=use.shown, accepted=use.accepted, edited=use.edited, dismissed=use.dismissed,
        used=round(use.used, 4), changed=use.changed,
    )  # fmt: skip


def ranker_out(version: RankerVersion) -> RankerOut:
    """A version as JSON."""
    return RankerOut(version=version.version, made_at=version.made_at, live=version.live, figures=version.figures)
