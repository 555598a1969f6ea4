"""How much the nearest training sentences have to say beside the linear heads, decided on cross-validated scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nlu.intents import Runs, votes
from nlu.scope_training import AT_ONCE, SCOPE_ROWS, FoldScores, calibrate, log_loss

Floats = NDArray[np.float32]
SHARES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)


def choose_vote(scores: FoldScores) -> tuple[float, FoldScores]:
    """The weight of `nlu.intents.votes` with the least calibrated log-loss, and the scores with the votes added.

    The votes of a row come from the other folds. At most SCOPE_ROWS rows are looked at; `scored` of the result marks them.
    """
    rows = np.flatnonzero(scores.scored)
    if len(rows) > SCOPE_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, SCOPE_ROWS).astype(int)]
    scored = np.zeros(len(scores.labels), dtype=bool)
    scored[rows] = True
    said = _held_out_votes(scores, rows)
    spread = float(said.std(axis=1).mean()) if len(rows) else 0.0
    if not spread:
        return 0.0, replace(scores, scored=scored)
    unit = float(scores.logits[rows].std(axis=1).mean()) / spread
    tried = [(round(share * unit, 4), _with_votes(scores, rows, said, round(share * unit, 4), scored)) for share in SHARES]
    return min(tried, key=lambda one: log_loss(one[1], calibrate(one[1])))


def _held_out_votes(scores: FoldScores, rows: NDArray[np.intp]) -> Floats:
    out = np.zeros((len(rows), scores.logits.shape[1]), dtype=np.float32)
    for fold in np.unique(scores.folds[rows]):
        source, mine = np.flatnonzero(scores.folds != fold), np.flatnonzero(scores.folds[rows] == fold)
        labels = scores.labels[source].astype(np.int32)
        for start in range(0, len(mine), AT_ONCE):
            place = mine[start : start + AT_ONCE]
            out[place] = votes(np.mean([v[rows[place]] @ v[source].T for v in scores.vectors], axis=0), Runs.of(labels), out.shape[1])
    return out


def _with_votes(scores: FoldScores, rows: NDArray[np.intp], said: Floats, weight: float, scored: NDArray[np.bool_]) -> FoldScores:
    logits = scores.logits.copy()
    logits[rows] += np.float32(weight) * said
    return replace(scores, logits=logits, scored=scored)
