"""Whether the newest turn of a customer needs knowledge, or the suggestions had better stay silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assist.asked import asks
from assist.logistic import chance_of, fit_logistic
from assist.snippets import MEANING, SAID, UNNAMED, UNTRAINED, WORDS
from nlu.encoders.port import Vectors
from nlu.text import is_han

THRESHOLD = 0.5
EVIDENCE = ("meaning", "words", "lead", "said", "asks", "length", "wants")
_BIAS, _SLOPES = -10.0, np.array([7.5, 0.5, 0.0, 6.5, 1.0, 0.0, 3.5])
_UNKNOWN = (0.5, 0.0, 0.0, UNNAMED)  # without articles only the turn itself decides
_INVERSE_L2, _VECTOR = 3.0, 2.0
NEIGHBOURS, _SHARPNESS = 8, 10.0
_BESIDE = 10  # the articles that the best one is compared with
_LONG = 30  # words from which on a turn is simply long
Floats = NDArray[np.float64]


def evidence(text: str, features: Floats, *, wants: float) -> Floats:
    """float (EVIDENCE,): how well the best article matches, how far it leads, how much it was spoken of, whether the turn asks.

    `features`: float (articles, FEATURES), see `Shelf.candidates`; no rows when there are no articles. `wants`: see `assist/wanting.py`.
    """
    found = np.zeros(len(EVIDENCE))
    found[:4] = _UNKNOWN
    if len(features):
        matches = features @ UNTRAINED
        best = features[int(matches.argmax())]
        found[:4] = best[MEANING], best[WORDS], matches.max() - np.sort(matches)[-_BESIDE:].mean(), best[SAID]
    found[4:] = float(asks(text)), min(_LONG, _words(text)) / _LONG, wants
    return found


def _words(text: str) -> float:
    han = sum(is_han(character) for character in text)
    return len(text.split()) + han / 2


def untrained_logit(found: Floats) -> float:
    """What is believed from the evidence alone: something answers, and the turn wants an answer."""
    return float(_BIAS + found @ _SLOPES)


def untrained_need(found: Floats) -> float:
    """The same as a chance (0 to 1)."""
    return chance_of(untrained_logit(found))


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
    """What is believed untrained, corrected by a logistic regression on the evidence, the turn's vector and the nearest known turns."""

    mean: Floats
    spread: Floats
    centre: Vectors
    weights: Floats
    bias: float
    known: Known

    def chance(self, found: Floats, vector: Vectors) -> float:
        """The chance (0 to 1) that knowledge is needed."""
        row = np.concatenate([(found - self.mean) / self.spread, _VECTOR * (vector - self.centre), [self.known.vote(vector)]])
        return chance_of(untrained_logit(found) + float(row @ self.weights) + self.bias)


def learn_need(found: Sequence[Floats], vectors: Sequence[Vectors], needed: Sequence[bool]) -> NeedModel | None:
    """Learns from turns of which it is known; None when all are of one kind."""
    if len(set(needed)) < 2:
        return None
    evidences, truth = np.stack(found), np.array(needed)
    mean, spread = evidences.mean(axis=0), evidences.std(axis=0) + 1e-6
    known = Known(np.stack(vectors), np.where(truth, 1.0, -1.0))
    centre = known.vectors.mean(axis=0)
    votes = np.array([[known.vote(vector, without=number)] for number, vector in enumerate(vectors)])
    rows = np.hstack([(evidences - mean) / spread, _VECTOR * (known.vectors - centre), votes])
    believed = np.array([untrained_logit(one) for one in found])
    weights, bias = fit_logistic(rows, truth, inverse_l2=_INVERSE_L2, believed=believed)
    return NeedModel(mean, spread, centre, weights, bias, known)
