"""An inverted index of one family of languages: which documents hold a term and how much of it, and the best of them without reading all.

The best are found term by term, rarest first (MaxScore of Turtle and Flood 1995): as soon as what the remaining terms can add is less than
what the best have already, no new document can enter, and the remaining terms are looked up for the candidates only.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.ports import Vectors

K1, B = 1.2, 0.75
MOST_READ = 3_000_000  # postings of one question; what is commoner than that only ranks what rarer terms have found
_SEARCHED = 8  # looking one document up in a sorted list costs about as much as reading so many of its entries
_SCANNED = 8  # going through all sums costs about as much as finding the different ones among so many times fewer documents
_SLACK = np.float32(1e-6)  # sums of float32 in another order differ by this much

Places = NDArray[np.int64]
Allowed = Callable[[Places], NDArray[np.bool_]]


@dataclass(frozen=True)
class Postings:
    """Of term i the documents `documents[starts[i]:starts[i + 1]]`, ascending, each with the saturated count of the term in `amounts`.

    `tops` (terms,) is the highest amount of each term, `size` the number of documents, `mean_length` in terms.
    """

    numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    amounts: Vectors
    tops: Vectors
    size: int
    mean_length: float

    def found_in(self, term: str) -> int:
        """How many documents hold the term."""
        number = self.numbers.get(term)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def of(self, number: int) -> tuple[NDArray[np.int32], Vectors]:
        """The documents of a term, ascending, and its amounts there."""
        part = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.documents[part], self.amounts[part]

    def scores(self, asked: Mapping[str, float]) -> Vectors:
        """float32 (size,): for every document the sum of the amounts of these terms times their weights."""
        found = np.zeros(self.size, dtype=np.float32)
        for number, weight in self._known(asked):
            documents, amounts = self.of(number)
            found[documents] += np.float32(weight) * amounts
        return found

    def look(self, asked: Mapping[str, float]) -> PostingsLook:
        """The same for some documents only, or the best."""
        return PostingsLook(self, self._known(asked))

    def _known(self, asked: Mapping[str, float]) -> list[tuple[int, float]]:
        """Number and weight of the terms that some document holds, rarest first."""
        known = [(self.numbers[term], weight) for term, weight in asked.items() if term in self.numbers]
        return sorted(known, key=lambda one: self.starts[one[0] + 1] - self.starts[one[0]])


class PostingsLook:
    """One question before the `Postings`: terms by number with their weights, rarest first."""

    def __init__(self, postings: Postings, asked: Sequence[tuple[int, float]]) -> None:
        self._postings, self._asked = postings, asked
        bounds = [weight * float(postings.tops[number]) for number, weight in asked]
        self._left = np.concatenate([np.cumsum(bounds[::-1])[::-1], [0.0]]).astype(np.float32)
        self._sums = np.zeros(postings.size if asked else 0, dtype=np.float32)
        self._read = 0

    def best(self, count: int, allowed: Allowed | None = None) -> Places:
        """The documents that score best, about `count` of them, in no order; only those that `allowed` says."""
        least, leaders = np.float32(0), np.zeros(0, dtype=np.int64)
        budget = MOST_READ
        touched: list[NDArray[np.int32]] = []
        for place in range(self._read, len(self._asked)):
            documents, amounts = self._postings.of(self._asked[place][0])
            budget -= len(documents)
            if self._left[place] < least or (touched and budget < 0):
                break
            self._sums[documents] += np.float32(self._asked[place][1]) * amounts
            self._read = place + 1
            touched.append(documents)
            least, leaders = self._lead(leaders, documents, least, count, allowed)
        return self._finish(touched, least, count, allowed)

    def at(self, places: Places) -> Vectors:
        """float32 (len(places),): the sums of these documents."""
        if not self._asked or not len(places):
            return np.zeros(len(places), dtype=np.float32)
        sums: Vectors = self._sums[places]
        for place in range(self._read, len(self._asked)):
            sums += self._added(place, places)
        return sums

    def _lead(
        self, leaders: Places, documents: NDArray[np.int32], least: np.float32, count: int, allowed: Allowed | None
    ) -> tuple[np.float32, Places]:
        """The documents that lead so far, and the least that `count` of them have."""
        risen = documents[self._sums[documents] > least].astype(np.int64)
        risen = risen if allowed is None else risen[allowed(risen)]
        if len(risen) > count:
            sums = self._sums[risen]
            risen = risen[sums >= np.partition(sums, len(sums) - count)[len(sums) - count]]
        leaders = np.union1d(leaders, risen)
        if len(leaders) < count:
            return least, leaders
        sums = self._sums[leaders]
        least = np.partition(sums, len(sums) - count)[len(sums) - count]
        return least, leaders[sums >= least]

    def _finish(
        self, touched: Sequence[NDArray[np.int32]], least: np.float32, count: int, allowed: Allowed | None
    ) -> Places:  # fmt: skip
        """Ranks what was touched by what the terms that were not read add to it."""
        enough = max(least - self._left[self._read] - _SLACK, np.finfo(np.float32).tiny)
        if _SCANNED * sum(map(len, touched)) > len(self._sums):
            found = np.flatnonzero(self._sums >= enough)
        else:
            possible = [documents[self._sums[documents] >= enough] for documents in touched]
            found = np.unique(np.concatenate(possible)).astype(np.int64) if possible else np.zeros(0, dtype=np.int64)
        found = found if allowed is None else found[allowed(found)]
        sums = self._sums[found]
        for place in range(self._read, len(self._asked)):
            sums += self._added(place, found)
            if len(sums) > count:
                least = max(least, np.partition(sums, len(sums) - count)[len(sums) - count])
            kept = sums + self._left[place + 1] >= least - _SLACK
            found, sums = found[kept], sums[kept]
        if len(found) <= count:
            return found
        places: Places = found[np.argpartition(-sums, count - 1)[:count]]
        return places

    def _added(self, place: int, places: Places) -> Vectors:
        number, weight = self._asked[place]
        documents, amounts = self._postings.of(number)
        if _SEARCHED * len(places) > len(documents):
            spread = np.zeros(self._postings.size, dtype=np.float32)
            spread[documents] = np.float32(weight) * amounts
            added: Vectors = spread[places]
            return added
        at = np.minimum(np.searchsorted(documents, places.astype(np.int32)), len(documents) - 1)
        return np.where(documents[at] == places, np.float32(weight) * amounts[at], np.float32(0))


class PostingsBuilder:
    """Takes documents one after the other; holds 4 bytes a term of text."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms, self._lengths = array("i"), array("i")

    def add(self, terms: Iterable[str]) -> None:
        """The next document."""
        numbers, before = self._numbers, len(self._terms)
        self._terms.extend([numbers.setdefault(term, len(numbers)) for term in terms])
        self._lengths.append(len(self._terms) - before)

    def build(self, *, length: float = B, mean_length: float | None = None) -> Postings:
        """BM25 in Lucene's form without its inverse document frequency, which is for the question's side.

        `length` (0 to 1): how much the length of a document counts, `mean_length`: beside which length (that of the documents).
        """
        size, lengths = len(self._lengths), np.maximum(np.array(self._lengths, dtype=np.float32), 1)
        mean = float(lengths.mean()) if size and mean_length is None else (mean_length or 1.0)
        keys = np.array(self._terms, dtype=np.int64) * max(1, size)
        keys += np.repeat(np.arange(size, dtype=np.int64), np.array(self._lengths, dtype=np.int64))
        self._terms = array("i")
        keys.sort()
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(first, append=len(keys)).astype(np.float32)
        keys = keys[first]
        documents = (keys % max(1, size)).astype(np.int32)
        starts = np.searchsorted(keys, np.arange(len(self._numbers) + 1, dtype=np.int64) * max(1, size)).astype(np.int64)
        damping = (K1 * ((1 - length) + length * lengths / np.float32(mean))).astype(np.float32)
        amounts = counts / (counts + damping[documents])
        tops = np.maximum.reduceat(amounts, starts[:-1]) if len(amounts) else np.zeros(0, dtype=np.float32)
        return Postings(self._numbers, starts, documents, amounts.astype(np.float32), tops.astype(np.float32), size, mean)


def counted(terms: Sequence[str]) -> dict[str, int]:
    """Each term with how often it is asked, in order."""
    return dict(Counter(terms))
