"""The shapes of help beside a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from context.orders.spoken_of import SpokenOf


@dataclass(frozen=True)
class Proposal:
    """A likely next action: `arguments` as far as they are known, `missing` the names of those to ask for.

    `refusal`: why the shop's rules forbid it now (a word for programs), None when they do not. `chance`: how likely the customer wants it.
    """

    action: str
    arguments: dict[str, Any]
    missing: tuple[str, ...]
    chance: float
    refusal: str | None = None


@dataclass(frozen=True)
class Question:
    """What is still to be asked, as a sentence in the customer's language, ready to be sent."""

    field: str
    action: str
    text: str


@dataclass(frozen=True)
class Line:
    """A line of the summary: `kind` is asked, later, order, done, told or open."""

    kind: str
    text: str


@dataclass(frozen=True)
class Help:
    """Everything beside one conversation: summary, the order it is about, next actions, and questions to ask."""

    summary: tuple[Line, ...] = ()
    order: SpokenOf | None = None
    proposals: tuple[Proposal, ...] = ()
    questions: tuple[Question, ...] = ()
