"""Search by meaning: several vectors for each passage, by inner product: all exactly while they are few, else roughly first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kit.written import plainly
from knowledge.chinese import one_script
from knowledge.dots import dots
from knowledge.passages import width
from knowledge.ports import Embedder, Vectors
from knowledge.quantised import Quantised
from knowledge.sentences import split_sentences
from knowledge.types import Passage

MANY = 20_000
WINDOW = 160
_MAX_WINDOWS = 12
_BATCH = 16


def views(passage: Passage, tags: Sequence[str] = (), questions: Sequence[str] = (), *, window: int = WINDOW) -> list[str]:
    """The texts by which a passage is found, in one Chinese script: all of it, its heading, its path, and a few sentences at a time.

    All of it comes first. The opening of an article is found by its tags too. The questions attached to it come last, as many as there are.
    `window`: up to how many columns neighbouring sentences are one view; single sentences find no better and are three times as many.
    """
    heading, path = passage.title_path[-1], " ".join(passage.title_path)
    parts = [part for part in _windows(passage.text, window) if part != passage.text][:_MAX_WINDOWS]
    found = [f"{path} {passage.text}", heading, path, *(f"{heading} {part}" for part in parts)]
    found.extend(tags if passage.ordinal == 0 else ())
    asked = questions if passage.ordinal == 0 else ()
    return [one_script(text) for text in (*dict.fromkeys(found), *asked)]


def _windows(text: str, columns: int) -> list[str]:
    found: list[str] = []
    for sentence in split_sentences(text):
        if found and width(found[-1]) + width(sentence) <= columns:
            found[-1] = f"{found[-1]} {sentence}"
        else:
            found.append(sentence)
    return found


def embed_views(texts: Sequence[Sequence[str]], embedder: Embedder) -> list[Vectors]:
    """For each group of texts (`views`) float32 (views, dimension). Encodes in small batches of like length, since encoders pad."""
    flat = list(dict.fromkeys(text for group in texts for text in group))
    flat.sort(key=len)
    encoded: dict[str, Vectors] = {}
    for start in range(0, len(flat), _BATCH):
        part = flat[start : start + _BATCH]
        encoded.update(zip(part, embedder.encode(part), strict=True))
    return [np.stack([encoded[text] for text in group]).astype(np.float32) for group in texts]


def version_of(embedder: Embedder) -> str:
    """The version of an encoder that says it; else nothing."""
    return str(getattr(embedder, "version", ""))


def unrelated_of(embedder: Embedder) -> float:
    """The cosine that an encoder gives to texts which have nothing to do with each other, if it says so; else 0."""
    return float(getattr(embedder, "unrelated", 0.0))


def embed_question(question: str, embedder: Embedder) -> Vectors:
    """float32 (dimension,), of the question without what is pasted and not in capitals; words and codes are looked up as they stand."""
    return np.asarray(embedder.encode([one_script(plainly(question))])[0], dtype=np.float32)


class Rows(Protocol):
    """Vectors by number."""

    @property
    def exact(self) -> bool:
        """Whether all of them are looked at for each question."""

    def __len__(self) -> int: ...

    def rows(self, numbers: NDArray[np.int64]) -> Vectors:
        """float32 (len(numbers), dimension)."""

    def search(self, vector: Vectors, count: int, *, allowed: NDArray[np.bool_] | None, owners: NDArray[np.int32]) -> NDArray[np.int64]:
        """The numbers of the `count` nearest vectors; only those whose owner `allowed` (owners,) says."""


class Matrix:
    """The few: one matrix."""

    exact = True

    def __init__(self, vectors: Vectors) -> None:
        self.all = vectors

    def __len__(self) -> int:
        return len(self.all)

    def rows(self, numbers: NDArray[np.int64]) -> Vectors:
        """See `Rows.rows`."""
        return self.all[numbers]

    def search(self, vector: Vectors, count: int, *, allowed: NDArray[np.bool_] | None, owners: NDArray[np.int32]) -> NDArray[np.int64]:
        """See `Rows.search`."""
        values = dots(self.all, vector)
        if allowed is not None:
            values[~allowed[owners]] = -1.0
        count = min(count, len(values))
        found = np.argpartition(-values, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
        return found if allowed is None else found[allowed[owners[found]]]


class Layer:
    """The vectors of a run of passages. `starts` (passages + 1,): passage i has the rows from `starts[i]` to `starts[i + 1]`."""

    def __init__(self, rows: Rows, starts: NDArray[np.int64]) -> None:
        self.rows, self.starts = rows, starts
        self.owners: NDArray[np.int32] = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))

    @classmethod
    def build(cls, vectors: Iterable[Vectors], dimension: int, *, many: int) -> Layer:
        """Of the vectors of each passage, float32 (n, dimension), n from 0; they are read once."""
        counts = [0]
        groups = _counting(vectors, counts)
        held, size = [np.zeros((0, dimension), np.float32)], 0
        for group in groups:
            held.append(group)
            size += len(group)
            if size > many:
                break
        rows: Rows
        if size > many:
            rows = Quantised.build(chain(held, groups), dimension)
        else:
            rows = Matrix(np.ascontiguousarray(np.concatenate(held), dtype=np.float32))
        return cls(rows, np.cumsum(counts, dtype=np.int64))

    def similarities(self, vector: Vectors, passages: NDArray[np.int64]) -> Vectors:
        """See `DenseIndex.similarities`."""
        found = np.zeros(len(passages), dtype=np.float32)
        counts = self.starts[passages + 1] - self.starts[passages]
        known = np.flatnonzero(counts)
        if not len(known):
            return found
        counts, begins = counts[known], self.starts[passages[known]]
        offsets = np.concatenate([[0], np.cumsum(counts)[:-1]])
        numbers = np.arange(counts.sum()) - np.repeat(offsets, counts) + np.repeat(begins, counts)
        found[known] = np.maximum.reduceat(dots(self.rows.rows(numbers), vector), offsets)
        return found


class DenseIndex:
    """Vectors with their passages, in one layer or, after a change, in two: exact up to `MANY` vectors a layer, `Quantised` beyond."""

    def __init__(self, vectors: Iterable[Vectors], dimension: int, *, many: int = MANY) -> None:
        """`vectors`: for each passage float32 (views, dimension); they are read once, so that they need not be held together."""
        self._take((Layer.build(vectors, dimension, many=many),), dimension)

    def _take(self, layers: Sequence[Layer], dimension: int) -> None:
        self.layers, self.dimension = tuple(layers), dimension
        self._begins = np.cumsum([0, *(len(layer.starts) - 1 for layer in layers)])
        self.exact = all(layer.rows.exact for layer in layers)
        self.size = int(self._begins[-1])

    @classmethod
    def of(cls, layers: Sequence[Layer], dimension: int) -> DenseIndex:
        """The passages of these layers, one after the other."""
        made = cls.__new__(cls)
        made._take(layers, dimension)
        return made

    def extended(self, vectors: Iterable[Vectors], *, many: int = MANY) -> DenseIndex:
        """These passages and then those, without building anew what is there."""
        return DenseIndex.of((*self.layers, Layer.build(vectors, self.dimension, many=many)), self.dimension)

    @property
    def rows(self) -> Vectors:
        """float32 (n, dimension): every vector. A copy; not for large indexes."""
        return np.concatenate([layer.rows.rows(np.arange(len(layer.rows))) for layer in self.layers])

    @property
    def owners(self) -> NDArray[np.int64]:
        """int (n,): the passage of each vector."""
        return np.concatenate([layer.owners + begin for layer, begin in self._parts()])

    def __len__(self) -> int:
        return sum(len(layer.rows) for layer in self.layers)

    def nearest(self, vector: Vectors, count: int, *, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """The passages of the `count` nearest vectors of each layer, each once, in no order; only those that `allowed` (passages,) says."""
        found = [np.zeros(0, dtype=np.int64)]
        for layer, begin in self._parts():
            mine = None if allowed is None else allowed[begin : begin + len(layer.starts) - 1]
            if len(layer.rows):
                numbers = layer.rows.search(vector, count, allowed=mine, owners=layer.owners)
                found.append(layer.owners[numbers].astype(np.int64) + begin)
        return np.unique(np.concatenate(found))

    def look(self, vector: Vectors, *, unrelated: float = 0.0) -> Look:
        """What the vector is near to, reckoned once for several questions about it."""
        return Look(self, vector, unrelated=unrelated)

    def everything(self, vector: Vectors) -> tuple[Vectors, Vectors]:
        """Two float32 (passages,): the cosine of the nearest view of each, and of its first; 0 for those without vectors."""
        nearest, first = np.zeros(self.size, dtype=np.float32), np.zeros(self.size, dtype=np.float32)
        for layer, begin in self._parts():
            known = np.flatnonzero(np.diff(layer.starts))
            if len(known):
                rows = layer.rows.all if isinstance(layer.rows, Matrix) else layer.rows.rows(np.arange(len(layer.rows)))
                cosines, starts = dots(rows, vector), layer.starts[known]
                nearest[begin + known], first[begin + known] = np.maximum.reduceat(cosines, starts), cosines[starts]
        return nearest, first

    def similarities(self, vector: Vectors, passages: NDArray[np.int64]) -> Vectors:
        """float32 (len(passages),): the cosine of the nearest view of each; 0 for a passage that has no vectors yet."""
        if len(self.layers) == 1:
            return self.layers[0].similarities(vector, passages)
        found = np.zeros(len(passages), dtype=np.float32)
        for layer, begin in self._parts():
            mine = (passages >= begin) & (passages < begin + len(layer.starts) - 1)
            found[mine] = layer.similarities(vector, passages[mine] - begin)
        return found

    def wholes(self, vector: Vectors, passages: NDArray[np.int64]) -> Vectors:
        """float32 (len(passages),): the cosine of the first view of each; 0 for a passage that has no vectors yet."""
        found = np.zeros(len(passages), dtype=np.float32)
        for layer, begin in self._parts():
            mine = np.flatnonzero((passages >= begin) & (passages < begin + len(layer.starts) - 1))
            places = passages[mine] - begin
            known = layer.starts[places + 1] > layer.starts[places]
            if known.any():
                found[mine[known]] = dots(layer.rows.rows(layer.starts[places[known]]), vector)
        return found

    def vectors_of(self, passage: int) -> Vectors:
        """float32 (views, dimension): the vectors of one passage, as exactly as they are kept."""
        number = int(np.searchsorted(self._begins, passage, side="right")) - 1
        layer, place = self.layers[number], passage - int(self._begins[number])
        return layer.rows.rows(np.arange(layer.starts[place], layer.starts[place + 1]))

    def _parts(self) -> Iterator[tuple[Layer, int]]:
        return zip(self.layers, self._begins[:-1].tolist(), strict=True)


class Look:
    """One vector before a `DenseIndex`."""

    def __init__(self, index: DenseIndex, vector: Vectors, *, unrelated: float = 0.0) -> None:
        """`unrelated` (below 1): the cosine that texts have which have nothing to do with each other, which becomes 0."""
        self._index, self._vector, self._unrelated = index, vector, unrelated
        self._nearest, self._values = None, None
        self._found: tuple[int, NDArray[np.bool_], NDArray[np.int64]] | None = None
        if index.exact:
            self._nearest, first = index.everything(vector)
            self._values = self._reckoned(self._nearest, first)

    def nearest(self, count: int, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
        """About `count` of the nearest passages or some more, in no order; only those that `allowed` (passages,) says."""
        if self._values is None:
            if self._found is None or self._found[0] < count or self._found[1] is not allowed:
                self._found = count, allowed, self._index.nearest(self._vector, count, allowed=allowed)
            return self._found[2]
        return highest(np.where(allowed, self._values, np.float32(0)), count)

    def few(self, allowed: NDArray[np.bool_], count: int) -> Vectors:
        """float32 (at most `count`,): the cosines of the nearest passages, by their nearest views; only those that `allowed` says."""
        if self._nearest is not None:
            values = self._nearest[allowed]
        else:
            values = self._index.similarities(self._vector, self.nearest(4 * count, allowed))
        return np.partition(values, -count)[-count:] if len(values) > count else values

    def cosines(self, places: NDArray[np.int64]) -> Vectors:
        """float32 (len(places),), 0 to 1: how near each is; the mean of its nearest view and of all of it, so that both count."""
        if self._values is not None:
            return self._values[places]
        return self._reckoned(self._index.similarities(self._vector, places), self._index.wholes(self._vector, places))

    def _reckoned(self, nearest: Vectors, first: Vectors) -> Vectors:
        mean = (nearest + first) / 2
        scaled: Vectors = np.maximum((mean - self._unrelated) / (1 - self._unrelated), 0).astype(np.float32)
        return scaled


def highest(values: Vectors, count: int) -> NDArray[np.int64]:
    """The places of the `count` highest values above 0, in no order."""
    count = min(count, len(values))
    places = np.argpartition(-values, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
    return places[values[places] > 0]


def _counting(vectors: Iterable[Vectors], counts: list[int]) -> Iterator[Vectors]:
    for group in vectors:
        counts.append(len(group))
        yield group
