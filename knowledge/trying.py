"""Trying a question before publishing: what search finds and what would be said, now and with a draft in the place of what is published."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from knowledge.answer import answer
from knowledge.checking import LANGUAGES
from knowledge.dense import embed_question, embed_views, views
from knowledge.entries import Entry
from knowledge.passages import cut
from knowledge.search import SearchIndex
from knowledge.types import Answer, ArticleDraft, Filters, Hit

FOUND = 5
_KEPT, _MANY = 4, 2000  # indexes kept; only one when they have more passages than this


@dataclass(frozen=True)
class Turned:
    """What a bot would do with a question that begins a talk: its words and buttons, and what it took the question for.

    `handoff`: why a person would be called, empty when none would be; `would_do`: names of what it would have performed.
    """

    messages: tuple[str, ...]
    buttons: tuple[str, ...]
    intent: str
    confidence: float
    handoff: str = ""
    would_do: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What one index makes of a question: the hits, best first, what would be said, and from which confidence on something is said.

    `turn` is the whole turn of the bot, where there is one to ask.
    """

    hits: tuple[Hit, ...]
    answer: Answer
    threshold: float
    turn: Turned | None = None


@dataclass(frozen=True)
class Trial:
    """A question before and after publishing a draft; `after` is None without one."""

    before: Found
    after: Found | None = None


def with_draft(index: SearchIndex, draft: ArticleDraft) -> SearchIndex:
    """The index as it would be with this draft published, calibrated as before. Encodes the draft only.

    Other languages of the article get the draft's tags, category and audience, as they would. A large index is not built anew: it takes
    the draft in as it takes in what is published.
    """
    passages = cut(draft)
    asked = [(draft.questions or ()) if passage.ordinal == 0 else () for passage in passages]
    vectors = embed_views([views(passage, draft.tags, some) for passage, some in zip(passages, asked, strict=True)], index.embedder)
    fresh = [
        Entry(passage, rows, draft.audience, draft.category, draft.tags, some)
        for passage, rows, some in zip(passages, vectors, asked, strict=True)
    ]
    places = [place for language in LANGUAGES if language != draft.language for place in index.variant(draft.id, language)]
    fresh += [replace(index.entries[p], audience=draft.audience, category=draft.category, tags=draft.tags) for p in places]
    if len(index.entries) > _MANY:
        return index.changed({draft.id}, fresh, generation=index.generation)
    others = [entry for entry in index.entries if entry.passage.article_id != draft.id]
    made = SearchIndex([*others, *fresh], index.embedder, generation=index.generation, calibration=index.calibration)
    made.reranker, made.expecting = index.reranker, index.expecting
    return made


class Trier:
    """Tries questions; the indexes with the drafts tried last are kept, so that the next question about one is quick.

    Indexes are built one at a time, whoever asks.
    """

    def __init__(self) -> None:
        self._building = Lock()
        self._kept: OrderedDict[tuple[int, ArticleDraft], SearchIndex] = OrderedDict()

    def try_question(
        self, index: SearchIndex, question: str, *, language: str, audience: str = "public", draft: ArticleDraft | None = None
    ) -> Trial:
        """What `index` makes of the question, and what it would make of it with `draft`. Takes time: call it in a thread."""
        vector = embed_question(question, index.embedder) if question.strip() else None

        def ask(asked: SearchIndex) -> Found:
            said = answer(asked, question, language=language, audience=audience, vector=vector)
            hits = asked.search(question, language=language, limit=FOUND, filters=Filters(audience=audience), vector=vector)
            return Found(tuple(hits), said, asked.threshold(language))

        return Trial(ask(index), None if draft is None else ask(self.candidate(index, draft)))

    def candidate(self, index: SearchIndex, draft: ArticleDraft) -> SearchIndex:
        """The index with the draft, made now or before."""
        key = (index.generation, draft)
        with self._building:
            found = self._kept.pop(key, None)
            while self._kept and len(self._kept) >= (_KEPT if len(index.entries) < _MANY else 1):
                self._kept.popitem(last=False)
            self._kept[key] = found = found or with_draft(index, draft)
        return found
