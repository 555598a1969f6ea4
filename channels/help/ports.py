"""What the help centre asks of others."""

from __future__ import annotations

from typing import Protocol

from kit.errors import UnavailableError
from knowledge.types import Answer


class Searching(Protocol):
    """Asks the search index, which another process may hold."""

    async def search(self, question: str, *, language: str, limit: int) -> Answer:
        """The hits, best first, and the quoted answer when it is sure. Raises UnavailableError when nothing answers in time."""


class FixedSearching:
    """The fake of the port: the same answer to every question, or none."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def search(self, question: str, *, language: str, limit: int) -> Answer:  # noqa: ARG002 - the port's shape
        self.asked.append(question)
        if self.answer is None:
            raise UnavailableError
        return self.answer
