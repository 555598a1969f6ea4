"""The vectors of the texts that were read last: a message is read for its intent, and a moment later again for what search may expect."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from nlu.encoders.port import Encoder, Vectors

KEPT = 256


class RecentEncoder:
    """An `Encoder` in front of another that keeps what it was asked one at a time; groups of texts pass by. Safe for several threads."""

    def __init__(self, inner: Encoder, *, kept: int = KEPT) -> None:
        """`kept`: so many vectors."""
        self.inner, self._kept = inner, kept
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

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
        """See `Encoder.encode`."""
        if len(texts) != 1:
            return self.inner.encode(texts)
        with self._lock:
            known = self._known.get(texts[0])
            if known is not None:
                self._known.move_to_end(texts[0])
                return known.copy()
        found = self.inner.encode(texts)
        with self._lock:
            self._known[texts[0]] = found.copy()
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        return found
