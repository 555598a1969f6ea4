"""Bounded edit distance, for near-duplicates."""

from __future__ import annotations


def within_distance(a: str, b: str, limit: int) -> bool:
    """Whether at most `limit` insertions, deletions and substitutions turn `a` into `b` (Ukkonen 1985: only a band is looked at)."""
    if abs(len(a) - len(b)) > limit:
        return False
    previous = [j if j <= limit else limit + 1 for j in range(len(b) + 1)]
    for i, char in enumerate(a, start=1):
        low, high = max(1, i - limit), min(len(b), i + limit)
        current = [limit + 1] * (len(b) + 1)
        current[0] = i
        for j in range(low, high + 1):
            step = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (char != b[j - 1]))
            current[j] = min(step, limit + 1)
        if i > limit and min(current[low : high + 1], default=limit + 1) > limit:
            return False
        previous = current
    return previous[len(b)] <= limit
