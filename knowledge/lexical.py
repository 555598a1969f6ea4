"""Search by words: BM25 (Robertson and Zaragoza 2009, in Lucene's form) over the terms of one family of languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import bm25s
import numpy as np

from knowledge.ports import Vectors
from knowledge.spelling import Speller
from knowledge.terms import family, terms
from knowledge.types import Passage

_K1, _B = 1.2, 0.75
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
    """BM25 over documents given as terms, all of one family of languages. Unchanging, so that many threads may read it."""

    def __init__(self, documents: Sequence[list[str]], *, length: float = _B) -> None:
        """`length` (0 to 1): how much the length of a document counts."""
        self.size = len(documents)
        self._bm25 = bm25s.BM25(method="lucene", k1=_K1, b=length)
        self._idf: Vectors = np.zeros(0, dtype=np.float32)
        self._numbers: dict[str, int] = {}
        if documents:
            self._bm25.index([document or [""] for document in documents], show_progress=False)
            self._numbers = self._bm25.vocab_dict
            found_in = np.diff(self._bm25.scores["indptr"])
            self._idf = np.log1p((self.size - found_in + 0.5) / (found_in + 0.5)).astype(np.float32)
        self._unseen = float(np.log1p((self.size + 0.5) / 0.5))

    def frequencies(self) -> dict[str, int]:
        """Every term with the number of documents that have it."""
        found_in = np.diff(self._bm25.scores["indptr"]).tolist() if self._numbers else []
        return {term: found_in[number] for term, number in self._numbers.items() if term}

    def weight(self, term: str) -> float:
        """How much a term says (its inverse document frequency); one that no document has says most."""
        number = self._numbers.get(term)
        return self._unseen if number is None else float(self._idf[number])

    def scores(self, question: Sequence[str]) -> Vectors:
        """float32 (size,): BM25 of every document as a share (0 to 1) of the most that any document could reach on this question.

        The share, unlike the plain score, compares between questions: it is low when only the common words of a question are found.
        """
        numbers = [self._numbers[term] for term in question if term in self._numbers]
        most = sum(self.weight(term) for term in question)
        if not numbers or most <= 0:
            return np.zeros(self.size, dtype=np.float32)
        found: Vectors = self._bm25.get_scores_from_ids(numbers)
        return found / np.float32(most)


class WordSearch:
    """Documents of all languages: one `LexicalIndex` for each family, so that lengths and frequencies are those of the language."""

    def __init__(self, documents: Sequence[Document], *, length: float = _B) -> None:
        self.size = len(documents)
        families = np.array([family(document.language) for document in documents], dtype=np.str_)
        self._places = {name: np.flatnonzero(families == name) for name in ("en", "pt", "zh") if (families == name).any()}
        self.indexes = {
            name: LexicalIndex([documents[place].terms for place in places.tolist()], length=length)
            for name, places in self._places.items()
        }

    def scores(self, question: str, spellers: dict[str, Speller] | None = None) -> Vectors:
        """float32 (size,): see `LexicalIndex.scores`; the question is read, and spelt, in the language of each document."""
        found = np.zeros(self.size, dtype=np.float32)
        for name, index in self.indexes.items():
            asked = terms(question, name)
            if spellers and name in spellers:
                asked = spellers[name].corrected(asked)
            found[self._places[name]] = index.scores(asked)
        return found


def spellers(*searches: WordSearch) -> dict[str, Speller]:
    """For English and Portuguese, a speller that knows the words of all these."""
    counts: dict[str, Counter[str]] = {}
    for search in searches:
        for name in ("en", "pt"):
            if name in search.indexes:
                counts.setdefault(name, Counter()).update(search.indexes[name].frequencies())
    return {name: Speller(words) for name, words in counts.items()}
