"""Training of softmax regression on dense and sparse features together (L-BFGS). Only training imports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.few_columns import FewColumns, few_columns
from nlu.lbfgs import minimise
from nlu.lexical import BUCKETS, SparseRow

Floats = NDArray[np.float32]
MAX_STEPS = 60
TOLERANCE = 2e-4


@dataclass(frozen=True)
class Weights:
    """A trained linear head: logits = dense @ `dense` + sparse @ `sparse` + `bias`."""

    dense: Floats
    sparse: Floats
    bias: Floats


@dataclass(frozen=True)
class Rows:
    """Features of n texts: `dense` (n, d) and `sparse`, FewColumns or a scipy CSR matrix (n, BUCKETS), already scaled."""

    dense: Floats
    sparse: Any

    def take(self, index: NDArray[np.intp]) -> Rows:
        """The rows at `index`."""
        return Rows(self.dense[index], self.sparse.take(index) if isinstance(self.sparse, FewColumns) else self.sparse[index])


def stack_sparse(rows: Sequence[SparseRow], scale: float) -> Any:
    """The rows as one matrix (n, BUCKETS), times `scale`: FewColumns where they are few, else scipy's CSR."""
    ends = np.cumsum([0, *(len(r.indices) for r in rows)])
    indices = np.concatenate([r.indices for r in rows]) if rows else np.zeros(0, np.int32)
    values = np.concatenate([r.values for r in rows]) if rows else np.zeros(0, np.float32)
    scaled = values * np.float32(scale)
    if (few := few_columns(ends, indices, scaled, BUCKETS)) is not None:
        return few
    from scipy.sparse import csr_matrix

    return csr_matrix((scaled, indices, ends), shape=(len(rows), BUCKETS))


def logits_of(rows: Rows, weights: Weights) -> Floats:
    """Shape (n, classes)."""
    used, sparse, _ = _columns(rows.sparse)
    return np.asarray(rows.dense @ weights.dense + sparse @ weights.sparse[used] + weights.bias, dtype=np.float32)


def _columns(sparse: Any) -> tuple[NDArray[np.integer], Any, Any]:
    """The columns that occur, the matrix over these, and the same turned."""
    if isinstance(sparse, FewColumns):
        return sparse.used, sparse.values, np.ascontiguousarray(sparse.values.T)
    used = np.unique(sparse.indices)
    chosen = sparse[:, used].tocsr()
    return used, chosen, chosen.T.tocsr()


def fit(rows: Rows, labels: NDArray[np.intp], *, classes: int, sample_weights: Floats, inverse_l2: float) -> Weights:
    """Minimises cross-entropy + |W|^2 / (2 * inverse_l2). Deterministic. `labels` are 0 to classes - 1."""
    width = rows.dense.shape[1]
    used, sparse, turned = _columns(rows.sparse)
    dense = np.ascontiguousarray(rows.dense, dtype=np.float32)
    shape = (width + len(used) + 1, classes)
    places = np.arange(len(labels))
    decay = np.float32(1 / inverse_l2)

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(shape)
        logits = dense @ w[:width] + sparse @ w[width:-1] + w[-1]
        logits -= logits.max(axis=1, keepdims=True)
        picked = logits[places, labels]
        error = np.exp(logits, out=logits)
        total = error.sum(axis=1, keepdims=True)
        error /= total
        error[places, labels] -= 1.0
        error *= sample_weights[:, None]
        gradient = np.empty(shape, dtype=np.float32)
        gradient[:width] = dense.T @ error
        gradient[width:-1] = turned @ error
        gradient[:-1] += decay * w[:-1]
        gradient[-1] = error.sum(axis=0)
        penalty = float(np.vdot(w[:-1], w[:-1])) / (2 * inverse_l2)
        likelihood = np.sum((picked - np.log(total[:, 0])) * sample_weights, dtype=np.float64)
        return penalty - float(likelihood), gradient.ravel()

    w = minimise(loss, np.zeros(shape, dtype=np.float32), steps=MAX_STEPS, tolerance=TOLERANCE).reshape(shape)
    full = np.zeros((BUCKETS, classes), dtype=np.float32)
    full[used] = w[width:-1]
    return Weights(w[:width].copy(), full, w[-1].copy())
