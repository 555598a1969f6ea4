"""How sure an answer is: the score of an article turned into a chance (Platt 1999), for each family of languages by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

HELD_BACK = 0.08  # of the rightly found questions, which lose their own wording first and so are harder than life
ANSWERABLE = 0.8  # the share of questions that something answers, assumed for the expected precision
_ENOUGH = 20
_FOLDS = 5


@dataclass(frozen=True)
class Curve:
    """Chance = 1 / (1 + exp(-(slope * score + contrast * stray + bias))); from `threshold` (a chance) on is answered.

    `stray` says how much the question sounds like those that no help page answers (`strays.Strays.nearness`); `contrast` is 0 or below.

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
    contrast: float = 0.0

    def chance(self, score: float, stray: float = 0.0) -> float:
        """The estimated chance (0 to 1) that an article with this score answers."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * score + self.contrast * stray + self.bias))))


def nudged(chance: float, by: float) -> float:
    """A chance (0 to 1) after `by` is added to its logit."""
    kept = min(max(chance, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-(math.log(kept / (1 - kept)) + by)))


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
    stray: float = 0.0


def fit(examples: Sequence[Example]) -> Calibration:
    """A curve for each family that has at least 20 right and 20 wrong examples.

    The threshold holds back `HELD_BACK` of the rightly found answers. On the sample shop's independent questions a share of 8 % here is
    3 / 10 / 12 / 4 % there (en / zh-Hant / zh-Hans / pt). Off-topic questions do not set it: those that come with the product are easier
    to tell than those that shops get.

    Score and nearness to off-topic questions stand in the regression, nothing else, on purpose. Area under the curve on the sample
    shop's independent questions, en / zh-Hant / zh-Hans / pt: score alone 0.959 / 0.952 / 0.955 / 0.944, with the nearness 0.965 / 0.970 /
    0.944 / 0.950; with the distance to the next article, the cosine, the share of words or the topic beside them it is never higher by
    more than 0.002 and mostly lower. The fused score holds those signs already.
    """
    curves = {}
    for family in sorted({example.family for example in examples}):
        mine = [example for example in examples if example.family == family]
        if min(sum(one.right for one in mine), sum(not one.right for one in mine)) >= _ENOUGH:
            curves[family] = _fit_family(mine)
    return Calibration(curves)


def _fit_family(examples: Sequence[Example]) -> Curve:
    rows = np.array([(example.score, example.stray) for example in examples], dtype=np.float64)
    right = np.array([example.right for example in examples], dtype=np.bool_)
    kinds = np.array([example.kind for example in examples])
    folds = np.arange(len(examples)) % _FOLDS
    given = np.zeros(len(examples), dtype=np.bool_)
    for fold in range(_FOLDS):
        held = folds == fold
        weights = _logistic(rows[~held], right[~held])
        given[held] = _logits(rows[held], weights) >= _least(_logits(rows[~held], weights), right[~held])
    answerable, off_topic = kinds == "answerable", kinds == "off_topic"
    slope, contrast, bias = weights = _logistic(rows, right)
    least = _least(_logits(rows, weights), right)
    good = ANSWERABLE * _share(given & right, answerable)
    bad = ANSWERABLE * _share(given & ~right, answerable) + (1 - ANSWERABLE) * _mean_share(given, off_topic, kinds == "left_out")
    return Curve(
        slope=slope,
        bias=bias,
        threshold=1 / (1 + math.exp(-max(-30.0, min(30.0, least)))),
        precision=good / (good + bad) if good + bad else 0.0,
        abstained=_share(~given, off_topic),
        answered=_share(given, answerable),
        examples=len(examples),
        contrast=contrast,
    )


def _share(chosen: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(chosen[among].mean()) if among.any() else 0.0


def _mean_share(chosen: NDArray[np.bool_], *groups: NDArray[np.bool_]) -> float:
    """The mean of the shares in those groups that are there."""
    shares = [_share(chosen, group) for group in groups if group.any()]
    return sum(shares) / len(shares) if shares else 0.0


def _logits(rows: NDArray[np.float64], weights: tuple[float, float, float]) -> NDArray[np.float64]:
    logits: NDArray[np.float64] = rows @ np.array(weights[:2]) + weights[2]
    return logits


def _least(logits: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    return float(np.quantile(logits[right], HELD_BACK)) if right.any() else 30.0


def _logistic(rows: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Slope, contrast and bias; a contrast above 0 is no sign of anything, and left out."""
    slope, contrast, bias = _newton(rows, right)
    if contrast <= 0 and rows[:, 1].any():
        return slope, contrast, bias
    slope, _, bias = _newton(rows * (1, 0), right)
    return slope, 0.0, bias


def _newton(given: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Weights by Newton's method; right and wrong weigh the same in sum; a little ridge keeps them finite."""
    rows = np.concatenate([given, np.ones((len(given), 1))], axis=1)
    weights = np.zeros(3)
    balance = np.where(right, 0.5 / max(right.mean(), 1e-9), 0.5 / max((~right).mean(), 1e-9))
    ridge = np.diag([0.05, 0.05, 1e-9])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (balance * (chances - right)) + ridge @ weights
        curve = (rows * (balance * chances * (1 - chances))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1]), float(weights[2])
