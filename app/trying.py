"""Trying questions from the server: a worker holds the index and the encoder, and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from app.readers import IndexNotReadyError
from kit.asking import Asker
from knowledge.search import SearchIndex
from knowledge.trying import Trial, Trier, Turned
from knowledge.types import ArticleDraft

TRY = "try_question"
SECONDS = 60.0  # with some thousand articles the first question about a draft takes its time
PUBLIC = "public"
Turns = Callable[[SearchIndex, str, str], Awaitable[Turned | None]]  # index, question, language
_DRAFTS = TypeAdapter(ArticleDraft)
_TRIALS = TypeAdapter(Trial)


@dataclass(frozen=True)
class AskedTryer:
    """The port (`context.editorial.services.Tryer`) for a process without an index."""

    asker: Asker

    async def try_question(self, question: str, *, language: str, audience: str, draft: ArticleDraft | None) -> Trial:
        """See the port."""
        packed = asdict(draft) if draft is not None else None
        said = await self.asker.ask(TRY, seconds=SECONDS, text=question, language=language, audience=audience, draft=packed)
        return _TRIALS.validate_python(said)


@dataclass(frozen=True)
class TryAnswers:
    """What a worker answers with the index that it holds now."""

    index: Callable[[], SearchIndex | None]
    turn: Turns
    trier: Trier = field(default_factory=Trier)

    async def answer(self, *, text: str, language: str, audience: str, draft: dict[str, Any] | None, **_: Any) -> dict[str, Any]:
        """A trial as JSON. Raises IndexNotReadyError."""
        index = self.index()
        if index is None:
            raise IndexNotReadyError
        wanted = None if draft is None else _DRAFTS.validate_python(draft)
        trial = await asyncio.to_thread(self.trier.try_question, index, text, language=language, audience=audience, draft=wanted)
        if audience == PUBLIC:
            trial = await self._with_turns(trial, index, text, language=language, draft=wanted)
        return asdict(trial)

    async def _with_turns(self, trial: Trial, index: SearchIndex, text: str, *, language: str, draft: ArticleDraft | None) -> Trial:
        """With what the bot would do; agents are not answered by it."""
        before = replace(trial.before, turn=await self.turn(index, text, language))
        if trial.after is None or draft is None:
            return replace(trial, before=before)
        candidate = await asyncio.to_thread(self.trier.candidate, index, draft)
        return Trial(before, replace(trial.after, turn=await self.turn(candidate, text, language)))
