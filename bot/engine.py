"""The port `DialogueEngine`: a turn goes in, a reply comes out; the same turn always gives the same reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bot.dialogue_events import DialogueEvent
from context.orders.types import OrderAccess as OrderAccess
from context.types import AnswerGiven, Content, Effect, HandoffRequest, Order, Understanding
from knowledge.types import Answer


@dataclass(frozen=True)
class TurnMessage:
    """One customer message of a turn.

    `payload` is set when a button was chosen: an intent as `/intent{"slot": "value"}`, or a plain value; `metadata` is what the
    client sent beside it, which a new session keeps in the slot `session_started_metadata`.
    """

    id: UUID
    text: str
    payload: str | None
    understanding: Understanding
    at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """All that the engine may know: the messages that wait, and the state as it stood before them.

    `dialogue` is the engine's own state as it returned it last time (JSON); empty at the start.
    `verified` says whether the contact proved who they are; `email` and `phone` are then trustworthy.
    """

    id: UUID
    conversation_id: UUID
    messages: tuple[TurnMessage, ...]
    slots: dict[str, Any]
    dialogue: dict[str, Any]
    language: str
    channel: str
    contact_id: UUID
    verified: bool
    email: str | None
    phone: str | None
    now: datetime


@dataclass(frozen=True)
class Reply:
    """What the bot wants: messages, the new state, effects to perform when the turn is committed, and how it decided.

    A text may hold `{effect:KEY}`, filled from the result of the effects (for example `{effect:reference}` of a return request).
    `handoff` passes the baton after the messages are said. `answers` are knowledge answers given in this turn; `abstained` questions had
    none. `events` are the dialogue events of this turn in order; at `wake_at` the next reminder is due: a turn without messages rings it.
    """

    messages: tuple[Content, ...]
    slots: dict[str, Any]
    dialogue: dict[str, Any]
    language: str
    effects: tuple[Effect, ...] = ()
    handoff: HandoffRequest | None = None
    answers: tuple[AnswerGiven, ...] = ()
    abstained: tuple[str, ...] = ()
    trace: tuple[dict[str, Any], ...] = ()
    events: tuple[DialogueEvent, ...] = ()
    wake_at: datetime | None = None


class OrderReader(Protocol):
    """Read-only: the orders the contact of this turn may see."""

    async def access(self, number: str, *, proof: str | None, turn: Turn) -> OrderAccess:
        """The order when the contact is verified and it is theirs, or `proof` is its e-mail or phone."""

    async def own(self, turn: Turn) -> tuple[Order, ...]:
        """The orders of a verified contact, newest first; empty when not verified."""


class KnowledgeReader(Protocol):
    """Read-only: answers from published public articles."""

    async def answer(self, question: str, *, language: str, about: str = "") -> Answer:
        """A grounded answer, or one whose text is None with the nearest topics.

        `about` names the article that the customer has before them: it is preferred where it answers about as well.
        """


class DialogueEngine(Protocol):
    """Decides what to say. Raises nothing that the customer could feel: `bot/turn.py` hands over on any error."""

    async def respond(self, turn: Turn) -> Reply:
        """The reply to a turn. Performs no effect itself."""
