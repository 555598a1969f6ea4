"""Sparse rows of few sentences, held densely over the columns that occur: loading scipy would take longer than the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class FewColumns:
    """`values` (n, columns) of the columns `used` (columns,), which rise, of a matrix (n, width) that is zero elsewhere."""

    values: Floats
    used: NDArray[np.integer]
    width: int

    def take(self, index: NDArray[np.intp]) -> FewColumns:
        """The rows at `index`."""
        return FewColumns(self.values[index], self.used, self.width)

    def over(self, used: NDArray[np.integer]) -> Floats:
        """The values over other columns, which hold those of `self`."""
        found = np.zeros((len(self.values), len(used)), dtype=np.float32)
        found[:, np.searchsorted(used, self.used)] = self.values
        return found

    def csr(self) -> Any:
        """As a scipy CSR matrix (n, width)."""
        from scipy.sparse import csr_matrix

        rows, columns = self.values.nonzero()
        return csr_matrix((self.values[rows, columns], (rows, self.used[columns])), shape=(len(self.values), self.width))


def few_columns(ends: NDArray[np.integer], indices: NDArray[np.integer], values: Floats, width: int) -> FewColumns | None:
    """The rows whose entries end at `ends` (the first is 0) among `indices` and `values`; None when they are too many."""
    used, places = np.unique(indices, return_inverse=True)
    count = len(ends) - 1
    if count * len(used) > MOST_CELLS:
        return None
    found = np.zeros((count, len(used)), dtype=np.float32)
    np.add.at(found, (np.repeat(np.arange(count), np.diff(ends)), places), values)
    return FewColumns(found, used, width)


def one_above_other(first: Any, second: Any) -> Any:
    """Rows of either kind below one another."""
    if isinstance(first, FewColumns) and isinstance(second, FewColumns):
        used = np.union1d(first.used, second.used)
        return FewColumns(np.concatenate([first.over(used), second.over(used)]), used, first.width)
    from scipy.sparse import vstack

    return vstack([one.csr() if isinstance(one, FewColumns) else one for one in (first, second)]).tocsr()
