"""One size of a knowledge base: built, asked, and compared with reading everything."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import psutil

from benchmarks.search_scale.texts import Base, grown
from knowledge.dense import embed_question
from knowledge.entries import Entry
from knowledge.ports import Embedder, Vectors
from knowledge.search import CANDIDATES, PUBLIC, SearchIndex

TOP = 10
_CHUNK = 16_384


@dataclass(frozen=True)
class Size:
    """The figures of one size.

    Seconds to build (without encoding); bytes a passage in memory; milliseconds a question takes with its encoding, and of the processor;
    of these its encoding, and the candidates by meaning and by words alone; how busy the machine was (load average of the last minute).
    `change_s` is until one changed article is in a new index.
    """

    passages: int
    vectors: int
    articles: int
    build_s: float
    bytes_a_passage: float
    p50_ms: float
    p95_ms: float
    encode_p50_ms: float
    dense_p50_ms: float
    words_p50_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float
    load: float
    recall_dense: float
    recall_words: float
    change_s: float


class Exact:
    """The nearest passages of each question by reading every vector once, as they pass; near is the mean of nearest view and first, as in
    `knowledge.dense.Look.cosines`."""

    def __init__(self, questions: Vectors) -> None:
        self._questions, self._held, self._owners = questions, list[Vectors](), list[int]()
        self.values = np.full((len(questions), TOP), -2.0, dtype=np.float32)
        self.places = np.full((len(questions), TOP), -1, dtype=np.int64)
        self.seconds = 0.0
        self.rows = 0

    def through(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries as they are; the time that is spent here, on them, is counted in `seconds`."""
        source = enumerate(entries)
        while True:
            began = time.perf_counter()
            place, entry = next(source, (-1, None))
            if entry is not None:
                self._held.append(entry.text_vectors)
                self._owners.extend([place] * len(entry.text_vectors))
            if len(self._owners) >= _CHUNK or entry is None:
                self._merge()
            self.seconds += time.perf_counter() - began
            if entry is None:
                return
            yield entry

    def _merge(self) -> None:
        if not self._owners:
            return
        owners = np.array(self._owners)
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        cosines = self._questions @ np.concatenate(self._held).T
        best = (np.maximum.reduceat(cosines, first, axis=1) + cosines[:, first]) / 2
        values, places = np.concatenate([self.values, best], axis=1), np.broadcast_to(owners[first], best.shape)
        places = np.concatenate([self.places, places], axis=1)
        order = np.argsort(-values, axis=1)[:, :TOP]
        self.values, self.places = np.take_along_axis(values, order, 1), np.take_along_axis(places, order, 1)
        self.rows += len(owners)
        self._held, self._owners = [], []


def measure(base: Base, passages: int, embedder: Embedder, *, each: int, compared: int = 200) -> Size:
    """`each`: passages an article. `compared`: questions whose results are compared with exact ones."""
    vectors = embedder.encode([text for _, text in base.questions])
    exact = Exact(vectors[:compared])
    gc.collect()
    before, began = psutil.Process().memory_info().rss, time.perf_counter()
    index = SearchIndex(exact.through(grown(base, passages, each=each)), embedder)
    build_s = time.perf_counter() - began - exact.seconds
    gc.collect()
    memory = psutil.Process().memory_info().rss - before
    for language, text in base.questions[:30]:
        index.search(text, language=language)
    times = _times(index, base.questions, embedder)
    asked = list(zip(base.questions[:compared], vectors[:compared], strict=True))
    return Size(
        passages=passages,
        vectors=exact.rows,
        articles=index.parts.articles,
        build_s=round(build_s, 1),
        bytes_a_passage=round(memory / passages),
        p50_ms=_percentile(times.whole, 50),
        p95_ms=_percentile(times.whole, 95),
        encode_p50_ms=_percentile(times.encoding, 50),
        dense_p50_ms=_percentile(times.dense, 50),
        words_p50_ms=_percentile(times.words, 50),
        cpu_p50_ms=_percentile(times.processor, 50),
        cpu_p95_ms=_percentile(times.processor, 95),
        load=round(os.getloadavg()[0], 1),
        recall_dense=round(float(np.mean([_dense_recall(index, vector, exact, n) for n, (_, vector) in enumerate(asked)])), 4),
        recall_words=round(float(np.mean([_words_recall(index, text) for (_, text), _ in asked])), 4),
        change_s=_change(index, base),
    )


@dataclass(frozen=True)
class _Times:
    """Milliseconds of each question."""

    whole: list[float]
    processor: list[float]
    encoding: list[float]
    dense: list[float]
    words: list[float]


def _times(index: SearchIndex, questions: Sequence[tuple[str, str]], embedder: Embedder) -> _Times:
    times, public = _Times([], [], [], [], []), index.allowed(PUBLIC)
    for language, text in questions:
        began, processor = time.perf_counter(), time.thread_time()
        vector = embed_question(text, embedder)
        times.encoding.append(1000 * (time.perf_counter() - began))
        index.search(text, language=language, vector=vector)
        times.whole.append(1000 * (time.perf_counter() - began))
        times.processor.append(1000 * (time.thread_time() - processor))
        began = time.perf_counter()
        index.dense.look(vector).nearest(CANDIDATES, public)
        times.dense.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        index.words.look(text, index.spellers).best(CANDIDATES, public)
        times.words.append(1000 * (time.perf_counter() - began))
    return times


def _percentile(values: Sequence[float] | Vectors, share: float) -> float:
    return round(float(np.percentile(values, share)), 1)


def _dense_recall(index: SearchIndex, vector: Vectors, exact: Exact, number: int) -> float:
    """The share of the ten nearest passages that are among the first ten candidates by meaning."""
    look = index.dense.look(vector)
    found = look.nearest(CANDIDATES, index.allowed(PUBLIC))
    found = found[np.argsort(-look.cosines(found))[:TOP]]
    return len(set(found.tolist()) & set(exact.places[number].tolist())) / TOP


def _words_recall(index: SearchIndex, question: str) -> float:
    """The share of the best ten scores by words that the first ten candidates have; equal scores are as good as each other."""
    everything = index.words.scores(question, index.spellers)
    least = np.partition(everything, -TOP)[-TOP]
    wanted = min(TOP, int(np.count_nonzero(everything)))
    if not wanted:
        return 1.0
    look = index.words.look(question, index.spellers)
    found = look.best(CANDIDATES, index.allowed(PUBLIC))
    values = np.sort(everything[found])[::-1][:TOP]
    return float(np.count_nonzero((values > 0) & (values >= least - 1e-6))) / wanted


def _change(index: SearchIndex, base: Base) -> float:
    """Seconds until one changed article is in a new index."""
    began = time.perf_counter()
    index.changed((), base.entries[:1], generation=1)
    return round(time.perf_counter() - began, 3)
