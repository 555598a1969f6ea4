"""Which question a wording belongs to: by meaning, across languages. Pure and deterministic; what was placed stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

NEAR = 0.45  # see docs/decisions/0029: measured with benchmarks/question_groups.py
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
        self._fixed: list[bool] = []
        self._gone: list[bool] = []
        self._sums = _Rows(dimension)
        self._counts: list[int] = []
        self._members = _Rows(dimension)
        self._owners: list[int] = []

    def add(self, question: UUID, vectors: Vectors, *, fixed: bool = False) -> None:
        """A question that is there already, with the vectors (n, dimension) of its wordings. Older ones first.

        `fixed`: somebody decided about it, so it is never merged.
        """
        self._owners += [len(self._ids)] * len(vectors)
        self._ids.append(question)
        self._fixed.append(fixed)
        self._gone.append(False)
        self._counts.append(len(vectors))
        self._sums.append(vectors.sum(axis=0, dtype=np.float32)[None, :])
        self._members.append(vectors)

    def nearest(self, vector: Vectors) -> tuple[UUID, float] | None:
        """The question nearest to a vector (dimension,) with its nearness; None when there is none at all."""
        if not self._ids:
            return None
        means = (self._sums.all @ vector) / np.array(self._counts, dtype=np.float32)
        best = np.full(len(self._ids), -1.0, dtype=np.float32)
        np.maximum.at(best, np.array(self._owners), self._members.all @ vector)
        scores = np.round(0.5 * (means + best), 5)  # so that the order of sums does not decide between equals: the older one wins
        scores[self._gone] = -1.0
        place = int(scores.argmax())
        return self._ids[place], float(scores[place])

    def place(self, vector: Vectors, *, new: UUID) -> tuple[UUID, list[Merge]]:
        """Where a wording goes: an old question, or `new`; and which questions then become one, in this order."""
        found = self.nearest(vector)
        if found is None or found[1] < self._near:
            self.add(new, vector[None, :])
            return new, []
        at = self._ids.index(found[0])
        self._sums.all[at] += vector
        self._counts[at] += 1
        self._members.append(vector[None, :])
        self._owners.append(at)
        return found[0], self._merge(at)

    def _merge(self, at: int) -> list[Merge]:
        merges: list[Merge] = []
        while not self._fixed[at]:
            scores = np.round(self._sums.all @ self._sums.all[at] / (np.array(self._counts, dtype=np.float32) * self._counts[at]), 5)
            scores[at], scores[self._fixed], scores[self._gone] = -1.0, -1.0, -1.0
            other = int(scores.argmax())
            if scores[other] < self._same:
                break
            older, younger = sorted((at, other))
            merges.append(Merge(self._ids[older], self._ids[younger]))
            self._take_in(older, younger)
            at = older
        return merges

    def _take_in(self, older: int, younger: int) -> None:
        self._sums.all[older] += self._sums.all[younger]
        self._counts[older] += self._counts[younger]
        self._owners = [older if owner == younger else owner for owner in self._owners]
        self._gone[younger] = True


class _Rows:
    """Rows of numbers that grow at the end."""

    def __init__(self, dimension: int) -> None:
        self._held: Vectors = np.zeros((64, dimension), dtype=np.float32)
        self._count = 0

    @property
    def all(self) -> Vectors:
        """float32 (rows, dimension); writing into it changes the rows."""
        return self._held[: self._count]

    def append(self, rows: Vectors) -> None:
        """Puts rows (n, dimension) behind the others."""
        while self._count + len(rows) > len(self._held):
            self._held = np.concatenate([self._held, np.zeros_like(self._held)])
        self._held[self._count : self._count + len(rows)] = rows
        self._count += len(rows)


def middle(vectors: Sequence[Vectors], weights: Sequence[int]) -> int:
    """The place of the wording that stands for all: said most often; among equals the nearest to the weighted mean, then the first."""
    rows = np.stack(vectors)
    mean = np.average(rows, axis=0, weights=np.maximum(weights, 1))
    nearness = np.round(rows @ mean.astype(np.float32), 5)
    return max(range(len(rows)), key=lambda i: (weights[i], float(nearness[i]), -i))
