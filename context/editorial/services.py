"""What editorial work needs from the rest of the house, handed in once at start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from context.ledger import Ledger
from kit.blobs import BlobStore
from kit.db import Database
from knowledge.search import SearchIndex
from knowledge.trying import Trial, Trier
from knowledge.types import ArticleDraft


class Tryer(Protocol):
    """Tries a question on the live index, and with a draft in the place of what is published."""

    async def try_question(self, question: str, *, language: str, audience: str, draft: ArticleDraft | None) -> Trial:
        """Raises UnavailableError when nobody who holds an index answers."""


@dataclass(frozen=True)
class LocalTryer:
    """The port on an index of this process: its fake, and what a worker uses."""

    index: SearchIndex
    trier: Trier = field(default_factory=Trier)

    async def try_question(self, question: str, *, language: str, audience: str, draft: ArticleDraft | None) -> Trial:
        """See the port."""
        return await asyncio.to_thread(self.trier.try_question, self.index, question, language=language, audience=audience, draft=draft)


@dataclass(frozen=True)
class ArticleServices:
    """The parts. `second_person`: what is published must have been approved by somebody who did not write it."""

    database: Database
    ledger: Ledger
    blobs: BlobStore
    tryer: Tryer
    second_person: bool = False
