"""Very many vectors: in clusters (Jégou, Douze and Schmid 2011) with one byte for a number, of which a question looks into the nearest."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.dots import dots
from knowledge.ports import Vectors

PROBES = 48  # clusters that a question looks into
MOST_CLUSTERS = 4096
_TRAINED_ON = 48  # vectors for each cluster
_CHUNK = 65_536
_FEW = 6_000  # allowed vectors up to which each of them is looked at
_MASKS = 8


class Clusters:
    """An unchanging index of vectors by number. `search` says the nearest, `rows` gives them back, each number to 1/255 of its range."""

    exact = False

    def __init__(self, index: Any) -> None:
        index.nprobe = PROBES
        index.make_direct_map()
        self._index = index
        self._selectors: dict[int, tuple[NDArray[np.bool_], Any]] = {}

    @classmethod
    def build(cls, vectors: Iterable[Vectors], dimension: int) -> Clusters:
        """Of float32 (n, dimension) pieces. They are laid on disk first, so that a sample of all of them is known before sorting."""
        with tempfile.TemporaryFile() as file:
            count = 0
            for rows in vectors:
                file.write(rows.astype("<f2").tobytes())
                count += len(rows)
            file.flush()
            staged = np.memmap(file, dtype="<f2", mode="r", shape=(count, dimension))
            clusters = int(max(1, min(MOST_CLUSTERS, 4 * math.sqrt(count), count / _TRAINED_ON)))
            sample = np.sort(np.random.default_rng(1).choice(count, min(count, clusters * _TRAINED_ON), replace=False))
            index = _empty(dimension, clusters)
            index.train(staged[sample].astype(np.float32))
            for start in range(0, count, _CHUNK):
                index.add(np.ascontiguousarray(staged[start : start + _CHUNK], dtype=np.float32))
            del staged
        return cls(index)

    @classmethod
    def load(cls, file: Path) -> Clusters:
        """What `save` wrote."""
        return cls(faiss.read_index(str(file)))

    def save(self, file: Path) -> None:
        """One file, without what is made again at loading."""
        faiss.write_index(self._index, str(file))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""
        return int(self._index.d)

    def rows(self, numbers: NDArray[np.int64]) -> Vectors:
        """float32 (len(numbers), dimension)."""
        if not len(numbers):
            return np.zeros((0, self.dimension), dtype=np.float32)
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(numbers, dtype=np.int64))
        return found

    def search(self, vector: Vectors, count: int, *, allowed: NDArray[np.bool_] | None, owners: NDArray[np.int32]) -> NDArray[np.int64]:
        """The numbers of the `count` nearest vectors; only those whose owner `allowed` (owners,) says."""
        parameters: Any = faiss  # its stubs do not know the keywords
        if allowed is None or allowed.all():
            return self._search(vector, count, None)
        usable = int(np.count_nonzero(allowed))
        if usable <= _FEW // 2:
            return self._among(vector, count, np.flatnonzero(allowed[owners]))
        if usable >= 0.7 * len(allowed):
            found = self._search(vector, 2 * count, None)
            return found[allowed[owners[found]]][:count]
        held = self._selectors.get(id(allowed))
        if held is None or held[0] is not allowed:
            bits = np.packbits(allowed[owners], bitorder="little")
            held = (allowed, (bits, parameters.IDSelectorBitmap(bits)))
            if len(self._selectors) < _MASKS:
                self._selectors[id(allowed)] = held
        return self._search(vector, count, parameters.SearchParametersIVF(sel=held[1][1], nprobe=2 * PROBES))

    def _search(self, vector: Vectors, count: int, parameters: Any) -> NDArray[np.int64]:
        _, rows = self._index.search(np.ascontiguousarray(vector[None, :]), min(count, len(self)), params=parameters)
        found: NDArray[np.int64] = rows[0][rows[0] >= 0]
        return found

    def _among(self, vector: Vectors, count: int, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(numbers) <= count:
            return numbers
        best: NDArray[np.int64] = numbers[np.argpartition(-(dots(self.rows(numbers), vector)), count - 1)[:count]]
        return best


def _empty(dimension: int, clusters: int) -> Any:
    coarse: Any = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(coarse, dimension, clusters, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 8
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, _TRAINED_ON
    index.own_fields = True
    coarse.this.disown()
    return index
