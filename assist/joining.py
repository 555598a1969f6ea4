"""One list out of several sources: ordered by one chance, without repeats, and empty when nothing is good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from assist.ports import Ask, Draft, DraftSource
from assist.ranking import Ranker
from assist.wanting import Wanting
from kit.errors import BatonError
from kit.log import get_logger
from knowledge.chinese import has_han
from knowledge.dense import embed_question
from knowledge.ports import Embedder

SILENT_BELOW = 0.3
WANTS_NOTHING_BELOW = 0.5  # of `assist/wanting.py`: on the conversations for choosing, what is usable is lost from 0.6 on
SAME = 88  # of 100: the words of one draft that stand in the other
PER_SOURCE = 4
FOREIGN = 0.6  # what a draft in another language counts beside one in the customer's

log = get_logger("assist")


@dataclass(frozen=True)
class JoinedDrafts:
    """All sources as one. The question is encoded once for all of them; a source that fails is left out of that answer.

    Where `wanting` knows that a turn wants no answer (thanks, "one moment", what the agent had asked for), no source is asked; what asks
    for a person beside something else is left out of the question.
    """

    sources: Mapping[str, DraftSource]
    embedder: Callable[[], Embedder]
    ranker: Callable[[], Ranker]
    wanting: Callable[[], Wanting | None] = lambda: None

    async def drafts(self, ask: Ask, *, limit: int) -> list[Draft]:
        """See the port."""
        if not ask.question.strip():
            return []
        wanted = await asyncio.to_thread(self._matter, ask, self.embedder())
        if wanted is None:
            return []
        found = await asyncio.gather(*(self._of(name, source, wanted) for name, source in self.sources.items()))
        return joined([draft for drafts in found for draft in drafts], wanted, ranker=self.ranker(), limit=limit)

    def _matter(self, ask: Ask, embedder: Embedder) -> Ask | None:
        """What is to be answered, encoded; None where no answer is wanted."""
        wanting = self.wanting()
        if wanting is None or wanting.encoder != embedder.name:
            return replace(ask, vector=embed_question(ask.question, embedder))
        for question in dict.fromkeys((wanting.matter(ask.question), ask.question)):
            vector = embed_question(question, embedder)
            if wanting.chance(question, vector, before=ask.before) >= WANTS_NOTHING_BELOW:
                return replace(ask, question=question, vector=vector)
        return None

    async def _of(self, name: str, source: DraftSource, ask: Ask) -> list[Draft]:
        try:
            return await source.drafts(ask, limit=PER_SOURCE)
        except BatonError as error:
            log.warning("a source of suggestions gave nothing", source=name, reason=error.code)
            return []


def joined(drafts: Sequence[Draft], ask: Ask, *, ranker: Ranker, limit: int) -> list[Draft]:
    """The best `limit` drafts with the ranker's chances as their confidence; of near repeats the better one, none below SILENT_BELOW."""
    weighed = [
        replace(one, confidence=_weight(one, ask) * ranker.chance(one, intent=ask.intent), own=one.confidence, ranker=ranker.version)
        for one in drafts
    ]
    kept: list[Draft] = []
    for one in sorted(weighed, key=lambda draft: (-draft.confidence, draft.internal)):
        if one.confidence < SILENT_BELOW or len(kept) == limit:
            break
        if not any(repeats(one, other) for other in kept):
            kept.append(one)
    return kept


def repeats(one: Draft, other: Draft) -> bool:
    """Whether an agent would read the same thing twice."""
    if one.origin and (one.source, one.origin) == (other.source, other.origin):
        return True
    if one.internal != other.internal:
        return False
    first, second = (" ".join(d.text.split()).casefold() for d in (one, other))
    if has_han(first):
        return fuzz.ratio(first, second) >= SAME
    return min(len(first), len(second)) > 20 and fuzz.token_set_ratio(first, second) >= SAME and fuzz.ratio(first, second) >= SAME / 2


def _weight(draft: Draft, ask: Ask) -> float:
    base = (draft.language or ask.language).partition("-")[0]
    return 1.0 if base == ask.language.partition("-")[0] else FOREIGN
