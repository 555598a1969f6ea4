"""What a tagger is given of a message's tokens, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Inputs:
    """What is known of n tokens: `words` (n,), `characters` (n, width), `hints` (n, hints), `states` (n, dimension; 0 for none)."""

    words: Numbers
    characters: Numbers
    hints: Floats
    states: Floats


@dataclass(frozen=True)
class Decoded:
    """The best `tags`, and for each tag and token how probable it is, shape (n, tags)."""

    tags: list[int]
    probabilities: Floats
