"""How much a question sounds like one that no help page answers: its nearness to questions about quite other things (`offtopic`)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from knowledge.chinese import one_script
from knowledge.dense import unrelated_of
from knowledge.dots import dots
from knowledge.offtopic import OFF_TOPIC, beyond
from knowledge.ports import Embedder, Vectors

_NEAREST, _NEAREST_WIDE = 5, 3
_SAME = 0.995  # from this cosine on it is the question itself


class Strays:
    """The vectors of those questions in all languages."""

    def __init__(self, embedder: Embedder) -> None:
        """Encodes some 1,700 short questions (10 s of processor time, if they are not remembered)."""
        few = [one_script(text) for texts in OFF_TOPIC.values() for text in texts]
        texts = list(dict.fromkeys([*few, *map(one_script, beyond())]))
        self._all = np.asarray(embedder.encode(texts), dtype=np.float32)
        self._few = self._all[: len(few)]
        self._unrelated = unrelated_of(embedder)

    def wide(self, vector: Vectors) -> float:
        """As `nearness`, to all questions of `offtopic.beyond`."""
        return self._nearness(self._all, vector, _NEAREST_WIDE)

    def nearness(self, vector: Vectors) -> float:
        """About 0 to 1: the mean cosine of the nearest few, the question itself left aside."""
        return self._nearness(self._few, vector, _NEAREST)

    def _nearness(self, rows: Vectors, vector: Vectors, few: int) -> float:
        cosines = dots(rows, vector)
        nearest = np.sort(cosines[cosines < _SAME])[-few:]
        return float((nearest.mean() - self._unrelated) / (1 - self._unrelated)) if len(nearest) else 0.0


def strays_of(embedder: Embedder) -> Strays:
    """One for each encoder of the process, as every index that it reads for needs the same."""
    return _kept(embedder)  # type: ignore[arg-type]  # an encoder is itself and no other: it hashes by identity


@lru_cache(maxsize=4)
def _kept(embedder: Embedder) -> Strays:
    return Strays(embedder)
