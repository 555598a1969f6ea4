"""Which article a question is about: linear discriminant analysis (Fisher 1936) over the vectors of all views, article by article."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knowledge.ports import Vectors

_SHRINK = 0.2
MOST_ARTICLES = 5_000


class TopicModel:
    """Posterior of each article for a question, all articles equally likely before; the covariance within articles is shared.

    It weighs the directions by which articles differ more than those by which sentences of one article differ, which the cosine does not.
    Closed form: nothing is trained. Beyond `MOST_ARTICLES` it says nothing (all zero) to save memory.
    """

    def __init__(self, rows: Vectors, owners: NDArray[np.int64], articles: int) -> None:
        """`rows` float32 (n, dimension), `owners` int (n,): the article of each row."""
        self.articles = articles
        self._usable = 1 < articles <= MOST_ARTICLES and len(rows) > articles
        if not self._usable:
            return
        self._middle = rows.mean(axis=0)
        centred = rows - self._middle
        counts = np.maximum(np.bincount(owners, minlength=articles), 1).astype(np.float32)
        means = np.zeros((articles, rows.shape[1]), dtype=np.float32)
        np.add.at(means, owners, centred)
        means /= counts[:, None]
        rest = centred - means[owners]
        spread = (rest.T @ rest / len(rows)).astype(np.float64)
        spread = (1 - _SHRINK) * spread + (_SHRINK * np.trace(spread) / len(spread) + 1e-9) * np.eye(len(spread))
        self._directions = np.linalg.solve(spread, means.T.astype(np.float64)).T.astype(np.float32)
        self._offsets = -0.5 * np.einsum("ad,ad->a", self._directions, means)

    def posterior(self, vector: Vectors, allowed: NDArray[np.bool_]) -> Vectors:
        """float32 (articles,): sums to 1 over the articles that `allowed` (articles,) says; 0 for the others."""
        if not self._usable or not allowed.any():
            return np.zeros(self.articles, dtype=np.float32)
        scores = np.where(allowed, self._directions @ (vector - self._middle) + self._offsets, -np.inf)
        odds = np.exp(scores - scores.max())
        shares: Vectors = (odds / odds.sum()).astype(np.float32)
        return shares
