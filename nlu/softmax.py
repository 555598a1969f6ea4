"""Training of softmax regression on dense and sparse features together (L-BFGS). Only training imports this: it needs scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.lexical import BUCKETS, SparseRow

Floats = NDArray[np.float32]
MAX_STEPS = 60


@dataclass(frozen=True)
class Weights:
    """A trained linear head: logits = dense @ `dense` + sparse @ `sparse` + `bias`."""

    dense: Floats
    sparse: Floats
    bias: Floats


@dataclass(frozen=True)
class Rows:
    """Features of n texts: `dense` (n, d) and `sparse`, a scipy CSR matrix (n, BUCKETS) already scaled."""

    dense: Floats
    sparse: Any

    def take(self, index: NDArray[np.intp]) -> Rows:
        """The rows at `index`."""
        return Rows(self.dense[index], self.sparse[index])


def stack_sparse(rows: Sequence[SparseRow], scale: float) -> Any:
    """The rows as one scipy CSR matrix (n, BUCKETS), times `scale`."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(r.indices) for r in rows)])
    indices = np.concatenate([r.indices for r in rows]) if rows else np.zeros(0, np.int32)
    values = np.concatenate([r.values for r in rows]) if rows else np.zeros(0, np.float32)
    return csr_matrix((values * np.float32(scale), indices, ends), shape=(len(rows), BUCKETS))


def logits_of(rows: Rows, weights: Weights) -> Floats:
    """Shape (n, classes)."""
    return np.asarray(rows.dense @ weights.dense + rows.sparse @ weights.sparse + weights.bias, dtype=np.float32)


def fit(rows: Rows, labels: NDArray[np.intp], *, classes: int, sample_weights: Floats, inverse_l2: float) -> Weights:
    """Minimises cross-entropy + |W|^2 / (2 * inverse_l2). Deterministic. `labels` are 0 to classes - 1."""
    from scipy.optimize import minimize

    width = rows.dense.shape[1]
    used = np.unique(rows.sparse.indices)
    packed = Rows(rows.dense, rows.sparse[:, used].tocsr())
    turned = packed.sparse.T.tocsr()
    shape = (width + len(used) + 1, classes)
    target = np.zeros((len(labels), classes), dtype=np.float32)
    target[np.arange(len(labels)), labels] = 1.0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(shape).astype(np.float32)
        logits = packed.dense @ w[:width] + packed.sparse @ w[width:-1] + w[-1]
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits)
        total = probabilities.sum(axis=1, keepdims=True)
        probabilities /= total
        picked = logits[np.arange(len(labels)), labels] - np.log(total[:, 0])
        error = (probabilities - target) * sample_weights[:, None]
        gradient = np.vstack([packed.dense.T @ error, turned @ error, error.sum(axis=0, keepdims=True)]).astype(np.float64)
        gradient[:-1] += w[:-1] / inverse_l2
        penalty = float((w[:-1].astype(np.float64) ** 2).sum()) / (2 * inverse_l2)
        return penalty - float((picked * sample_weights).sum()), gradient.ravel()

    start = np.zeros(shape[0] * classes)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS, "maxcor": 8, "ftol": 1e-5})
    w = best.x.reshape(shape).astype(np.float32)
    sparse = np.zeros((BUCKETS, classes), dtype=np.float32)
    sparse[used] = w[width:-1]
    return Weights(w[:width], sparse, w[-1])
