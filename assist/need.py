"""Whether the newest turn of a customer needs knowledge, or the suggestions had better stay silent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assist.snippets import MEANING, SAID, UNNAMED, UNTRAINED, WORDS
from nlu.encoders.port import Vectors

THRESHOLD = 0.5
EVIDENCE = ("meaning", "words", "lead", "said", "asks", "length")
_BIAS, _SLOPES = -5.0, np.array([5.0, 1.0, 0.0, 2.5, 2.0, 0.0])
_UNKNOWN = (0.5, 0.0, 0.0, UNNAMED)  # without articles only the turn itself decides
_INVERSE_L2, _VECTOR = 10.0, 2.0
NEIGHBOURS, _SHARPNESS = 8, 10.0
_BESIDE = 10  # the articles that the best one is compared with
_LONG = 30  # words from which on a turn is simply long
_ASKED = re.compile(
    r"[?？]|[吗嗎呢么麼]\s*$|什么|什麼|怎么|怎麼|哪|多少|是否|有没有|有沒有|能不能|可以.*吗|"
    r"(?i:^\W*(?:what|which|who|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|may|has|have|any)\b)|"
    r"(?i:\b(?:tell me|wondering|i'd like to know|do you know|let me know|want to know|i need to know)\b)|"
    r"(?i:^\W*(?:qual|quais|quem|quando|onde|como|quanto|quanta|porque|posso|pode|tem|há)\b)"
)
Floats = NDArray[np.float64]


def asks(text: str) -> bool:
    """Whether `text` reads like a question (English, Portuguese, Chinese)."""
    return _ASKED.search(text) is not None


def evidence(text: str, features: Floats) -> Floats:
    """float (EVIDENCE,): how well the best article matches, how far it leads, how much it was spoken of, whether the turn asks.

    `features`: float (articles, FEATURES), see `Shelf.candidates`; no rows when there are no articles.
    """
    found = np.zeros(len(EVIDENCE))
    found[:4] = _UNKNOWN
    if len(features):
        matches = features @ UNTRAINED
        best = features[int(matches.argmax())]
        found[:4] = best[MEANING], best[WORDS], matches.max() - np.sort(matches)[-_BESIDE:].mean(), best[SAID]
    found[4:] = float(asks(text)), min(_LONG, len(text.split())) / _LONG
    return found


def untrained_need(found: Floats) -> float:
    """The chance (0 to 1) that knowledge is needed, from the evidence alone: something answers, and the turn asks."""
    return float(1 / (1 + np.exp(-(_BIAS + found @ _SLOPES))))


@dataclass(frozen=True)
class Known:
    """Earlier turns: their vectors, float32 (n, dimension), and whether they needed knowledge, (n,) of 1 or -1."""

    vectors: Vectors
    needed: Floats

    def vote(self, vector: Vectors, *, without: int = -1) -> float:
        """What the nearest needed, from -1 (nothing) to 1 (knowledge); `without` leaves one of them out."""
        cosines = self.vectors @ vector
        if without >= 0:
            cosines[without] = -1.0
        nearest = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        weights = np.exp(_SHARPNESS * cosines[nearest])
        return float(weights @ self.needed[nearest] / weights.sum())


@dataclass(frozen=True)
class NeedModel:
    """A logistic regression on the evidence, the vector of the turn and the vote of the nearest known turns."""

    mean: Floats
    spread: Floats
    weights: Floats
    bias: float
    known: Known

    def chance(self, found: Floats, vector: Vectors) -> float:
        """The chance (0 to 1) that knowledge is needed."""
        row = np.concatenate([(found - self.mean) / self.spread, _VECTOR * vector, [self.known.vote(vector)]])
        return float(1 / (1 + np.exp(-np.clip(row @ self.weights + self.bias, -30, 30))))


def learn_need(found: Sequence[Floats], vectors: Sequence[Vectors], needed: Sequence[bool]) -> NeedModel | None:
    """Learns from turns of which it is known; None when all are of one kind."""
    if len(set(needed)) < 2:
        return None
    from sklearn.linear_model import LogisticRegression

    evidences, truth = np.stack(found), np.array(needed)
    mean, spread = evidences.mean(axis=0), evidences.std(axis=0) + 1e-6
    known = Known(np.stack(vectors), np.where(truth, 1.0, -1.0))
    votes = np.array([[known.vote(vector, without=number)] for number, vector in enumerate(vectors)])
    head: Any = LogisticRegression(C=_INVERSE_L2, max_iter=1000)
    head.fit(np.hstack([(evidences - mean) / spread, _VECTOR * known.vectors, votes]), truth)
    return NeedModel(mean, spread, head.coef_[0].astype(np.float64), float(head.intercept_[0]), known)
