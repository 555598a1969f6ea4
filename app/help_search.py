"""What a worker answers to the help centre's search page."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from app.brain import Brain
from app.help import SEARCH
from kit.asking import Respond
from kit.errors import UnavailableError
from knowledge.answer import answer
from knowledge.dense import embed_question
from knowledge.search import SearchIndex
from knowledge.types import Filters


def search_questions(brain: Brain) -> dict[str, Respond]:
    """What a worker answers to the help centre."""

    async def search(*, text: str, language: str, limit: int, **_: Any) -> dict[str, Any]:
        if brain.index is None:
            raise UnavailableError("The search index is not loaded yet")
        return await asyncio.to_thread(_search, brain.index, text, language, limit)

    return {SEARCH: search}


def _search(index: SearchIndex, text: str, language: str, limit: int) -> dict[str, Any]:
    """An `Answer` as JSON, with up to `limit` hits."""
    vector = embed_question(text, index.embedder)
    said = answer(index, text, language=language, vector=vector)
    hits = index.search(text, language=language, limit=limit, filters=Filters(), vector=vector)
    return asdict(said) | {"hits": [asdict(one) for one in hits]}
