"""Logistic regression that starts from what is believed already, so that few examples change little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.lbfgs import minimise

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]
_STEPS, _TOLERANCE = 200, 1e-6
_MOST = 30.0


def fit_logistic(rows: Floats, truth: NDArray[np.bool_], *, inverse_l2: float, believed: Floats | None = None) -> tuple[Doubles, float]:
    """Weights (columns,) and bias: with `believed` (n,), what is added to these logits. Minimises the loss + |w|^2 / (2 * inverse_l2).

    The bias is held like the weights where something is believed, and free where nothing is.
    """
    features = np.hstack([rows, np.ones((len(rows), 1))]).astype(np.float32)
    start = np.zeros(len(rows), dtype=np.float32) if believed is None else np.asarray(believed, dtype=np.float32)
    right = truth.astype(np.float32)
    decay = np.full(features.shape[1], 1 / inverse_l2, dtype=np.float32)
    if believed is None:
        decay[-1] = 0.0

    def loss(point: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        scores = np.clip(start + features @ point, -_MOST, _MOST)
        value = float((np.logaddexp(0, scores) - right * scores).sum(dtype=np.float64)) + 0.5 * float(decay @ point**2)
        return value, features.T @ (1 / (1 + np.exp(-scores)) - right) + decay * point

    found = minimise(loss, np.zeros(features.shape[1], dtype=np.float32), steps=_STEPS, tolerance=_TOLERANCE)
    return found[:-1].astype(np.float64), float(found[-1])


def chance_of(score: float) -> float:
    """The chance (0 to 1) of a logit."""
    return float(1 / (1 + np.exp(-np.clip(score, -_MOST, _MOST))))


def fit_order(
    groups: Sequence[Floats], right: Sequence[NDArray[np.bool_]], *, inverse_l2: float, believed: Floats
) -> Doubles:  # fmt: skip
    """Weights (columns,) by which the right rows of each group come first, starting from the weights that are `believed`.

    Each group is (n, columns), with at least one right row. Minimises the cross-entropy of the right ones, a softmax over the group
    (ListNet; Cao et al. 2007), + |change in standard deviations|^2 / (2 * inverse_l2).
    """
    rows = np.concatenate(groups).astype(np.float64)
    starts = np.cumsum([0, *(len(group) for group in groups[:-1])])
    whose = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    spread = rows.std(axis=0) + 1e-6
    wanted = np.concatenate([one / one.sum() for one in right])
    base = rows @ believed
    scaled = rows / spread

    def loss(point: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
        scores = base + scaled @ point.astype(np.float64)
        scores -= np.maximum.reduceat(scores, starts)[whose]
        raised = np.exp(scores)
        totals = np.add.reduceat(raised, starts)
        value = float(np.log(totals).sum() - wanted @ scores) + 0.5 * float(point @ point) / inverse_l2
        gradient = scaled.T @ (raised / totals[whose] - wanted) + point / inverse_l2
        return value, gradient.astype(np.float32)

    change = minimise(loss, np.zeros(rows.shape[1], dtype=np.float32), steps=_STEPS, tolerance=_TOLERANCE)
    return np.asarray(believed + change / spread, dtype=np.float64)
