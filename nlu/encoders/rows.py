"""Rows of a large table that stays in its file. Reading one takes some microseconds; the table is no part of this process's memory.

A memory map would do the same with fewer lines, but every page that was ever touched stays resident, and after a few hundred sentences
that is the whole table.
"""

from __future__ import annotations

import json
import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nlu.errors import EncoderError


class RowsOnDisk:
    """A table of shape (rows, width), indexed by an array of row numbers. Safe for several threads at once."""

    def __init__(self, path: Path, shape: tuple[int, int], dtype: DTypeLike, *, start: int) -> None:
        """The table begins `start` bytes into the file, row after row. Raises EncoderError when the file is too short or cannot be read."""
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._start, self._row = start, shape[1] * self.dtype.itemsize
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise EncoderError(f"The table {path} cannot be read: {error}") from None
        weakref.finalize(self, os.close, self._file)
        if os.fstat(self._file).st_size < start + shape[0] * self._row:
            raise EncoderError(f"The table {path} is cut off.", hint="Delete it; it is made again.")

    def __getitem__(self, rows: NDArray[np.integer]) -> NDArray[Any]:
        """The rows asked for, shape (*rows.shape, width). Raises IndexError for a number that is no row."""
        wanted = rows.reshape(-1).tolist()
        if wanted and not 0 <= min(wanted) <= max(wanted) < self.shape[0]:
            raise IndexError(f"no row {max(wanted)} in a table of {self.shape[0]}")
        held = {row: os.pread(self._file, self._row, self._start + row * self._row) for row in dict.fromkeys(wanted)}
        found = np.frombuffer(b"".join([held[row] for row in wanted]), dtype=self.dtype)
        return found.reshape(*rows.shape, self.shape[1])


def tensor_on_disk(path: Path, name: str) -> RowsOnDisk:
    """The matrix `name` of a safetensors file: 8 bytes length, a JSON header, the data. Raises EncoderError when it is not there."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            entry = json.loads(file.read(length) if length < path.stat().st_size else b"{}")[name]
        if entry["dtype"] != "F32" or len(entry["shape"]) != 2:
            raise EncoderError(f"{name} in {path} is not a matrix of 32-bit numbers.")
        first, second = entry["shape"]
        return RowsOnDisk(path, (first, second), np.float32, start=8 + length + int(entry["data_offsets"][0]))
    except (OSError, ValueError, KeyError, TypeError):
        raise EncoderError(f"{path} holds no {name}.", hint="Install the package again.") from None


def array_on_disk(path: Path) -> RowsOnDisk:
    """The matrix in an .npy file. Raises EncoderError when there is none."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        first, second = array.shape
        return RowsOnDisk(path, (first, second), array.dtype, start=int(array.offset))
    except (OSError, EOFError, ValueError, AttributeError):
        raise EncoderError(f"{path} is not a table.", hint="Delete it; it is made again.") from None
