"""Search by words: BM25 (Robertson and Zaragoza 2009, in Lucene's form) over the terms of one family of languages."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.dense import highest
from knowledge.ports import Vectors
from knowledge.postings import B, Postings, PostingsBuilder, PostingsLook, counted
from knowledge.spelling import Speller
from knowledge.terms import family, terms
from knowledge.types import Passage

FAMILIES = ("en", "pt", "zh")
FEW = 20_000  # documents up to which every one is scored for a question
_TITLE_WEIGHT = 2


class Document(NamedTuple):
    """The terms of a text with its language."""

    language: str
    terms: list[str]


def passage_document(passage: Passage, tags: Sequence[str] = ()) -> Document:
    """The terms of a passage; those of its title path count twice, and the opening has the article's tags too."""
    heading = terms("\n".join(passage.title_path), passage.language)
    extra = terms("\n".join(tags), passage.language) if passage.ordinal == 0 else []
    return Document(passage.language, heading * _TITLE_WEIGHT + terms(passage.text, passage.language) + extra)


class LexicalIndex:
    """BM25 over documents given as terms, all of one family of languages. Unchanging, so that many threads may read it.

    The documents lie in one or more `Postings`; how rare a term is, is reckoned over all of them.
    """

    def __init__(self, documents: Iterable[Sequence[str]], *, length: float = B) -> None:
        """`length` (0 to 1): how much the length of a document counts."""
        builder = PostingsBuilder()
        for document in documents:
            builder.add(document)
        self._take((builder.build(length=length),))

    def _take(self, parts: Sequence[Postings]) -> None:
        self.parts = tuple(parts)
        self.size = sum(part.size for part in parts)
        self._unseen = float(np.log1p((self.size + 0.5) / 0.5))

    @classmethod
    def of(cls, parts: Sequence[Postings]) -> LexicalIndex:
        """The documents of these parts, one after the other."""
        made = cls.__new__(cls)
        made._take(parts)
        return made

    def frequencies(self) -> dict[str, int]:
        """Every term with the number of documents that have it."""
        counts: Counter[str] = Counter()
        for part in self.parts:
            found_in = np.diff(part.starts).tolist()
            counts.update({term: found_in[number] for term, number in part.numbers.items()})
        return dict(counts)

    def weight(self, term: str) -> float:
        """How much a term says (its inverse document frequency); one that no document has says most."""
        found_in = sum(part.found_in(term) for part in self.parts)
        return float(np.log1p((self.size - found_in + 0.5) / (found_in + 0.5))) if found_in else self._unseen

    def shares(self, question: Sequence[str]) -> dict[str, float]:
        """What each term of a question weighs, as a share (0 to 1) of the most that any document could reach on this question.

        The share, unlike the plain score, compares between questions: it is low when only the common words of a question are found.
        """
        weights = {term: count * self.weight(term) for term, count in counted(question).items()}
        most = sum(weights.values())
        return {term: weight / most for term, weight in weights.items()} if most > 0 else {}

    def scores(self, question: Sequence[str]) -> Vectors:
        """float32 (size,): BM25 of every document as a share (0 to 1) of the most that any document could reach on this question."""
        asked = self.shares(question)
        return np.concatenate([part.scores(asked) for part in self.parts])


@dataclass(frozen=True)
class Part:
    """A run of documents of all languages: for each family their places in it, ascending, and their postings."""

    size: int
    places: Mapping[str, NDArray[np.int64]]
    postings: Mapping[str, Postings]


