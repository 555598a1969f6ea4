"""An encoder for tests: hashed character trigrams. Similar spelling gives similar vectors; it knows no meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlu.encoders.port import Vectors, normalised
from nlu.text import fold


class HashingEncoder:
    """The fake: no weights, no loading, deterministic across processes."""

    name = "hashing"
    version = "1"
    dimension = 128

    def __init__(self, cache: Path | None = None) -> None:
        """`cache` is not needed."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f" {fold(text)} "
            for start in range(max(1, len(padded) - 2)):
                digest = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=4).digest()
                vectors[row, int.from_bytes(digest, "big") % self.dimension] += 1.0
        return normalised(vectors)
