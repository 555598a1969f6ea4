"""The questions that editors attached to articles: found by meaning and by words, each leading to the passage that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.dense import DenseIndex
from knowledge.lexical import Document, WordSearch
from knowledge.ports import Vectors
from knowledge.terms import terms

_LENGTH = 0.4  # how much the length of a question counts in BM25: questions are short and much alike in length


@dataclass(frozen=True)
class Asked:
    """One attached question. `place` is the opening of its article in its language, `row` its vector (dimension,), if encoded."""

    text: str
    article_id: str
    language: str
    place: int
    row: Vectors | None


class AskedQuestions:
    """All attached questions of an index, by number. Unchanging."""

    def __init__(self, questions: Sequence[Asked], dimension: int) -> None:
        self.questions = tuple(questions)
        none = np.zeros((0, dimension), dtype=np.float32)
        self.dense = DenseIndex([none if one.row is None else one.row[None, :] for one in questions], dimension)
        documents = [Document(one.language, terms(one.text, one.language)) for one in questions]
        self.words = WordSearch(documents, length=_LENGTH)
        self.places: NDArray[np.int64] = np.array([one.place for one in questions], dtype=np.int64)
        self.of: dict[int, list[int]] = {}
        self.of_article: dict[str, list[int]] = {}
        for number, one in enumerate(questions):
            self.of.setdefault(one.place, []).append(number)
            self.of_article.setdefault(one.article_id, []).append(number)

    def rows(self, numbers: Sequence[int]) -> Vectors | None:
        """float32 (n, dimension): the vectors of those questions that have been encoded; None when none has."""
        rows = [row for number in numbers if (row := self.questions[number].row) is not None]
        return np.stack(rows) if rows else None

    def twins(self, number: int) -> tuple[int, ...]:
        """The question and those most like it that are attached to the same article in other languages: probably its translations."""
        mine = self.questions[number]
        found = {mine.language: number}
        if mine.row is None:
            return (number,)
        nearest: dict[str, float] = {}
        for other in self.of_article.get(mine.article_id, ()):
            one = self.questions[other]
            if one.language == mine.language or one.row is None:
                continue
            cosine = float(one.row @ mine.row)
            if cosine > nearest.get(one.language, -1.0):
                nearest[one.language], found[one.language] = cosine, other
        return tuple(found.values())

    def numbers_at(self, places: Iterable[int]) -> NDArray[np.int64]:
        """The numbers of the questions attached at these places."""
        return np.array([number for place in places for number in self.of.get(place, ())], dtype=np.int64)
