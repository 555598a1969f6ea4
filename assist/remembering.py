"""An encoder that remembers the texts of the conversations at hand, so that only the newest turn is encoded anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge.dense import unrelated_of, version_of
from knowledge.ports import Embedder, Vectors

MOST_TEXTS = 20_000


class RememberingEncoder:
    """An `Embedder` in front of another, in memory; the texts that came first are forgotten first."""

    def __init__(self, inner: Embedder, *, most: int = MOST_TEXTS) -> None:
        """`most`: how many texts are kept."""
        self.inner, self._most = inner, most
        self.name, self.version, self.dimension = inner.name, version_of(inner), inner.dimension
        self.unrelated = unrelated_of(inner)
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        known = self._known
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        fresh = dict(zip(missing, self.inner.encode(missing), strict=True)) if missing else {}
        found = np.stack([fresh[text] if text in fresh else known[text] for text in texts])
        known.update(fresh)
        while len(known) > self._most:
            known.pop(next(iter(known)), None)
        return found
