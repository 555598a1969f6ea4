"""What knowledge asks of others, and what it offers behind a port: the encoder that comes in, the index that is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kit.errors import UnavailableError
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


class GeneratorError(UnavailableError):
    """The generator gave nothing that can be used; the message says why."""

    def __init__(self, message: str, *, spent: bool = True) -> None:
        """`spent`: whether tokens may have been used."""
        super().__init__(message)
        self.spent = spent


@dataclass(frozen=True)
class Source:
    """A passage as the generator may use it: cited as `[number]`, from 1."""

    number: int
    title: str
    text: str


@dataclass(frozen=True)
class Wanted:
    """What a generator is asked: an answer in `language` to a question (without personal data), from these sources alone."""

    question: str
    language: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Draft:
    """What a generator wrote, unchecked, and the tokens it took; `nonce` fenced the data in what it was told."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    nonce: str = ""


class Generator(Protocol):
    """Words an answer. What it writes is data that nobody believes before it was checked."""

    @property
    def name(self) -> str:
        """The model."""

    async def draft(self, wanted: Wanted) -> Draft:
        """A draft with citations such as [1]. Raises GeneratorError, always within its time."""


class FixedGenerator:
    """The fake of the port: the same words for everything, or an error."""

    name = "fixed"

    def __init__(self, text: str, *, error: str = "") -> None:
        self.text, self.error = text, error
        self.asked: list[Wanted] = []

    async def draft(self, wanted: Wanted) -> Draft:
        """See the port."""
        self.asked.append(wanted)
        if self.error:
            raise GeneratorError(self.error)
        return Draft(self.text, 100, 20)


class Reranker(Protocol):
    """Reads a question and a text together."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers, the higher the better; only their order counts. Raises BatonError when it cannot be used."""
