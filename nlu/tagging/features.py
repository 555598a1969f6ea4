"""What the tagger knows of a token beside an encoder's state: its word, its characters, its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.text import is_han

CHARACTERS = 14
SHAPES = 8
UNKNOWN = 1
"""Number of what training has not seen, in words and characters; 0 is padding."""


def word_key(word: str) -> str:
    """What stands for a word in the vocabulary: lower case, digits alike."""
    return "".join("0" if c.isdigit() else c for c in word.lower())


def word_rows(words: Sequence[str], known: Mapping[str, int]) -> NDArray[np.int64]:
    """Numbers of the words, shape (n,)."""
    return np.array([known.get(word_key(word), UNKNOWN) for word in words], dtype=np.int64)


def character_rows(words: Sequence[str], known: Mapping[str, int]) -> NDArray[np.int64]:
    """Numbers of the first and last characters of every word, shape (n, CHARACTERS), 0 where there is none."""
    out = np.zeros((len(words), CHARACTERS), dtype=np.int64)
    half = CHARACTERS // 2
    for row, word in enumerate(words):
        shown = word if len(word) <= CHARACTERS else word[:half] + word[-half:]
        out[row, : len(shown)] = [known.get(c, UNKNOWN) for c in shown]
    return out


def shape_rows(words: Sequence[str]) -> NDArray[np.float32]:
    """What a word looks like, shape (n, SHAPES): of letters, digits (how many), a mark, Han, capitalised, all capitals, first, last."""
    out = np.zeros((len(words), SHAPES), dtype=np.float32)
    for row, word in enumerate(words):
        out[row, :6] = (
            word.isalpha(),
            min(len(word), 8) / 8 if word.isdigit() else 0,
            not word.isalnum(),
            is_han(word[0]),
            word[0].isupper(),
            len(word) > 1 and word.isupper(),
        )
    if words:
        out[0, 6] = out[-1, 7] = 1
    return out
