"""Very many vectors: all compared roughly, with four bits for four numbers, the nearest then again with one byte for each number.

The rough comparison is that of André, Kermarrec and Le Scouarnec (2017) as FAISS has it. It is so fast that no clusters are needed, in
which a question far from everything would miss its neighbours (docs/decisions/0033-search-at-scale.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.dots import dots
from knowledge.ports import Vectors

AGAIN = 1_000  # how many of the roughly nearest are compared again, at least
_AGAIN_OF = 1_000  # one of so many, where that is more
_MOST_AGAIN = 10_000
_TRAINED_ON = 30_000
_CHUNK = 65_536
_FEW = 10_000  # allowed vectors up to which each of them is looked at


class Quantised:
    """An unchanging index of vectors by number. `rows` gives them back, each number to 1/255 of its range."""

    exact = False

    def __init__(self, rough: Any, fine: Any) -> None:
        self._rough, self._fine = rough, fine

    @classmethod
    def build(cls, vectors: Iterable[Vectors], dimension: int) -> Quantised:
        """Of float32 (n, dimension) pieces. They are laid on disk first, so that a sample of all of them is known before they are coded.

        On one thread: where both cores are busy, a second one makes it ten times slower, and the other core has customers to serve.
        """
        faiss.omp_set_num_threads(1)
        with tempfile.TemporaryFile() as file:
            count = 0
            for rows in vectors:
                file.write(rows.astype("<f2").tobytes())
                count += len(rows)
            file.flush()
            staged = np.memmap(file, dtype="<f2", mode="r", shape=(count, dimension))
            sample = np.sort(np.random.default_rng(1).choice(count, min(count, _TRAINED_ON), replace=False))
            rough, fine = _empty(dimension)
            for index in (rough, fine):
                index.train(staged[sample].astype(np.float32))
            for start in range(0, count, _CHUNK):
                piece = np.ascontiguousarray(staged[start : start + _CHUNK], dtype=np.float32)
                rough.add(piece)
                fine.add(piece)
            del staged
        return cls(rough, fine)

    @classmethod
    def of_bytes(cls, rough: NDArray[np.uint8], fine: NDArray[np.uint8]) -> Quantised:
        """What `as_bytes` gave."""
        return cls(faiss.deserialize_index(rough), faiss.deserialize_index(fine))

    def as_bytes(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """For a file."""
        return faiss.serialize_index(self._rough), faiss.serialize_index(self._fine)

    def __len__(self) -> int:
        return int(self._fine.ntotal)

    def rows(self, numbers: NDArray[np.int64]) -> Vectors:
        """float32 (len(numbers), dimension)."""
        if not len(numbers):
            return np.zeros((0, int(self._fine.d)), dtype=np.float32)
        found: Vectors = self._fine.reconstruct_batch(np.ascontiguousarray(numbers, dtype=np.int64))
        return found

    def search(self, vector: Vectors, count: int, *, allowed: NDArray[np.bool_] | None, owners: NDArray[np.int32]) -> NDArray[np.int64]:
        """The numbers of the `count` nearest vectors; only those whose owner `allowed` (owners,) says."""
        again, usable = max(AGAIN, 2 * count, len(self) // _AGAIN_OF), 0 if allowed is None else int(np.count_nonzero(allowed))
        if allowed is None or usable == len(allowed):
            return self._nearest(vector, count, self._roughly(vector, again))
        if usable * len(owners) <= _FEW * len(allowed):
            return self._nearest(vector, count, np.flatnonzero(allowed[owners]))
        found = self._roughly(vector, min(_MOST_AGAIN, again * len(allowed) // usable))
        return self._nearest(vector, count, found[allowed[owners[found]]])

    def _roughly(self, vector: Vectors, count: int) -> NDArray[np.int64]:
        _, rows = self._rough.search(np.ascontiguousarray(vector[None, :]), min(count, len(self)))
        found: NDArray[np.int64] = rows[0][rows[0] >= 0]
        return found

    def _nearest(self, vector: Vectors, count: int, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(numbers) <= count:
            return numbers
        best: NDArray[np.int64] = numbers[np.argpartition(-dots(self.rows(numbers), vector), count - 1)[:count]]
        return best


def _empty(dimension: int) -> tuple[Any, Any]:
    pieces = next(dimension // size for size in (4, 3, 2, 1) if dimension % size == 0)
    rough: Any = faiss.IndexPQFastScan(dimension, pieces, 4, faiss.METRIC_INNER_PRODUCT)
    rough.pq.cp.min_points_per_centroid = 1
    fine: Any = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    return rough, fine