class WordSearch:
    """Documents of all languages: one `LexicalIndex` for each family, so that lengths and frequencies are those of the language."""

    def __init__(self, documents: Iterable[Document], *, length: float = B) -> None:
        """The documents are read once."""
        self._take((_part(documents, length),), length)

    def _take(self, parts: Sequence[Part], length: float, few: int = FEW) -> None:
        self.parts, self.few, self._length = tuple(parts), few, length
        self._begins = np.cumsum([0, *(part.size for part in parts)]).tolist()
        self.size = int(self._begins[-1])
        families = [name for name in FAMILIES if any(name in part.postings for part in parts)]
        self.indexes = {name: LexicalIndex.of([part.postings[name] for part in parts if name in part.postings]) for name in families}

    @classmethod
    def of(cls, parts: Sequence[Part], *, length: float = B, few: int = FEW) -> WordSearch:
        """The documents of these parts, one after the other. Up to `few`, all are scored for each question."""
        made = cls.__new__(cls)
        made._take(parts, length, few)
        return made

    def extended(self, documents: Iterable[Document]) -> WordSearch:
        """These documents and then those, without building anew what is there: the mean length stays that of the first."""
        means = {name: postings.mean_length for name, postings in self.parts[0].postings.items()}
        return WordSearch.of((*self.parts, _part(documents, self._length, means)), length=self._length, few=self.few)

    def asked(self, question: str, spellers: Mapping[str, Speller] | None = None) -> dict[str, dict[str, float]]:
        """For each family the terms of a question, read and spelt in its way, with the share that each weighs."""
        found: dict[str, dict[str, float]] = {}
        for name, index in self.indexes.items():
            words = terms(question, name)
            found[name] = index.shares(spellers[name].corrected(words) if spellers and name in spellers else words)
        return found

    def scores(self, question: str, spellers: Mapping[str, Speller] | None = None) -> Vectors:
        """float32 (size,): see `LexicalIndex.scores`; the question is read, and spelt, in the language of each document."""
        found, asked = np.zeros(self.size, dtype=np.float32), self.asked(question, spellers)
        for begin, part in zip(self._begins, self.parts, strict=False):
            for name, places in part.places.items():
                found[begin + places] = part.postings[name].scores(asked[name])
        return found

    def look(self, question: str, spellers: Mapping[str, Speller] | None = None) -> WordLook:
        """The same for some documents only, or the best."""
        return WordLook(self, question, spellers)


class WordLook:
    """One question before a `WordSearch`: few documents are all scored, of many only those that can be among the best."""

    def __init__(self, search: WordSearch, question: str, spellers: Mapping[str, Speller] | None) -> None:
        self._values = search.scores(question, spellers) if search.size <= search.few else None
        self._looks: list[tuple[int, NDArray[np.int64], PostingsLook]] = []
        if self._values is None:
            asked = search.asked(question, spellers)
            for begin, part in zip(search._begins, search.parts, strict=False):
                for name, places in part.places.items():
                    self._looks.append((begin, places, part.postings[name].look(asked[name])))

    def best(self, count: int, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
        """About `count` of the documents that score best, in no order; only those that `allowed` (size,) says."""
        if self._values is not None:
            return highest(np.where(allowed, self._values, np.float32(0)), count)
        found = np.concatenate([begin + places[look.best(count, _Among(allowed, begin, places))] for begin, places, look in self._looks])
        if len(found) <= count:
            return found
        best: NDArray[np.int64] = found[np.argpartition(-self.at(found), count - 1)[:count]]
        return best

    def at(self, places: NDArray[np.int64]) -> Vectors:
        """float32 (len(places),): the shares of these documents."""
        if self._values is not None:
            return self._values[places]
        found = np.zeros(len(places), dtype=np.float32)
        for begin, mine, look in self._looks:
            local = np.minimum(np.searchsorted(mine, places - begin), len(mine) - 1)
            there = np.flatnonzero(mine[local] == places - begin)
            found[there] = look.at(local[there])
        return found


@dataclass(frozen=True)
class _Among:
    """Which documents of one family are allowed, without making a mask of them all."""

    allowed: NDArray[np.bool_]
    begin: int
    places: NDArray[np.int64]

    def __call__(self, documents: NDArray[np.int64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.allowed[self.begin + self.places[documents]]
        return found


class PartBuilder:
    """Takes documents of all languages one after the other."""

    def __init__(self) -> None:
        self._builders: dict[str, PostingsBuilder] = {}
        self._places: dict[str, array[int]] = {}
        self._size = 0

    def add(self, document: Document) -> None:
        """The next document."""
        name = family(document.language)
        self._builders.setdefault(name, PostingsBuilder()).add(document.terms)
        self._places.setdefault(name, array("q")).append(self._size)
        self._size += 1

    def build(self, *, length: float = B, means: Mapping[str, float] | None = None) -> Part:
        """What was added; see `PostingsBuilder.build`."""
        postings = {name: one.build(length=length, mean_length=(means or {}).get(name)) for name, one in self._builders.items()}
        return Part(self._size, {name: np.array(one, dtype=np.int64) for name, one in self._places.items()}, postings)


def _part(documents: Iterable[Document], length: float, means: Mapping[str, float] | None = None) -> Part:
    builder = PartBuilder()
    for document in documents:
        builder.add(document)
    return builder.build(length=length, means=means)


def spellers(*searches: WordSearch) -> dict[str, Speller]:
    """For English and Portuguese, a speller that knows the words of all these."""
    counts: dict[str, Counter[str]] = {}
    for search in searches:
        for name in ("en", "pt"):
            if name in search.indexes:
                counts.setdefault(name, Counter()).update(search.indexes[name].frequencies())
    return {name: Speller(words) for name, words in counts.items()}
