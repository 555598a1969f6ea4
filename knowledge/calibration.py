"""How sure an answer is: a logistic regression over signs of a good hit, fitted on the knowledge base itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Signs:
    """What can be seen of the best hit without knowing whether it is right; every number is from 0 to 1.

    `dense`: cosine of question and passage. `lexical`: BM25 as a share of what was possible. `coverage`: the share of the question, by
    weight of its terms, that the passage has. `margin`: by how much the score exceeds that of the next article. `topic`: the posterior
    of the article (`topics.TopicModel`).
    """

    dense: float
    lexical: float
    coverage: float
    margin: float
    topic: float

    def row(self) -> list[float]:
        """The features of the regression: the signs, and dense times coverage (both high is more than either)."""
        return [self.dense, self.lexical, self.coverage, self.margin, self.topic, self.dense * self.coverage]


@dataclass(frozen=True)
class Calibration:
    """Weights of the regression, the confidence from which on is answered, and what that is expected to give.

    `precision`: of the answers given, the share that is right; `abstained`: of the questions that nothing answers, the share left
    unanswered; `answered`: of those that something answers, the share answered. All three are estimates by cross-validation on
    questions made from the articles; `examples` is how many. Zero examples: the values shipped for a knowledge base too small to fit.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    precision: float
    abstained: float
    answered: float
    examples: int

    def confidence(self, signs: Signs) -> float:
        """The estimated chance that the hit answers."""
        value = self.bias + sum(w * x for w, x in zip(self.weights, signs.row(), strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self) | {"weights": list(self.weights)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calibration:
        """The reverse of `as_json`."""
        return cls(**(data | {"weights": tuple(data["weights"])}))


SHIPPED = Calibration(
    weights=(6.0, 3.0, 3.0, 3.0, 1.0, 0.0), bias=-5.0, threshold=0.5, precision=0.0, abstained=0.0, answered=0.0, examples=0
)
KEPT = 0.95
_RIDGE = 1e-2
_FOLDS = 5


@dataclass(frozen=True)
class Example:
    """A question asked for calibration: `answerable` when its article was there, `right` when that article came first."""

    signs: Signs
    answerable: bool
    right: bool


def fit(examples: Sequence[Example]) -> Calibration:
    """Fits the chance that the first hit is right, and a threshold that keeps `KEPT` of the right answers.

    Every confidence that the threshold and the reported figures are taken from comes from a fit on the other folds. Fewer than 20
    right or 20 wrong examples give `SHIPPED`.
    """
    rows = np.array([[1.0, *example.signs.row()] for example in examples])
    right = np.array([example.right for example in examples], dtype=bool)
    answerable = np.array([example.answerable for example in examples], dtype=bool)
    if right.sum() < 20 or (~right).sum() < 20:
        return SHIPPED
    folds = np.arange(len(rows)) % _FOLDS
    chances = np.zeros(len(rows))
    for fold in range(_FOLDS):
        chances[folds == fold] = _sigmoid(rows[folds == fold] @ _regress(rows[folds != fold], right[folds != fold]))
    threshold = float(np.quantile(chances[right], 1 - KEPT))
    given = chances >= threshold
    weights = _regress(rows, right)
    return Calibration(
        weights=tuple(weights[1:].tolist()),
        bias=float(weights[0]),
        threshold=threshold,
        precision=float(right[given].mean()) if given.any() else 0.0,
        abstained=float((~given)[~answerable].mean()) if (~answerable).any() else 0.0,
        answered=float(given[answerable].mean()),
        examples=len(rows),
    )


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
    return chances


def _regress(rows: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression by Newton's method with a little ridge; both outcomes weigh the same in sum. The first column is the bias."""
    weights = np.zeros(rows.shape[1])
    balance = np.where(right, 0.5 / max(right.mean(), 1e-9), 0.5 / max((~right).mean(), 1e-9))
    ridge = _RIDGE * len(rows) / 100 * np.eye(rows.shape[1])
    ridge[0, 0] = 1e-9
    for _ in range(30):
        chances = _sigmoid(rows @ weights)
        slope = rows.T @ (balance * (chances - right)) + ridge @ weights
        curve = (rows * (balance * chances * (1 - chances))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-6:
            break
    return weights
