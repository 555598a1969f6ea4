"""Finding what answered before: sentences of customers, each belonging to something that answers it, found by meaning and words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.dots import dots
from knowledge.ports import Vectors
from knowledge.terms import terms

NEAREST = 40  # sentences looked at by words too
BODY = 0.5  # what the nearness of the answer itself weighs beside that of the sentence
RIVAL = 0.7  # what an owner must beat, where no other is that near


@dataclass(frozen=True)
class Curve:
    """The chance that an owner answers: logistic in what is known of it. Fitted by `python -m benchmarks.suggestion_calibration`."""

    body: float
    words: float
    stray: float
    margin: float
    bias: float

    def chance(self, *, body: float, words: float, stray: float, margin: float) -> float:
        """0 to 1; `body`: nearness of the answer, `words`: share in common, `stray` as in `knowledge.strays`, `margin` over rivals."""
        score = self.body * body + self.words * words + self.stray * stray + self.margin * margin + self.bias
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


CURVE = Curve(body=3.0, words=1.6, stray=-3.8, margin=8.2, bias=-1.4)


@dataclass(frozen=True)
class Match:
    """One owner (a number) with the chance that it answers, and the sentence that says so."""

    owner: int
    chance: float
    sentence: str


@dataclass(frozen=True)
class Found:
    """What is known of one owner: the nearness of its best sentence and of its answer, the words in common, that sentence."""

    near: float
    body: float
    words: float
    sentence: str

    @property
    def strength(self) -> float:
        """By which owners are compared."""
        return self.near + BODY * self.body


class Sentences:
    """Sentences with their vectors, float32 (n, dimension), whose they are, int (n,), and the vectors of the answers, (owners, dimension).

    Unchanging: threads may share it.
    """

    def __init__(self, texts: Sequence[str], vectors: Vectors, owners: Sequence[int], bodies: Vectors, *, unrelated: float = 0.0) -> None:
        """`unrelated`: the cosine that the encoder gives to texts that have nothing to do with each other."""
        self.texts, self.vectors, self.bodies = tuple(texts), vectors, bodies
        self.owners: NDArray[np.int64] = np.array(owners, dtype=np.int64)
        self.unrelated = unrelated

    def __len__(self) -> int:
        return len(self.texts)

    def matches(
        self, question: str, vector: Vectors, *, language: str, stray: float, allowed: NDArray[np.bool_] | None = None
    ) -> list[Match]:  # fmt: skip
        """The owners whose sentences are nearest, best first; `allowed` (n,) says which sentences count."""
        found = self.look(question, vector, language=language, allowed=allowed)
        ranked = sorted(found.items(), key=lambda one: -one[1].strength)
        matches = []
        for place, (owner, one) in enumerate(ranked):
            rival = ranked[1 if place == 0 else 0][1].strength if len(ranked) > 1 else RIVAL
            chance = CURVE.chance(body=one.body, words=one.words, stray=stray, margin=one.strength - max(RIVAL, rival))
            matches.append(Match(owner, chance, one.sentence))
        return sorted(matches, key=lambda match: -match.chance)

    def look(self, question: str, vector: Vectors, *, language: str, allowed: NDArray[np.bool_] | None = None) -> dict[int, Found]:
        """What is known of the owners of the nearest sentences."""
        if not self.texts:
            return {}
        cosines = dots(self.vectors, vector)
        if allowed is not None:
            cosines = np.where(allowed, cosines, -1.0)
        found: dict[int, Found] = {}
        asked = words_of(question, language)
        for place in np.argsort(-cosines, kind="stable")[:NEAREST].tolist():
            if cosines[place] <= self.unrelated:
                break
            owner, text = int(self.owners[place]), self.texts[place]
            shared = overlap(asked, words_of(text, language))
            known = found.get(owner)
            if known is None:
                body = self._near(float(self.bodies[owner] @ vector))
                found[owner] = Found(self._near(float(cosines[place])), body, shared, text)
            elif shared > known.words:
                found[owner] = Found(known.near, known.body, shared, known.sentence)
        return found

    def _near(self, cosine: float) -> float:
        return max(0.0, (cosine - self.unrelated) / (1 - self.unrelated))


NONE = Sentences((), np.zeros((0, 0), dtype=np.float32), (), np.zeros((0, 0), dtype=np.float32))


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words that both have (Dice)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def words_of(text: str, language: str) -> frozenset[str]:
    """The words by which texts are compared."""
    return frozenset(terms(text, language))
