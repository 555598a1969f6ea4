"""The vectors of the sentences of passages that were quoted lately: what customers ask is answered from few passages, again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from knowledge.dense import embed_views
from knowledge.ports import Embedder, Vectors

KEPT = 600  # passages; some 20 MB with the encoders that ship


class SentenceVectors:
    """By heading and sentences, so that a text that was changed is read anew. Safe for several threads."""

    def __init__(self, embedder: Embedder, *, kept: int = KEPT) -> None:
        """`kept`: passages, those asked for longest ago are forgotten first."""
        self.embedder, self._kept = embedder, kept
        self._known: OrderedDict[tuple[str, ...], Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, heading: str, sentences: Sequence[str]) -> Vectors:
        """float32 (len(sentences), dimension); each sentence is read under its heading."""
        key = (heading, *sentences)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        found = embed_views([[f"{heading} {sentence}" for sentence in sentences]], self.embedder)[0]
        found.setflags(write=False)
        with self._lock:
            self._known[key] = found
            if len(self._known) > self._kept:
                self._known.popitem(last=False)
        return found


def sentence_vectors_of(embedder: Embedder) -> SentenceVectors:
    """One for each encoder of the process: it outlives the index, which is built anew after a change."""
    return _kept(embedder)  # type: ignore[arg-type]  # an encoder is itself and no other: it hashes by identity


@lru_cache(maxsize=4)
def _kept(embedder: Embedder) -> SentenceVectors:
    return SentenceVectors(embedder)
