"""What nlu says of a text. `context/types.py` speaks the same words."""

from __future__ import annotations

from dataclasses import dataclass

OUT_OF_SCOPE = "oos"


@dataclass(frozen=True)
class Entity:
    """A span of the text (`start`, `end` in characters) with what it means."""

    name: str
    text: str
    value: str
    start: int
    end: int
    confidence: float = 1.0
    extractor: str = ""
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Sentiment:
    """Five levels from -2 (angry) to 2 (delighted), with a confidence from 0 to 1; `score` is the same without steps, -1 to 1."""

    level: int = 0
    confidence: float = 0.0
    angry: bool = False
    urgent: bool = False
    score: float = 0.0


@dataclass(frozen=True)
class Understanding:
    """What a text means.

    `ranking` holds (intent, probability) in falling order; `intent` is None when the message is out of scope.
    `also` holds what single clauses of the message want beside that, with their probabilities; `clauses` the words of every clause whose
    intent is sure, that of the message included, in the order said.
    `in_scope` (0 to 1) is what the out-of-scope decision went by.
    """

    language: str
    intent: str | None
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    sentiment: Sentiment = Sentiment()
    model: str = ""
    also: tuple[tuple[str, float], ...] = ()
    in_scope: float = 1.0
    clauses: tuple[tuple[str, str], ...] = ()
