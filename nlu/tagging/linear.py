"""The tagger for few sentences: a linear chain over tags (Lafferty et al. 2001) on words, spelling, hints and the encoder's states.

Few sentences do not teach a network to read; what an encoder has read, and the words around, is all that they can weigh. Its loss is
convex, so that training takes a moment and always ends in the same place. `nlu.tagging.linear_fit` trains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.tagging.chain import best_tags, probabilities
from nlu.tagging.inputs import Decoded, Floats, Inputs, Numbers

BUCKETS = 1024
AROUND = (-2, -1, 0, 1, 2)
SPELLED = 3
"""Prefixes and suffixes of up to this many characters count."""
WORD_SCALE, SPELLING_SCALE, STATE_SCALE, BESIDE = 1.0, 0.7, 5.0, 0.5
_PRIMES = np.array([1, 1_000_003, 998_244_353], dtype=np.int64)


class Linear:
    """The chain with its weights, named as `nlu.tagging.linear_fit` writes them. Safe for several threads at once."""

    asked_bonus = 3.0
    """Added to the score of the slot just asked for, where training has not taught what being asked for means."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Raises KeyError for a missing weight, ValueError for weights that do not fit together."""
        self._weights = w = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}
        tags = len(w["chain.start"])
        if w["chain.follow"].shape != (tags, tags) or {w[name].shape[1] for name in ("sparse", "hints")} | {len(w["bias"])} != {tags}:
            raise ValueError("the weights of the tagger do not fit together")
        self._words = (len(w["sparse"]) - hashed_rows()) // len(AROUND)

    def decode(self, inputs: Inputs, bonus: Floats) -> Decoded:
        """See `Network.decode`."""
        w = self._weights
        scores = self.scores(inputs) + bonus
        follow, start = w["chain.follow"], w["chain.start"]
        return Decoded(best_tags(scores, start, follow), probabilities(scores, start, np.exp(follow)))

    def scores(self, inputs: Inputs) -> Floats:
        """Shape (n, tags), before the chain."""
        w = self._weights
        rows, values = sparse_rows(inputs, self._words)
        scores: Floats = np.einsum("nkt,k->nt", w["sparse"][rows], values) + dense_hints(inputs.hints) @ w["hints"] + w["bias"]
        if "states" in w:
            scores += dense_states(inputs.states, w["states.middle"], w["states.scale"]) @ w["states"].T
        return scores


def hashed_rows() -> int:
    """Rows of the sparse weights behind those of the words."""
    return (2 + 2 * SPELLED) * BUCKETS


def sparse_rows(inputs: Inputs, words: int) -> tuple[Numbers, Floats]:
    """The rows of the sparse weights that count for each token, shape (n, k), and how much each of the k counts.

    `words`: how many words are known. Words around, pairs of neighbours, and the beginnings and ends of the word.
    """
    count = len(inputs.words)
    padded = np.concatenate([np.zeros(2, np.int64), inputs.words, np.zeros(2, np.int64)])
    near = {offset: padded[2 + offset : 2 + offset + count] for offset in AROUND}
    columns = [place * words + near[offset] for place, offset in enumerate(AROUND)]
    start = len(AROUND) * words
    hashed = [near[-1] * _PRIMES[1] + near[0], near[0] * _PRIMES[1] + near[1]]
    filled = (inputs.characters > 0).sum(axis=1)
    for length in range(1, SPELLED + 1):
        places = np.minimum(np.arange(length), inputs.characters.shape[1] - 1)
        hashed.append(inputs.characters[:, places] @ _PRIMES[:length])
        back = np.maximum(filled[:, None] - 1 - np.arange(length), 0)
        hashed.append(np.take_along_axis(inputs.characters, back, axis=1) @ _PRIMES[:length])
    columns += [start + block * BUCKETS + _mixed(one) for block, one in enumerate(hashed)]
    values = np.repeat(np.array([WORD_SCALE, SPELLING_SCALE], np.float32), [len(AROUND) + 2, 2 * SPELLED])
    return np.stack(columns, axis=1), values


def dense_hints(hints: Floats) -> Floats:
    """The hints of a token beside those of its neighbours, shape (n, 3 hints)."""
    edge = np.zeros_like(hints[:1])
    return np.concatenate([np.concatenate([edge, hints[:-1]]), hints, np.concatenate([hints[1:], edge])], axis=1)


def dense_states(states: Floats, middle: Floats, scale: Floats) -> Floats:
    """The states of a token beside those of its neighbours, which count less; shape (n, 3 dimension)."""
    even = (states - middle) * scale
    edge = np.zeros_like(even[:1])
    beside = np.float32(BESIDE) * even
    return np.concatenate([even, np.concatenate([edge, beside[:-1]]), np.concatenate([beside[1:], edge])], axis=1)


def _mixed(numbers: NDArray[Any]) -> Numbers:
    """Numbers to buckets."""
    with np.errstate(over="ignore"):
        spread = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (spread >> np.uint64(32)).astype(np.int64) % BUCKETS
