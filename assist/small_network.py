"""A network with one small hidden layer, beside a linear model: what only several signs together tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.softmax import Rows

HIDDEN, EPOCHS, LEAST_EPOCHS, LEAST_STEPS, MOST_ROWS = 64, 12, 3, 300, 60_000
_BATCH, _LEAST_BATCH, _RATE, _DECAY = 64, 16, 2e-3, 1e-3
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SmallNetwork:
    """What was learned: relu(rows @ `hidden` + `hidden_bias`) @ `out` + `out_bias`; of sparse rows only the columns that are `used`."""

    used: NDArray[np.integer[Any]]
    layers: tuple[Floats, Floats, Floats, Floats]

    def chances(self, rows: Rows) -> Floats:
        """float32 (rows, classes)."""
        hidden, hidden_bias, out, out_bias = self.layers
        width = rows.dense.shape[1]
        inner = rows.dense @ hidden[:width] + rows.sparse[:, self.used] @ hidden[width:] + hidden_bias
        logits = np.maximum(0, inner) @ out + out_bias
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def learn_network(rows: Rows, labels: NDArray[np.intp]) -> SmallNetwork:
    """Learns with Adam (Kingma and Ba 2015). Deterministic. `rows.sparse` is a scipy CSR matrix; every label from 0 on occurs."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.neural_network import MLPClassifier

    used = np.unique(rows.sparse.indices)
    whole = hstack([csr_matrix(rows.dense), rows.sparse[:, used]]).tocsr().astype(np.float32)
    classes, count = int(labels.max()) + 1, len(labels)
    batch = min(count, max(_LEAST_BATCH, min(_BATCH, count // 8)))
    learner: Any = MLPClassifier((HIDDEN,), alpha=_DECAY, batch_size=batch, learning_rate_init=_RATE, random_state=0)
    for _ in range(_epochs(count, batch)):
        learner.partial_fit(whole, labels, classes=np.arange(classes))
    (hidden, out), (hidden_bias, out_bias) = learner.coefs_, learner.intercepts_
    if classes == 2:  # scikit-learn has one logit for two classes
        out, out_bias = np.hstack([np.zeros_like(out), out]), np.array([0.0, out_bias[0]])
    return SmallNetwork(used, tuple(np.asarray(one, dtype=np.float32) for one in (hidden, hidden_bias, out, out_bias)))  # type: ignore[arg-type]


def _epochs(count: int, batch: int) -> int:
    """So often all rows are looked at: few rows oftener, many more seldom, as time is to stay within a minute or so."""
    enough = max(LEAST_EPOCHS, min(EPOCHS, MOST_ROWS // count))
    return max(enough, LEAST_STEPS * batch // count)
