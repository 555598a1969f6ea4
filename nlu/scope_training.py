"""Calibration and the out-of-scope model, fitted on cross-validated scores.

Temperature scaling: Guo et al. 2017. Without out-of-scope examples, each held-out sentence also serves as one: its own class is taken
away (logit and neighbours), so that it becomes a question near the bot's topics which the bot does not know. Real examples join when given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.port import Vectors
from nlu.intents import Near, ScopeModel, signals_of, softmax

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]
REJECTED_AT_MOST = 0.01
REJECTED_WITH_EXAMPLES = 0.035
TEMPERATURES = np.geomspace(0.1, 5.0, 60)
LARGE_STEP = 6
SCOPE_ROWS = 2_500
STEPS = 60
AT_ONCE = 512
RIDGE = 0.1


@dataclass(frozen=True)
class FoldScores:
    """Cross-validated logits (n, classes) with what the signals need; `scored` marks the rows that count."""

    logits: Floats
    labels: Labels
    folds: Labels
    scored: NDArray[np.bool_]
    vectors: tuple[Vectors, ...]
    out_class: int | None


@dataclass(frozen=True)
class ScopeFigures:
    """Accuracy (best intent always answered), expected calibration error, and the share of right answers that stay accepted."""

    accuracy: float
    ece: float
    accepted: float


def log_loss(scores: FoldScores, temperature: float) -> float:
    """Mean negative log-likelihood of the rows that count."""
    rows = np.flatnonzero(scores.scored)
    picked = softmax((scores.logits[rows] / temperature).astype(np.float32))[np.arange(len(rows)), scores.labels[rows]]
    return float(-np.log(picked + 1e-9).mean())


def calibrate(scores: FoldScores) -> float:
    """The temperature of TEMPERATURES with the least negative log-likelihood, which has one valley: first by large steps, then by small."""
    tried = [float(t) for t in TEMPERATURES]
    near = tried.index(min(tried[::LARGE_STEP], key=lambda temperature: log_loss(scores, temperature)))
    return min(tried[max(0, near - LARGE_STEP + 1) : near + LARGE_STEP], key=lambda temperature: log_loss(scores, temperature))


def expected_calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Guo et al. 2017, equal-width bins."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).sum() for b in range(bins) if (place == b).any()]
    return float(sum(gaps) / max(1, len(confidence)))


def fit_scope(scores: FoldScores, temperature: float) -> tuple[ScopeModel, ScopeFigures]:
    """The scope model, its threshold set so that at most a given share of the rightly answered sentences is lost.

    That share is REJECTED_AT_MOST, and REJECTED_WITH_EXAMPLES where out-of-scope sentences were given: they say that it is worth it.
    """
    rows = np.flatnonzero(scores.scored)
    if len(rows) > SCOPE_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, SCOPE_ROWS).astype(int)]
    real_out = scores.labels[rows] == scores.out_class if scores.out_class is not None else np.zeros(len(rows), dtype=bool)
    inner, outer = rows[~real_out], rows[real_out]
    positives = _signals(scores, inner, temperature, hide=False)
    pseudo = _signals(scores, inner, temperature, hide=True)
    real = _signals(scores, outer, temperature, hide=False) if len(outer) else pseudo[:0]
    model = _logistic(positives, pseudo, real)
    masked = scores.logits[inner].copy()
    if scores.out_class is not None:
        masked[:, scores.out_class] = -np.inf
    right = masked.argmax(axis=1) == scores.labels[inner]
    chances = np.array([model.chance(s) for s in positives], dtype=np.float32)
    share = REJECTED_WITH_EXAMPLES if len(outer) else REJECTED_AT_MOST
    threshold = float(np.quantile(chances[right], share)) if right.any() else 0.0
    final = ScopeModel(model.mean, model.scale, model.weights, model.bias, round(threshold, 6))
    confidence = softmax((masked / temperature).astype(np.float32)).max(axis=1)
    accepted = float((chances[right] >= threshold).mean()) if right.any() else 0.0
    return final, ScopeFigures(round(float(right.mean()), 4), round(expected_calibration_error(confidence, right), 4), round(accepted, 4))


def _signals(scores: FoldScores, rows: NDArray[np.intp], temperature: float, *, hide: bool) -> Floats:
    """Signals of held-out rows against the other folds; with `hide`, as if their own class did not exist."""
    classes = scores.logits.shape[1]
    out = np.zeros((len(rows), 2 + 2 * len(scores.vectors)), dtype=np.float32)
    for fold in np.unique(scores.folds[rows]):
        source, mine = np.flatnonzero(scores.folds != fold), np.flatnonzero(scores.folds[rows] == fold)
        labels = scores.labels[source].astype(np.int32)
        for start in range(0, len(mine), AT_ONCE):
            place = mine[start : start + AT_ONCE]
            ignored = np.zeros((len(place), classes), dtype=bool)
            if scores.out_class is not None:
                ignored[:, scores.out_class] = True
            if hide:
                ignored[np.arange(len(place)), scores.labels[rows[place]]] = True
            near = [Near(v[rows[place]] @ v[source].T, labels) for v in scores.vectors]
            out[place] = signals_of(scores.logits[rows[place]] / np.float32(temperature), near, ignored)
    return out


def _logistic(positives: Floats, pseudo: Floats, real: Floats) -> ScopeModel:
    """Ridge-penalised logistic regression by Newton steps; half of the weight is in scope, real out-of-scope rows share the other half."""
    x = np.vstack([positives, pseudo, real]).astype(np.float64)
    y = np.concatenate([np.ones(len(positives)), np.zeros(len(pseudo) + len(real))])
    pseudo_share = 0.25 if len(real) else 0.5
    shares = [np.full(len(positives), 0.5 / max(1, len(positives))), np.full(len(pseudo), pseudo_share / max(1, len(pseudo)))]
    weight = np.concatenate([*shares, np.full(len(real), 0.25 / max(1, len(real)))])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.hstack([(x - mean) / scale, np.ones((len(x), 1))])
    w = np.zeros(z.shape[1])
    penalty = np.diag([RIDGE] * (len(w) - 1) + [1e-6])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(z @ w, -30, 30)))
        gradient = z.T @ (weight * (p - y)) + penalty @ w
        hessian = (z * (weight * p * (1 - p))[:, None]).T @ z + penalty
        w -= np.linalg.solve(hessian, gradient)
    return ScopeModel(mean.astype(np.float32), scale.astype(np.float32), w[:-1].astype(np.float32), float(w[-1]), 0.5)
