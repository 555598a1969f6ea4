"""Requests of several threads joined into one batch. Who comes alone is not kept waiting: while a batch runs, the next one gathers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlu.encoders.port import Encoder, Vectors

MOST_TEXTS = 64


@dataclass(eq=False)
class _Request:
    """One call. `batch` is set when its thread is to run a batch itself; otherwise `found` or `error` is there once it is woken."""

    texts: Sequence[str]
    woken: threading.Event = field(default_factory=threading.Event)
    batch: list[_Request] | None = None
    found: Vectors | None = None
    error: Exception | None = None


class BatchingEncoder:
    """An `Encoder` in front of another, for use by many threads at once.

    At most `at_once` batches run side by side; whoever comes meanwhile waits and goes with the next one. A vector is what the inner encoder
    gives in a batch: the same bit for bit from networks of `nlu.encoders.network`, within 1e-6 from USE.
    """

    def __init__(self, inner: Encoder, *, at_once: int = 1) -> None:
        """`at_once`: as many as there are cores to spare, at least 1."""
        self.inner, self._free = inner, max(1, at_once)
        self._lock = threading.Lock()
        self._waiting: deque[_Request] = deque()

    @property
    def name(self) -> str:
        """The inner encoder's."""
        return self.inner.name

    @property
    def version(self) -> str:
        """The inner encoder's."""
        return self.inner.version

    @property
    def dimension(self) -> int:
        """The inner encoder's."""
        return self.inner.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`. An error of the inner encoder reaches all whose texts were in the batch."""
        mine = _Request(texts)
        with self._lock:
            if self._free:
                self._free -= 1
                mine.batch = [mine]
            else:
                self._waiting.append(mine)
        if mine.batch is None:
            mine.woken.wait()
        if mine.batch is not None:
            self._run(mine.batch)
        if mine.error is not None:
            raise mine.error
        assert mine.found is not None
        return mine.found

    def _run(self, batch: Sequence[_Request]) -> None:
        try:
            found = self.inner.encode([text for request in batch for text in request.texts])
            ends = np.cumsum([len(request.texts) for request in batch])
            for request, end in zip(batch, ends.tolist(), strict=True):
                request.found = found[end - len(request.texts) : end]
        except Exception as error:
            for request in batch:
                request.error = error
        finally:
            self._hand_on()
            for request in batch[1:]:
                request.woken.set()

    def _hand_on(self) -> None:
        """Gives the place to the first who waits, with a batch of all who do."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            batch = [self._waiting.popleft()]
            count = len(batch[0].texts)
            while self._waiting and count + len(self._waiting[0].texts) <= MOST_TEXTS:
                batch.append(self._waiting.popleft())
                count += len(batch[-1].texts)
            batch[0].batch = batch
        batch[0].woken.set()
