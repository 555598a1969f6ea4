"""The questions that editors attached to articles: found by meaning and by words, each leading to the passage that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.dense import DenseIndex, Look, highest
from knowledge.lexical import FEW, Document, Part, WordLook, WordSearch
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
        none = np.zeros((0, dimension), dtype=np.float32)
        dense = DenseIndex([none if one.row is None else one.row[None, :] for one in questions], dimension)
        self._take(questions, dense, WordSearch(_documents(questions), length=_LENGTH))

    @classmethod
    def ready(cls, questions: Sequence[Asked], dense: DenseIndex, words: Part) -> AskedQuestions:
        """Questions whose vectors and words were made before."""
        made = cls.__new__(cls)
        made._take(questions, dense, WordSearch.of((words,), length=_LENGTH))
        return made

    def _take(self, questions: Sequence[Asked], dense: DenseIndex, words: WordSearch) -> None:
        self.questions, self.dense, self.words = tuple(questions), dense, words
        self.places: NDArray[np.int64] = np.array([one.place for one in questions], dtype=np.int64)
        self.of: dict[int, list[int]] = {}
        self.of_article: dict[str, list[int]] = {}
        for number, one in enumerate(questions):
            self.of.setdefault(one.place, []).append(number)
            self.of_article.setdefault(one.article_id, []).append(number)

    def extended(self, questions: Sequence[Asked]) -> AskedQuestions:
        """These questions and then those, without reading again what is there."""
        made = copy(self)
        made.questions = (*self.questions, *questions)
        none = np.zeros((0, self.dense.dimension), dtype=np.float32)
        made.dense = self.dense.extended([none if one.row is None else one.row[None, :] for one in questions])
        made.words = self.words.extended(_documents(questions))
        made.places = np.concatenate([self.places, np.array([one.place for one in questions], dtype=np.int64)])
        made.of, made.of_article = dict(self.of), dict(self.of_article)
        for number, one in enumerate(questions, start=len(self.questions)):
            made.of[one.place] = [*made.of.get(one.place, ()), number]
            made.of_article[one.article_id] = [*made.of_article.get(one.article_id, ()), number]
        return made

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


class AskedLook:
    """One question before the attached ones: how near they are by meaning and words, `weight` being that of meaning (0 to 1)."""

    def __init__(self, asked: AskedQuestions, near: Look, said: WordLook, *, weight: float, shown: NDArray[np.bool_]) -> None:
        """`shown` bool (attached questions,): the others count for nothing."""
        self._count, self._near, self._said, self._weight, self._shown = len(asked.questions), near, said, np.float32(weight), shown

    def best(self, count: int) -> NDArray[np.int64]:
        """The numbers of the `count` questions that score best, in no order."""
        if self._count <= FEW:
            return highest(self.fused(np.arange(self._count)), count)
        numbers = np.union1d(self._near.nearest(count, self._shown), self._said.best(count, self._shown))
        return numbers[highest(self.fused(numbers), count)]

    def few(self, count: int) -> Vectors:
        """float32 (at most `count`,): the cosines of the nearest of those that are shown."""
        return self._near.few(self._shown, count)

    def fused(self, numbers: NDArray[np.int64]) -> Vectors:
        """float32 (len(numbers),): the score of each, 0 for what is hidden."""
        return self.both(numbers)[1]

    def both(self, numbers: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Two float32 (len(numbers),): the cosine of each and its score, 0 for what is hidden."""
        cosines, shown = self._near.cosines(numbers), self._shown[numbers]
        fused = self._weight * cosines + (1 - self._weight) * self._said.at(numbers)
        return np.where(shown, cosines, np.float32(0)), np.where(shown, fused, np.float32(0))


def _documents(questions: Sequence[Asked]) -> Iterator[Document]:
    return (Document(one.language, terms(one.text, one.language)) for one in questions)
