"""What knowledge asks of others, and what it offers behind a port: the encoder that comes in, the index that is searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.types import Filters, Hit

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Names the model and its version: vectors of another name are never compared with these."""

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 (len(texts), dimension); every row has length 1."""


class PassageIndex(Protocol):
    """An unchanging picture of all published passages that many threads may search."""

    @property
    def generation(self) -> int:
        """The state of the database that this picture was taken of."""

    def search(self, question: str, *, language: str, limit: int = 5, filters: Filters = ..., vector: Vectors | None = None) -> list[Hit]:
        """The passages that answer best, at most one for each article, best first.

        `vector` is the encoded question, float32 (dimension,), if the caller has it already. Articles in `language` come first
        among equals; an article that exists in several languages is found once. An empty question finds nothing.
        """
