"""Which question a wording belongs to: by meaning, across languages. Pure and deterministic; what was placed stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

NEAR = 0.45  # see docs/decisions/0026: measured with benchmarks/question_groups.py
SAME = 0.40


@dataclass(frozen=True)
class Merge:
    """The younger question became part of the older one."""

    older: UUID
    younger: UUID


class Groups:
    """The questions with the vectors of their wordings, oldest question first.

    A wording joins the question that is nearest by half the mean cosine with all its wordings and half the cosine with its nearest one,
    from `NEAR` on; else it begins a question. A question that has grown takes in the younger of itself and another when the mean cosine
    between their wordings is `SAME` or more. As wordings are placed one by one, how they come in batches changes nothing.
    """

    def __init__(self, dimension: int, *, near: float = NEAR, same: float = SAME) -> None:
        self._near, self._same = near, same
        self._ids: list[UUID] = []
        self._sums: Vectors = np.zeros((0, dimension), dtype=np.float32)
        self._counts: list[int] = []
        self._members: list[Vectors] = []
        self._fixed: set[UUID] = set()

    def add(self, question: UUID, vectors: Vectors, *, fixed: bool = False) -> None:
        """A question that is there already. Older ones first. `fixed`: somebody decided about it, so it is never merged."""
        self._ids.append(question)
        self._sums = np.vstack([self._sums, vectors.sum(axis=0, dtype=np.float32)[None, :]])
        self._counts.append(len(vectors))
        self._members.append(vectors)
        if fixed:
            self._fixed.add(question)

    def nearest(self, vector: Vectors) -> tuple[UUID, float] | None:
        """The question nearest to a vector (dimension,) with its nearness; None when there is none at all."""
        if not self._ids:
            return None
        means = (self._sums @ vector) / np.array(self._counts, dtype=np.float32)
        best = np.array([float((members @ vector).max()) for members in self._members], dtype=np.float32)
        scores = np.round(0.5 * (means + best), 5)  # so that the order of sums does not decide between equals: the older one wins
        place = int(scores.argmax())
        return self._ids[place], float(scores[place])

    def place(self, vector: Vectors, *, new: UUID) -> tuple[UUID, list[Merge]]:
        """Where a wording goes: an old question, or `new`; and which questions then become one, in this order."""
        found = self.nearest(vector)
        if found is None or found[1] < self._near:
            self.add(new, vector[None, :])
            return new, []
        at = self._ids.index(found[0])
        self._sums[at] += vector
        self._counts[at] += 1
        self._members[at] = np.vstack([self._members[at], vector[None, :]])
        return found[0], self._merge(at)

    def _merge(self, at: int) -> list[Merge]:
        merges: list[Merge] = []
        while self._ids[at] not in self._fixed:
            scores = np.round(self._sums @ self._sums[at] / (np.array(self._counts, dtype=np.float32) * self._counts[at]), 5)
            scores[[i for i, one in enumerate(self._ids) if i == at or one in self._fixed]] = -1
            other = int(scores.argmax())
            if scores[other] < self._same:
                break
            older, younger = sorted((at, other))
            merges.append(Merge(self._ids[older], self._ids[younger]))
            self._take_in(older, younger)
            at = older
        return merges

    def _take_in(self, older: int, younger: int) -> None:
        self._sums[older] += self._sums[younger]
        self._counts[older] += self._counts[younger]
        self._members[older] = np.vstack([self._members[older], self._members[younger]])
        self._sums = np.delete(self._sums, younger, axis=0)
        for kept in (self._ids, self._counts, self._members):
            del kept[younger]


def middle(vectors: Sequence[Vectors], weights: Sequence[int]) -> int:
    """The place of the wording that stands for all: said most often; among equals the nearest to the weighted mean, then the first."""
    rows = np.stack(vectors)
    mean = np.average(rows, axis=0, weights=np.maximum(weights, 1))
    nearness = np.round(rows @ mean.astype(np.float32), 5)
    return max(range(len(rows)), key=lambda i: (weights[i], float(nearness[i]), -i))
