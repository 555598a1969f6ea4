"""How sure an answer is: the score of an article turned into a chance (Platt 1999), for each family of languages by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

HELD_BACK = 0.04  # of the rightly found questions that are asked for calibration
WEIGHT, WEIGHT_OF_HEADINGS = 3.0, 1.0  # what the contrast weighs beside the score, with E5 and USE
MOST_OF_HEADINGS = 0.40  # headings say what their articles say: no more evidence than this is asked for where there is nothing else
ANSWERABLE = 0.8  # the share of questions that something answers, assumed for the expected precision
_ENOUGH = 20
_FOLDS = 5


@dataclass(frozen=True)
class Curve:
    """Chance = 1 / (1 + exp(-(slope * (score + weight * contrast) + bias))); from `threshold` (a chance) on is answered.

    `contrast` says how much nearer the question is to what the knowledge base speaks about than to what no help page answers
    (`search.SearchIndex.contrast`); about 0 where it could be either.

    What that gives is estimated by cross-validation on questions made from the articles: `precision`, the share of answers that come
    from the right article when `ANSWERABLE` of the questions have one and the others are half off-topic, half questions whose article is
    missing (it errs on the low side, as attached questions are asked without themselves); `abstained`, the share of off-topic questions
    left unanswered; `answered`, the share of answerable ones answered. `examples` is how many questions; 0 means the shipped values,
    fitted on nothing. `real_answered` and `real_unanswered` of these were asked by customers: an article answered, nothing did.
    """

    slope: float
    bias: float
    threshold: float
    precision: float = 0.0
    abstained: float = 0.0
    answered: float = 0.0
    examples: int = 0
    real_answered: int = 0
    real_unanswered: int = 0
    weight: float = WEIGHT_OF_HEADINGS

    def chance(self, score: float, contrast: float = 0.0) -> float:
        """The estimated chance (0 to 1) that an article with this score answers."""
        return _chance(self.slope * (score + self.weight * contrast) + self.bias)


def _chance(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


SHIPPED_CURVE = Curve(slope=6.5, bias=-3.1, threshold=0.30)


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
        """The reverse of `as_json`. Curves that were fitted to other evidence, before the contrast was as it is now, are left out."""
        return cls({name: Curve(**curve) for name, curve in data.items() if "weight" in curve})


SHIPPED = Calibration()


@dataclass(frozen=True)
class Example:
    """The first hit of a question asked for calibration. `kind`: "answerable", "left_out" (its article was taken away), "off_topic".

    `asked`: in the words of people, as attached questions and those of customers are; not a heading.
    """

    family: str
    kind: str
    score: float
    right: bool
    contrast: float = 0.0
    asked: bool = False


def fit(examples: Sequence[Example]) -> Calibration:
    """A curve for each family that has at least 20 right and 20 wrong examples.

    Evidence is the score and the contrast, weighed. The threshold lies at what all but `HELD_BACK` of the rightly found have. Where most of
    those are headings, which are much like the text below them and not like customers, it lies at `MOST_OF_HEADINGS` at most, and the
    contrast, which they are far better in than customers too, counts less; decision 0057 has the figures.

    The weights are shipped and not learned from these examples: those that nothing answers are either plainly about something else or the
    very questions of an article that was taken away, and learning from them asks three times as many customers to say it again.
    """
    curves = {}
    for family in sorted({example.family for example in examples}):
        mine = [example for example in examples if example.family == family]
        if min(sum(one.right for one in mine), sum(not one.right for one in mine)) >= _ENOUGH:
            curves[family] = _fit_family(mine)
    return Calibration(curves)


def _fit_family(examples: Sequence[Example]) -> Curve:
    right = np.array([example.right for example in examples], dtype=np.bool_)
    asked = bool(np.mean([example.asked for example in examples if example.right]) >= 0.5)
    weight, most = (WEIGHT, math.inf) if asked else (WEIGHT_OF_HEADINGS, MOST_OF_HEADINGS)
    evidence = np.array([example.score + weight * example.contrast for example in examples], dtype=np.float64)
    kinds = np.array([example.kind for example in examples])
    folds = np.arange(len(examples)) % _FOLDS
    given = np.zeros(len(examples), dtype=np.bool_)
    for fold in range(_FOLDS):
        held = folds == fold
        given[held] = evidence[held] >= _least(evidence[~held & right], most)
    answerable, off_topic = kinds == "answerable", kinds == "off_topic"
    slope, bias = _logistic(evidence, right)
    good = ANSWERABLE * _share(given & right, answerable)
    bad = ANSWERABLE * _share(given & ~right, answerable) + (1 - ANSWERABLE) * _mean_share(given, off_topic, kinds == "left_out")
    return Curve(
        slope=slope,
        bias=bias,
        threshold=_chance(slope * _least(evidence[right], most) + bias),
        precision=good / (good + bad) if good + bad else 0.0,
        abstained=_share(~given, off_topic),
        answered=_share(given, answerable),
        examples=len(examples),
        weight=weight,
    )


def _share(chosen: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(chosen[among].mean()) if among.any() else 0.0


def _mean_share(chosen: NDArray[np.bool_], *groups: NDArray[np.bool_]) -> float:
    """The mean of the shares in those groups that are there."""
    shares = [_share(chosen, group) for group in groups if group.any()]
    return sum(shares) / len(shares) if shares else 0.0


def _least(found: NDArray[np.float64], most: float) -> float:
    """The evidence from which on is answered, from that of the rightly found."""
    return min(float(np.quantile(found, HELD_BACK)), most) if len(found) else math.inf


def _logistic(evidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and bias by Newton's method; right and wrong weigh the same in sum; a little ridge keeps them finite."""
    rows = np.stack([evidence, np.ones(len(evidence))], axis=1)
    weights = np.zeros(2)
    balance = np.where(right, 0.5 / max(right.mean(), 1e-9), 0.5 / max((~right).mean(), 1e-9))
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
