"""A sentence network that is served: a graph for ONNX Runtime, a tokenizer and a table of word vectors that stays on disk. No torch.

The word vectors of a network are by far its largest part and a sentence needs a handful of them, so the table stays on disk: the graph
begins behind it, at the input `words`. Texts run together only when they have as many tokens, as padding would change their vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.port import Vectors, normalised
from nlu.encoders.rows import RowsOnDisk
from nlu.errors import EncoderError
from nlu.text import for_encoding

MOST_TOKENS_AT_ONCE = 512
IDS, MASK, TYPES, WORDS = "input_ids", "attention_mask", "token_type_ids", "words"


@dataclass(frozen=True)
class Reading:
    """How a network reads: the file of its tokenizer, its word vectors (None when they are in the graph), and where it stops.

    `prefix` is put before every text, for networks that were trained with one.
    """

    tokenizer: Path
    words: RowsOnDisk | None
    tokens: int
    prefix: str = ""


def open_session(graph: str | bytes) -> Any:
    """An ONNX Runtime session on one thread, of a graph given as path or content. Raises EncoderError when it is none."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EncoderError(f"The network of the encoder cannot be opened: {error}", hint="Train again with `baton train`.") from None


class Network:
    """One network in use. Safe for several threads at once."""

    def __init__(self, graph: str | bytes, reading: Reading) -> None:
        """Opens the graph (path or content). Raises EncoderError when it or the tokenizer cannot be read."""
        self._session = open_session(graph)
        self._inputs = frozenset(one.name for one in self._session.get_inputs())
        self._tokenizer, self._reading = self.open_tokenizer(reading), reading

    def open_tokenizer(self, reading: Reading) -> Any:
        """The tokenizer, which cuts where the reading says and does not pad. Raises EncoderError when its file is none."""
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(reading.tokenizer))
        except Exception as error:
            raise EncoderError(f"The tokenizer {reading.tokenizer} cannot be read: {error}") from None
        tokenizer.no_padding()
        tokenizer.enable_truncation(reading.tokens)
        return tokenizer

    def encode(self, texts: Sequence[str], dimension: int) -> Vectors:
        """Shape (len(texts), dimension), each row of length 1. What stands beside a text changes nothing."""
        ids = self.token_ids(texts)
        out = np.zeros((len(ids), dimension), dtype=np.float32)
        for rows in _alike([len(one) for one in ids]):
            found = self.run(np.array([ids[i] for i in rows], dtype=np.int64))
            out[rows] = found.mean(axis=1) if found.ndim == 3 else found
        return normalised(out)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, at least one."""
        cleaned = [self._reading.prefix + for_encoding(text) for text in texts]
        found = [self._tokenizer.encode(cleaned[0])] if len(cleaned) == 1 else self._tokenizer.encode_batch(cleaned)
        return [one.ids or [0] for one in found]

    def look(self, text: str) -> tuple[Vectors, Vectors, Sequence[tuple[int, int]]]:
        """One text token by token: the word vectors and the last states, each (tokens, width), and the characters of each token.

        A network that holds its word vectors inside gives the states in their place.
        """
        found = self._tokenizer.encode(self._reading.prefix + for_encoding(text))
        ids = np.array([found.ids], dtype=np.int64)
        states = self.run(ids)[0]
        return states if self._reading.words is None else self._reading.words[ids][0], states, found.offsets

    def run(self, ids: NDArray[np.int64]) -> Vectors:
        """What the graph makes of tokens of shape (texts, tokens): (texts, tokens, width) or, pooled inside, (texts, width)."""
        given: dict[str, NDArray[Any]] = {}
        if self._reading.words is not None:
            given[WORDS] = self._reading.words[ids]
        if IDS in self._inputs:
            given[IDS] = ids
        if MASK in self._inputs:
            given[MASK] = np.ones_like(ids)
        if TYPES in self._inputs:
            given[TYPES] = np.zeros_like(ids)
        found: Vectors = self._session.run(None, given)[0]
        return found


def _alike(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of the same length, as many together as memory should hold."""
    by_length: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        by_length.setdefault(length, []).append(place)
    for length, places in by_length.items():
        count = max(1, MOST_TOKENS_AT_ONCE // length)
        yield from (places[i : i + count] for i in range(0, len(places), count))
