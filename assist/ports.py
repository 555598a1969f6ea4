"""What assistance asks of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from context.types import Citation
from knowledge.ports import Vectors

KNOWLEDGE, MACRO, HISTORY = "knowledge", "macro", "history"
SOURCES = (KNOWLEDGE, MACRO, HISTORY)


@dataclass(frozen=True)
class Ask:
    """For what drafts are wanted: a customer's message, and what is known where it was written.

    `values` are those of the variables of macros; `staff_id` who holds the conversation; `vector` the encoded question, float32
    (dimension,), once it is known; `before` what was said to the customer last.
    """

    question: str
    language: str
    intent: str | None = None
    staff_id: UUID | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    vector: Vectors | None = None
    before: str = ""


@dataclass(frozen=True)
class Draft:
    """A possible reply: `source` is knowledge, macro or history; `confidence` (0 to 1) the chance that it answers.

    `origin` names what it was made from: an article, a macro, a learned reply. `internal`: for the agent's eyes, never sent as it is.
    `language` is that of the text. `own` is what the source itself believed, `ranker` the version that made `confidence` of it.
    """

    source: str
    text: str
    citations: tuple[Citation, ...]
    confidence: float
    origin: str = ""
    internal: bool = False
    language: str = ""
    title: str = ""
    own: float = 0.0
    ranker: int = 0


class DraftSource(Protocol):
    """Makes drafts for what a customer wrote. Read-only."""

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """The best drafts, best first; empty when nothing helps."""


class FixedDrafts:
    """The fake of the port: the same drafts for every question that holds a word."""

    def __init__(self, by_word: Mapping[str, list[Draft]]) -> None:
        self.by_word = by_word

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See the port."""
        return [d for word, drafts in self.by_word.items() if word in ask.question for d in drafts][:limit]
