"""Which article a question is about: linear discriminant analysis (Fisher 1936) over the vectors of all views, article by article."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from knowledge.dots import dots
from knowledge.ports import Vectors

_SHRINK = 0.2
_SOFTNESS = 4.0  # the sentences of an article are more alike than questions are: without it the posterior is too sure
MOST_ARTICLES = 5_000


class TopicModel:
    """Posterior of each article for a question, all articles equally likely before; the covariance within articles is shared.

    It weighs the directions by which articles differ more than those by which sentences of one article differ, which the cosine does not.
    Closed form: nothing is trained. Beyond `MOST_ARTICLES` it says nothing (all zero) to save memory.
    """

    def __init__(self, rows: Vectors, owners: NDArray[np.int64], articles: int) -> None:
        """`rows` float32 (n, dimension), `owners` int (n,): the article of each row."""
        self.articles = articles
        self.usable = 1 < articles <= MOST_ARTICLES and len(rows) > articles
        if not self.usable:
            return
        self._middle = rows.mean(axis=0)
        centred = rows - self._middle
        self._counts = np.maximum(np.bincount(owners, minlength=articles), 1).astype(np.float32)
        means = np.zeros((articles, rows.shape[1]), dtype=np.float32)
        np.add.at(means, owners, centred)
        means /= self._counts[:, None]
        rest = centred - means[owners]
        spread = (rest.T @ rest / len(rows)).astype(np.float64)
        spread = (1 - _SHRINK) * spread + (_SHRINK * np.trace(spread) / len(spread) + 1e-9) * np.eye(len(spread))
        self._inverse = np.linalg.inv(spread).astype(np.float32)
        self._means = means
        self._directions = means @ self._inverse
        self._offsets = -0.5 * np.einsum("ad,ad->a", self._directions, means)

    def posterior(self, vector: Vectors, allowed: NDArray[np.bool_], *, article: int = -1, left_out: Vectors | None = None) -> Vectors:
        """float32 (articles,): sums to 1 over the articles that `allowed` (articles,) says; 0 for the others.

        With `left_out` float32 (n, dimension), some rows of `article`, the mean of that article is taken without them.
        """
        if not self.usable or not allowed.any():
            return np.zeros(self.articles, dtype=np.float32)
        centred = vector - self._middle
        values = dots(self._directions, centred) + self._offsets
        if left_out is not None and self._counts[article] > len(left_out):
            count = self._counts[article]
            mean = (count * self._means[article] - (left_out - self._middle).sum(axis=0)) / (count - len(left_out))
            values[article] = (centred - 0.5 * mean) @ self._inverse @ mean
        scores = np.where(allowed, values / _SOFTNESS, -np.inf)
        odds = np.exp(scores - scores.max())
        shares: Vectors = (odds / odds.sum()).astype(np.float32)
        return shares
