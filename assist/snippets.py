"""Which article answers the newest turn of a dialogue: search by meaning and words, and what the dialogue is about by then."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.dialogues import AGENT, CUSTOMER, Turn
from assist.entities import Names, split_title
from assist.remembering import RememberingEncoder
from knowledge.dense import DenseIndex, unrelated_of, views
from knowledge.lexical import WordSearch, passage_document, spellers
from knowledge.passages import cut
from knowledge.ports import Embedder, Vectors
from knowledge.types import ArticleDraft, Passage
from nlu.language import identify

OLDER = 0.7  # what a name counts for each turn that it was said earlier
FEATURES = ("meaning", "words", "said", "latest", "used before", "context", "words of context")
MEANING, WORDS, SAID, LATEST, USED, CONTEXT, CONTEXT_WORDS = range(len(FEATURES))
UNTRAINED = np.array([1.0, 0.3, 0.0, 0.5, 0.0, 0.3, 0.0])
UNNAMED = 0.5  # how much an article that is about nothing of its own counts as spoken of
DEPTH = 10
_READ = 500  # characters by which the language of an article is known
RECENT = 3  # turns that make the context
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Snippet:
    """An article as it is looked for: `name` is what it is about ("" when it is about nothing of its own), `title` the rest."""

    id: str
    title: str
    text: str
    name: str = ""


def snippets_of(rows: Sequence[tuple[str, str, str]]) -> list[Snippet]:
    """(id, title, text) as snippets; a title "NAME: heading" gives the name, where several articles share it."""
    shared: dict[str, int] = defaultdict(int)
    for _, title, _ in rows:
        shared[split_title(title)[0]] += 1
    found = []
    for identity, title, text in rows:
        name, heading = split_title(title)
        named = bool(name) and shared[name] > 1
        found.append(Snippet(identity, heading if named else title, text, name if named else ""))
    return found


def spoken(turns: Sequence[Turn]) -> list[Turn]:
    """The last few turns that somebody spoke."""
    return [one for one in turns if one.speaker in (CUSTOMER, AGENT)][-RECENT:]


def _draft(place: int, one: Snippet, language: str | None) -> ArticleDraft:
    spoken = language or identify(f"{one.title} {one.text}"[:_READ]).language
    return ArticleDraft(str(place), spoken, one.title or one.text[:80] or one.id, one.text)


def _vectors(passages: Sequence[Passage], embedder: Embedder) -> list[Vectors]:
    """For each passage its views, float32 (views, dimension): encoded many at a time, so that a cache on disk is written seldom."""
    texts = [views(passage, window=0) for passage in passages]
    flat = list(dict.fromkeys(text for group in texts for text in group))
    ready = RememberingEncoder(embedder, most=len(flat) + 1)
    ready.encode(sorted(flat, key=len))
    return [ready.encode(group) for group in texts]


class Shelf:
    """The articles with their vectors and words, grouped by what they are about."""

    def __init__(self, snippets: Sequence[Snippet], embedder: Embedder, *, language: str | None) -> None:
        """Encodes every article; raises nothing for odd ones: an article without a text is found by its title.

        `language`: of all articles; None where each is to be known by its own words.
        """
        drafts = [_draft(place, one, language) for place, one in enumerate(snippets)]
        self.snippets = tuple(snippets)
        passages = [passage for draft in drafts for passage in cut(draft)]
        self._owners = np.array([int(passage.article_id) for passage in passages], dtype=np.int64)
        self._vectors = _vectors(passages, embedder)
        self._unrelated = unrelated_of(embedder)
        self._dense = DenseIndex(self._vectors, embedder.dimension, many=sys.maxsize)  # every article is looked at: no graph is needed
        self._words = WordSearch([passage_document(passage) for passage in passages])
        self._spellers = spellers(self._words)
        self._passages: dict[int, list[int]] = defaultdict(list)
        for passage, owner in enumerate(self._owners.tolist()):
            self._passages[owner].append(passage)
        groups: dict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(snippets):
            groups[one.name].append(place)
        self._groups = tuple(groups)
        self._group_of = np.zeros(len(snippets), dtype=np.int64)
        for number, places in enumerate(groups.values()):
            self._group_of[places] = number
        self.names = Names({n: [f"{snippets[p].title} {snippets[p].text}" for p in places] for n, places in groups.items() if n})
        self.place_of = {one.id: place for place, one in enumerate(snippets)}

    def said(self, turns: Sequence[Turn]) -> dict[str, float]:
        """The names that the dialogue speaks of, with their strength (0 to 1): the share that was said, less for each turn since."""
        found: dict[str, float] = {}
        strength = 1.0
        for turn in reversed([one for one in turns if one.speaker in (CUSTOMER, AGENT)]):
            for name, share in self.names.said_in(turn.text).items():
                found[name] = max(found.get(name, 0.0), share * strength)
            strength *= OLDER
        return found

    def candidates(self, turns: Sequence[Turn], vector: Vectors, context: Vectors, *, used: Vectors | None = None) -> Floats:
        """float (snippets, FEATURES): what is known of every article as an answer to the last turn.

        `vector`: float32 (dimension,), of the last turn; `context`: of it with the turns before it; `used`: what was used for questions
        like it, if known.
        """
        found = np.zeros((len(self.snippets), len(FEATURES)))
        found[:, MEANING] = self.nearness(vector)
        found[:, WORDS] = self._by_article(self._words.scores(turns[-1].text, self._spellers))
        found[:, CONTEXT] = self.nearness(context)
        found[:, CONTEXT_WORDS] = self._by_article(self._words.scores(" ".join(one.text for one in spoken(turns)), self._spellers))
        if used is not None:
            found[:, USED] = self.nearness(used)
        said = self.said(turns)
        strength = np.array([said.get(name, 0.0) if name else UNNAMED for name in self._groups])[self._group_of]
        found[:, SAID], found[:, LATEST] = strength, strength / max([UNNAMED, *said.values()])
        return found

    def nearness(self, vector: Vectors) -> Floats:
        """float (snippets,): the cosine of each article's nearest view, 0 where it has nothing to do with it."""
        cosines = (self._dense.everything(vector)[0] - self._unrelated) / (1 - self._unrelated)
        return self._by_article(np.maximum(0.0, cosines))

    def best_view(self, place: int, vector: Vectors) -> Vectors:
        """float32 (dimension,): the view of the article nearest to `vector`."""
        passages = self._passages[place]
        rows = np.concatenate([self._vectors[passage] for passage in passages])
        nearest: Vectors = rows[int((rows @ vector).argmax())]
        return nearest

    def _by_article(self, values: Vectors) -> Floats:
        best = np.zeros(len(self.snippets))
        np.maximum.at(best, self._owners, values)
        return best
