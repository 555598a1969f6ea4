"""The best way through a linear chain of tags, and how probable each tag is."""

from __future__ import annotations

import numpy as np

from nlu.tagging.inputs import Floats

NEVER = -1e4


def best_tags(scores: Floats, start: Floats, follow: Floats) -> list[int]:
    """The tags of the best way. `scores` (n, tags), `start` (tags,) of the first, `follow` (tags, tags) from row to column."""
    back = []
    so_far, every = start + scores[0], np.arange(scores.shape[1])
    for row in scores[1:]:
        ways = so_far[:, None] + follow
        best = ways.argmax(axis=0)
        back.append(best)
        so_far = ways[best, every] + row
    tags = [int(so_far.argmax())]
    for best in reversed(back):
        tags.append(int(best[tags[-1]]))
    return tags[::-1]


def probabilities(scores: Floats, start: Floats, steps: Floats) -> Floats:
    """Shape (n, tags): forward and backward sums over the chain, each row scaled to 1 on the way. `steps`: exp of `follow`."""
    seen = np.exp(scores - scores.max(axis=1, keepdims=True))
    before, after = np.zeros_like(seen), np.ones_like(seen)
    before[0] = _scaled(seen[0] * np.exp(start))
    for i in range(1, len(seen)):
        before[i] = _scaled((before[i - 1] @ steps) * seen[i])
    for i in range(len(seen) - 2, -1, -1):
        after[i] = _scaled(steps @ (after[i + 1] * seen[i + 1]))
    both = before * after
    found: Floats = both / np.maximum(both.sum(axis=1, keepdims=True), 1e-30)
    return found


def _scaled(row: Floats) -> Floats:
    scaled: Floats = row / max(float(row.sum()), 1e-30)
    return scaled
