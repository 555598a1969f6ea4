"""What was read last is not read again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu.encoders.fake import HashingEncoder
from nlu.encoders.port import Vectors
from nlu.encoders.recent import RecentEncoder


class Counting(HashingEncoder):
    """Counts the texts that it reads."""

    read = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += len(texts)
        return super().encode(texts)


def test_a_text_is_read_once_and_gives_the_same_vector() -> None:
    inner = Counting()
    encoder = RecentEncoder(inner)
    first = encoder.encode(["where is my parcel"])
    expected = inner.encode(["where is my parcel"])
    inner.read = 0
    first[:] = 0  # what a caller does with its vectors is its own
    assert np.array_equal(encoder.encode(["where is my parcel"]), expected)
    assert inner.read == 0
    assert (encoder.name, encoder.version, encoder.dimension) == (inner.name, inner.version, inner.dimension)


def test_what_was_asked_longest_ago_is_forgotten_and_groups_pass_by() -> None:
    inner = Counting()
    encoder = RecentEncoder(inner, kept=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        encoder.encode([text])
    assert inner.read == 4  # b was forgotten for c
    encoder.encode(["a", "b"])
    assert inner.read == 6
    assert encoder.encode([]).shape == (0, inner.dimension)
