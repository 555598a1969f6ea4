"""How sure an answer is: the score of an article turned into a chance (Platt 1999), for each family of languages by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

WITHHELD = 2.0
ANSWERABLE = 0.8  # the share of questions that something answers, assumed for the expected precision
_ENOUGH = 20
_FOLDS = 5


@dataclass(frozen=True)
class Curve:
    """Chance = 1 / (1 + exp(-(slope * score + bias))); from `threshold` (a chance) on is answered.

    What that gives is estimated by cross-validation on questions made from the articles: `precision`, the share of answers that come
    from the right article when `ANSWERABLE` of the questions have one and the others are half off-topic, half questions whose article is
    missing (it errs on the low side, as attached questions are asked without themselves); `abstained`, the share of off-topic questions
    left unanswered; `answered`, the share of answerable ones answered. `examples` is how many questions; 0 means the shipped values,
    fitted on nothing.
    """

    slope: float
    bias: float
    threshold: float
    precision: float = 0.0
    abstained: float = 0.0
    answered: float = 0.0
    examples: int = 0

    def chance(self, score: float) -> float:
        """The estimated chance (0 to 1) that an article with this score answers."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * score + self.bias))))


SHIPPED_CURVE = Curve(slope=6.5, bias=-3.1, threshold=0.26)


@dataclass(frozen=True)
class Calibration:
    """A curve for each family of languages (en, pt, zh); a family that is missing has the shipped one."""

    curves: Mapping[str, Curve] = field(default_factory=dict)

    def curve(self, family: str) -> Curve:
        """The curve of a family of languages."""
        return self.curves.get(family, SHIPPED_CURVE)

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return {name: asdict(curve) for name, curve in self.curves.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """The reverse of `as_json`."""
        return cls({name: Curve(**curve) for name, curve in data.items()})


SHIPPED = Calibration()


@dataclass(frozen=True)
class Example:
    """The first hit of a question asked for calibration. `kind`: "answerable", "left_out" (its article was taken away), "off_topic"."""

    family: str
    kind: str
    score: float
    right: bool


def fit(examples: Sequence[Example]) -> Calibration:
    """A curve for each family that has at least 20 right and 20 wrong examples.

    The threshold is where what is lost is least: a share of rightly found answers withheld counts `WITHHELD` times as much as the same
    share of off-topic questions answered. (Questions with their article left out do not set it, since for half of them a sister article
    is a fair answer.)

    The score alone stands in the regression, on purpose: with cosine, share of words, coverage of rare words and margin beside it the
    curve fits the questions made from headings better and real ones worse (area under the curve on the sample shop's independent
    questions, en / pt / zh-Hant: score alone 0.933 / 0.868 / 0.894, all of them 0.921 / 0.856 / 0.878), since headings share
    more words with the text below than customers do. The fused score holds those signs already.
    """
    curves = {}
    for family in sorted({example.family for example in examples}):
        mine = [example for example in examples if example.family == family]
        if min(sum(one.right for one in mine), sum(not one.right for one in mine)) >= _ENOUGH:
            curves[family] = _fit_family(mine)
    return Calibration(curves)


def _fit_family(examples: Sequence[Example]) -> Curve:
    scores = np.array([example.score for example in examples], dtype=np.float64)
    right = np.array([example.right for example in examples], dtype=np.bool_)
    kinds = np.array([example.kind for example in examples])
    folds = np.arange(len(examples)) % _FOLDS
    given = np.zeros(len(examples), dtype=np.bool_)
    for fold in range(_FOLDS):
        held = folds == fold
        given[held] = scores[held] >= _least_score(scores[~held], right[~held], kinds[~held])
    answerable, off_topic = kinds == "answerable", kinds == "off_topic"
    slope, bias = _platt(scores, right)
    least = _least_score(scores, right, kinds)
    good = ANSWERABLE * _share(given & right, answerable)
    bad = ANSWERABLE * _share(given & ~right, answerable) + (1 - ANSWERABLE) * _mean_share(given, off_topic, kinds == "left_out")
    return Curve(
        slope=slope,
        bias=bias,
        threshold=Curve(slope, bias, 0.0).chance(least),
        precision=good / (good + bad) if good + bad else 0.0,
        abstained=_share(~given, off_topic),
        answered=_share(given, answerable),
        examples=len(examples),
    )


def _share(chosen: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(chosen[among].mean()) if among.any() else 0.0


def _mean_share(chosen: NDArray[np.bool_], *groups: NDArray[np.bool_]) -> float:
    """The mean of the shares in those groups that are there."""
    shares = [_share(chosen, group) for group in groups if group.any()]
    return sum(shares) / len(shares) if shares else 0.0


def _least_score(scores: NDArray[np.float64], right: NDArray[np.bool_], kinds: NDArray[np.str_]) -> float:
    found = np.sort(scores[right])
    off_topic = np.sort(scores[kinds == "off_topic"])
    if not len(off_topic):
        return float(np.quantile(found, 0.05))
    tried = np.unique(np.concatenate([found, off_topic]))
    withheld = np.searchsorted(found, tried) / len(found)
    answered = 1 - np.searchsorted(off_topic, tried) / len(off_topic)
    costs = WITHHELD * withheld + answered
    least = tried[np.isclose(costs, costs.min())]
    return float(least[len(least) // 2])


def _platt(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and bias by Newton's method; right and wrong weigh the same in sum; a rising curve is assured by a little ridge."""
    rows = np.stack([scores, np.ones_like(scores)], axis=1)
    weights = np.zeros(2)
    balance = np.where(right, 0.5 / right.mean(), 0.5 / (~right).mean())
    ridge = np.diag([0.05, 1e-9])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (balance * (chances - right)) + ridge @ weights
        curve = (rows * (balance * chances * (1 - chances))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1])
