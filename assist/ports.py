"""What assistance asks of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from context.types import Citation


@dataclass(frozen=True)
class Draft:
    """A possible reply: `source` is knowledge or order; `confidence` from 0 to 1."""

    source: str
    text: str
    citations: tuple[Citation, ...]
    confidence: float


class DraftSource(Protocol):
    """Makes drafts for what a customer wrote. Read-only."""

    async def drafts(self, question: str, *, language: str, limit: int) -> list[Draft]:
        """The best drafts, best first; empty when nothing helps."""


class FixedDrafts:
    """The fake of the port: the same drafts for every question that holds a word."""

    def __init__(self, by_word: dict[str, list[Draft]]) -> None:
        self.by_word = by_word

    async def drafts(self, question: str, *, language: str, limit: int) -> list[Draft]:  # noqa: ARG002 - the port's shape
        return [d for word, drafts in self.by_word.items() if word in question for d in drafts][:limit]
