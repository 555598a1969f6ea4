"""What sentence encoders see of single tokens: MiniLM's last states (English), the word pieces of the multilingual encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.encoders import Encoder
from nlu.encoders.batching import BatchingEncoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.minilm import MiniLMEncoder
from nlu.encoders.port import Vectors, normalised
from nlu.encoders.recent import RecentEncoder
from nlu.encoders.use import UseEncoder
from nlu.tagging.reading import Reading

_BLANK = "\u2581"
"""How SentencePiece writes a blank."""


@dataclass(frozen=True)
class Seen:
    """`states` (pieces, dimension) with the characters each stands for, and the sentence's `vector` where the same pass gave it."""

    states: Vectors
    offsets: Sequence[tuple[int, int]]
    vector: Vectors | None = None


class StateSource(Protocol):
    """Gives the states of a plain text."""

    @property
    def dimension(self) -> int:
        """Length of a state."""

    def look(self, plain: str) -> Seen:
        """The states of the text's pieces."""


class MiniLMStates:
    """MiniLM's word vectors beside its last states; the sentence's vector comes out of the same pass."""

    def __init__(self, encoder: MiniLMEncoder) -> None:
        """Loads nothing yet."""
        self._encoder, self.dimension = encoder, 2 * encoder.dimension

    def look(self, plain: str) -> Seen:
        """See `StateSource.look`."""
        words, states, offsets = self._encoder.network.look(plain)
        return Seen(np.concatenate([words, states], axis=1), offsets, normalised(states.mean(axis=0)[None])[0])


class PieceStates:
    """The multilingual encoder's vectors of word pieces, by themselves: cheap, and words of like meaning lie close in 16 languages."""

    def __init__(self, encoder: UseEncoder) -> None:
        """Loads nothing yet."""
        self._encoder, self.dimension = encoder, encoder.dimension

    def look(self, plain: str) -> Seen:
        """See `StateSource.look`. A text that its tokenizer changes on the way is read word by word."""
        tokenizer, network = self._encoder._model._tokenizer, self._encoder._model._model
        pieces = tokenizer.encode(plain, out_type=str)
        if "".join(pieces) == _BLANK + plain.replace(" ", _BLANK):
            numbers, ends = tokenizer.encode(plain, out_type=int), np.cumsum([0, *map(len, pieces)]) - 1
            return Seen(_rows(network, numbers), list(zip(np.maximum(ends, 0).tolist(), ends[1:].tolist(), strict=False)))
        at, numbers, offsets = 0, [], []
        for word in plain.split(" "):
            own = tokenizer.encode(word, out_type=int)
            numbers += own
            offsets += [(at, at + len(word))] * len(own)
            at += len(word) + 1
        return Seen(_rows(network, numbers), offsets)


def _rows(network: Any, numbers: Sequence[int]) -> Vectors:
    places = np.asarray(numbers, dtype=np.int64)
    chunk = places % len(network.scale)
    rows: Vectors = network.table[places] * network.scale[chunk, None] + network.lo[chunk, None]
    return rows.astype(np.float32)


def state_source(encoder: Encoder) -> StateSource | None:
    """The source of an encoder, whatever cache or queue is in front of it; None when it gives sentence vectors only."""
    inner = encoder
    while isinstance(inner, BatchingEncoder | CachedEncoder | RecentEncoder):
        inner = inner.inner
    if isinstance(inner, MiniLMEncoder):
        return MiniLMStates(inner)
    return PieceStates(inner) if isinstance(inner, UseEncoder) else None


def by_token(seen: Seen, reading: Reading) -> Vectors:
    """The mean of the states that touch a token, shape (tokens, dimension); zero for a token that the encoder has not read."""
    out: NDArray[np.float32] = np.zeros((len(reading.tokens), seen.states.shape[1]), dtype=np.float32)
    piece = 0
    for row, (start, end) in enumerate(reading.tokens):
        while piece < len(seen.offsets) and (seen.offsets[piece][1] <= start):
            piece += 1
        last = piece
        while last < len(seen.offsets) and seen.offsets[last][0] < end:
            last += 1
        if last > piece:
            out[row] = seen.states[piece:last].mean(axis=0)
    return out
