"""What a search index is made of: texts, words, vectors and attached questions; and how it takes a change without being built anew.

A change lies beside the first parts: passages that are gone are masked, new ones are a second layer. Both are searched as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked, AskedQuestions
from knowledge.dense import DenseIndex
from knowledge.entries import Columns, ColumnsBuilder, Entry, EntryTable, Joined, TextsBuilder
from knowledge.lexical import PartBuilder, WordSearch, passage_document, spellers
from knowledge.ports import Vectors
from knowledge.spelling import Speller


@dataclass(frozen=True)
class Sizes:
    """Up to how many an index does the simple thing: keeps entries as objects, compares all vectors exactly, scores all words."""

    entries: int = 20_000
    vectors: int = 20_000
    words: int = 20_000


SIZES = Sizes()


@dataclass(frozen=True)
class Groups:
    """The passages of each article: `places[starts[i]:starts[i + 1]]` are those of article i, in the order of the index."""

    places: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, articles: NDArray[np.int32], count: int) -> Groups:
        """`articles` (passages,): the article of each passage, below `count`."""
        places = np.argsort(articles, kind="stable").astype(np.int64)
        return cls(places, np.concatenate([[0], np.cumsum(np.bincount(articles, minlength=count))]).astype(np.int64))

    def __getitem__(self, article: int) -> list[int]:
        if article + 1 >= len(self.starts):
            return []
        found: list[int] = self.places[self.starts[article] : self.starts[article + 1]].tolist()
        return found


@dataclass(frozen=True)
class Parts:
    """`alive` bool (passages,): which of them are not replaced or gone. `base` is what was built at once, `then` what came since."""

    entries: Sequence[Entry]
    columns: Columns
    words: WordSearch
    dense: DenseIndex
    asked: AskedQuestions
    spellers: Mapping[str, Speller]
    groups: Groups
    alive: NDArray[np.bool_]
    variants: int
    base: Parts | None = None
    then: tuple[Entry, ...] = ()
    replaced: Mapping[int, list[int]] | None = None

    @property
    def articles(self) -> int:
        """How many articles there are, or have been."""
        return len(self.columns.names["article"])

    def places_of(self, article: int) -> list[int]:
        """The passages of an article as they are now, in order."""
        if self.replaced is not None and article in self.replaced:
            return self.replaced[article]
        return [place for place in self.groups[article] if self.alive[place]]

    def changed(self, gone: Collection[str], fresh: Sequence[Entry]) -> Parts:
        """The same without the articles of these ids and with these entries, which replace those of the same article."""
        base = self.base or self
        gone = {*gone, *(entry.passage.article_id for entry in fresh)}
        then = (*(entry for entry in self.then if entry.passage.article_id not in gone), *fresh)
        alive = self.alive[: len(base.entries)].copy()
        for number in (one for name in gone if (one := base.columns.names["article"].find(name)) is not None):
            alive[base.groups[number]] = False
        builder = ColumnsBuilder(base.columns)
        replaced: dict[int, list[int]] = {}
        for place, entry in enumerate(then, start=len(base.entries)):
            builder.add(entry)
            replaced.setdefault(builder.names["article"].number(entry.passage.article_id), []).append(place)
        words = base.words.extended(passage_document(entry.passage, entry.tags) for entry in then)
        asked = base.asked.extended([one for place, entry in enumerate(then, start=len(base.entries)) for one in entry.asked(place)])
        return Parts(
            entries=Joined(base.entries, then),
            columns=builder.build(),
            words=words,
            dense=base.dense.extended(entry.text_vectors for entry in then),
            asked=asked,
            spellers=_extended(base.spellers, words, asked.words),
            groups=base.groups,
            alive=np.concatenate([alive, np.ones(len(then), dtype=np.bool_)]),
            variants=base.variants,
            base=base,
            then=then,
            replaced=replaced,
        )


class _Feed:
    """Shows each entry to all that are built of it while its vectors pass through: entries are read once and need not be held."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.columns, self.texts, self.words = ColumnsBuilder(), TextsBuilder(), PartBuilder()
        self.asked: list[Asked] = []
        self.kept: list[Entry] | None = []
        self.count = 0

    def through(self, entries: Iterable[Entry]) -> Iterator[Vectors]:
        for place, entry in enumerate(entries):
            self.columns.add(entry)
            self.words.add(passage_document(entry.passage, entry.tags))
            self.asked.extend(entry.asked(place))
            self._keep(entry)
            yield entry.text_vectors

    def _keep(self, entry: Entry) -> None:
        self.texts.add(entry)
        self.count += 1
        if self.kept is not None:
            self.kept.append(entry)
            self.kept = self.kept if len(self.kept) <= self._most else None


def build_parts(entries: Iterable[Entry], dimension: int, sizes: Sizes = SIZES) -> Parts:
    """All parts of an index, from entries that are read once."""
    feed = _Feed(sizes.entries)
    dense = DenseIndex(feed.through(entries), dimension, many=sizes.vectors)
    words, asked = WordSearch.of((feed.words.build(),), few=sizes.words), AskedQuestions(feed.asked, dimension)
    columns = feed.columns.build()
    if feed.kept is not None:
        held: Sequence[Entry] = tuple(feed.kept)
    else:
        held = EntryTable(columns, dense, *feed.texts.build(), by_place(feed.asked))
    return assembled(held, columns=columns, dense=dense, words=words, asked=asked)


def assembled(entries: Sequence[Entry], *, columns: Columns, dense: DenseIndex, words: WordSearch, asked: AskedQuestions) -> Parts:
    """Parts that are built or read, with what follows from them."""
    articles, languages = columns.numbers["article"], columns.numbers["language"]
    variants = len(np.unique(articles.astype(np.int64) * (1 + len(columns.names["language"])) + languages))
    groups = Groups.of(articles, len(columns.names["article"]))
    alive = np.ones(len(entries), dtype=np.bool_)
    return Parts(entries, columns, words, dense, asked, spellers(words, asked.words), groups, alive, variants)


def by_place(asked: Sequence[Asked]) -> dict[int, list[Asked]]:
    """The questions attached at each place."""
    found: dict[int, list[Asked]] = {}
    for one in asked:
        found.setdefault(one.place, []).append(one)
    return found


def _extended(known: Mapping[str, Speller], *searches: WordSearch) -> dict[str, Speller]:
    """The spellers with the words of the newest part of each search."""
    found = dict(known)
    for search in searches:
        for name, postings in search.parts[-1].postings.items():
            if name in found:
                found[name] = found[name].extended({term: postings.found_in(term) for term in postings.numbers})
    return found
