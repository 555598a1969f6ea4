"""Lexical features: hashed words and character n-grams, weighted by rarity. They help with typos, Chinese and names that encoders blur."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nlu.text import fold, for_encoding, is_han

BUCKETS = 8192
_WORD = re.compile(r"\d{3,}|[^\W_]+")


@dataclass(frozen=True)
class SparseRow:
    """Indices (into BUCKETS) and values of one text; the values have length 1."""

    indices: NDArray[np.int32]
    values: NDArray[np.float32]


def grams(text: str) -> list[str]:
    """Words, word pairs and character n-grams (2 to 4 within padded Latin words, 1 to 3 in Chinese); long numbers become one token."""
    tokens = ["#" if t.isdigit() and len(t) > 2 else t for t in _WORD.findall(fold(for_encoding(text)))]
    found = [f"w:{token}" for token in tokens]
    found += [f"p:{a} {b}" for a, b in pairwise(tokens)]
    for token in tokens:
        chinese = any(is_han(c) for c in token)
        padded = token if chinese else f" {token} "
        for size in (1, 2, 3) if chinese else (3, 4):
            found += [f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1)]
    return found


def counts(text: str) -> dict[int, float]:
    """Bucket to damped count (1 + log) of the n-grams of `text`."""
    raw: dict[int, int] = {}
    for gram in grams(text):
        bucket = crc32(gram.encode("utf-8", "ignore")) % BUCKETS
        raw[bucket] = raw.get(bucket, 0) + 1
    return {bucket: 1.0 + float(np.log(n)) if n > 1 else 1.0 for bucket, n in sorted(raw.items())}


def rarity(texts: Sequence[str]) -> NDArray[np.float32]:
    """Smoothed inverse document frequency of every bucket, shape (BUCKETS,)."""
    seen = np.zeros(BUCKETS, dtype=np.float64)
    for text in texts:
        seen[list(counts(text))] += 1
    return (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)


def row(text: str, weights: NDArray[np.float32]) -> SparseRow:
    """The weighted features of `text`; empty when it has no words."""
    found = counts(text)
    indices = np.fromiter(found.keys(), dtype=np.int32, count=len(found))
    values = np.fromiter(found.values(), dtype=np.float32, count=len(found)) * weights[indices]
    norm = float(np.linalg.norm(values))
    return SparseRow(indices, (values / norm if norm else values).astype(np.float32))
