"""Trains the linear tagger (linear.py) by L-BFGS in numpy: the loss is that of the whole sequence of tags. Deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from nlu.lbfgs import minimise
from nlu.tagging.chain import NEVER
from nlu.tagging.features import UNKNOWN
from nlu.tagging.inputs import Floats, Inputs, Numbers
from nlu.tagging.labels import may_follow
from nlu.tagging.linear import AROUND, STATE_SCALE, dense_hints, dense_states, hashed_rows, sparse_rows

INVERSE_L2 = 20.0
MOST_STEPS, TOLERANCE = 120, 3e-4
SEED = 20
UNHEARD = 0.3
HIDDEN = 0.3
"""How much sentences count with words unheard of and lookup hints hidden: the tagger must not lean on words that it knows by heart."""
FEW, ALONE = 30, 1.0
"""Below so many sentences with an entity each value is learned by itself too, counting so much: few sentences show few surroundings."""


@dataclass(frozen=True)
class Lesson:
    """A sentence with its tags. `weight`: how much it counts."""

    inputs: Inputs
    tags: Sequence[int]
    weight: float = 1.0


@dataclass(frozen=True)
class _Packed:
    """All tokens, first those that begin a sentence, then all second ones, and so on; the longest sentence stands first.

    `ends`: where each place in the sentence ends. `counted` (tokens, k): which sparse weights count, times `values` (k,); these
    stand for the rows `kept` of all.
    """

    ends: Numbers
    tags: Numbers
    counts: Floats
    counted: Numbers
    values: Floats
    kept: Numbers
    dense: Floats

    def by_sparse(self, weights: Floats) -> Floats:
        """What the sparse weights (kept, tags) give to each token, (tokens, tags)."""
        found: Floats = np.einsum("nkt,k->nt", weights[self.counted], self.values)
        return found

    @cached_property
    def _order(self) -> tuple[Numbers, Floats, Numbers]:
        """By sparse weight: the tokens that it counts for, how much, and where the next weight begins."""
        order = np.argsort(self.counted, axis=None, kind="stable")
        width = self.counted.shape[1]
        starts = np.searchsorted(self.counted.ravel()[order], np.arange(len(self.kept)))
        return order // width, self.values[order % width][:, None], starts

    def slopes(self, error: Floats) -> Floats:
        """The slope by the sparse weights, of that by the scores."""
        tokens, values, starts = self._order
        found: Floats = np.add.reduceat(error[tokens] * values, starts, axis=0)
        return found


def fit(lessons: Sequence[Lesson], *, words: int, labels: int, free: int) -> dict[str, Floats]:
    """The weights of `Linear`. `words`: how many there are, `labels`: of tags; `free`: how many hints are never hidden."""
    packed, (middle, scale) = _pack([*_with_hidden(lessons, free), *_alone(lessons)], words)
    tags, width, used = 1 + 2 * labels, packed.dense.shape[1], len(packed.kept)
    shape = (used + width + 2 + tags, tags)
    never = np.where(may_follow(labels), 0.0, NEVER).astype(np.float32)
    hints = 3 * lessons[0].inputs.hints.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(shape)
        scores = packed.by_sparse(w[:used]) + packed.dense @ w[used : used + width] + w[used + width]
        start, follow = w[used + width + 1] + never[0], w[used + width + 2 :] + never
        value, error, pairs = _chain(packed, scores, start, follow)
        gradient = np.empty(shape, dtype=np.float32)
        gradient[:used] = packed.slopes(error)
        gradient[used : used + width] = packed.dense.T @ error
        gradient[used + width] = error.sum(axis=0)
        gradient[used + width + 1] = error[: packed.ends[0]].sum(axis=0)
        gradient[used + width + 2 :] = pairs
        gradient += w / np.float32(INVERSE_L2)
        return value + float(np.vdot(w, w)) / (2 * INVERSE_L2), gradient.ravel()

    w = minimise(loss, np.zeros(shape, dtype=np.float32), steps=MOST_STEPS, tolerance=TOLERANCE).reshape(shape)
    sparse = np.zeros((len(AROUND) * words + hashed_rows(), tags), dtype=np.float32)
    sparse[packed.kept] = w[:used]
    found = {"sparse": sparse, "hints": w[used : used + hints], "bias": w[used + width]}
    found |= {"chain.start": w[used + width + 1] + never[0], "chain.follow": w[used + width + 2 :] + never}
    if width > hints:
        found |= {"states": w[used + hints : used + width].T, "states.middle": middle, "states.scale": scale}
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in found.items()}


def _with_hidden(lessons: Sequence[Lesson], free: int) -> list[Lesson]:
    """Each sentence as it is and, counting less, with some words unheard of and its lookup hints hidden."""
    draw, found = np.random.default_rng(SEED), []
    for one in lessons:
        given = one.inputs
        hints, words, characters = given.hints.copy(), given.words.copy(), given.characters.copy()
        hints[:, free:] = 0
        unheard = draw.random(len(words)) < UNHEARD
        words[unheard] = UNKNOWN
        characters[unheard] = np.where(characters[unheard] > 0, UNKNOWN, 0)
        found += [Lesson(given, one.tags, 1 - HIDDEN), Lesson(Inputs(words, characters, hints, given.states), one.tags, HIDDEN)]
    return found


def _alone(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Where few sentences have an entity, the values without the words around them."""
    found: list[Lesson] = []
    if sum(any(one.tags) for one in lessons) >= FEW:
        return found
    for one in lessons:
        given, ends = one.inputs, [*(place for place, tag in enumerate(one.tags) if tag == 0 or tag % 2 == 1), len(one.tags)]
        for first, last in pairwise(ends):
            if one.tags[first]:
                part = slice(first, last)
                inputs = Inputs(given.words[part], given.characters[part], given.hints[part], given.states[part])
                found.append(Lesson(inputs, one.tags[part], ALONE))
    return found


def _pack(lessons: Sequence[Lesson], words: int) -> tuple[_Packed, tuple[Floats, Floats]]:
    """The lessons packed, and what `_spread` says of their states."""
    ordered = sorted(lessons, key=lambda one: -len(one.tags))
    lengths = np.array([len(one.tags) for one in ordered])
    starts = np.cumsum(lengths) - lengths
    alive = [int((lengths > place).sum()) for place in range(int(lengths[0]))]
    order = np.concatenate([starts[:count] + place for place, count in enumerate(alive)])
    rows = [sparse_rows(one.inputs, words) for one in ordered]
    values = rows[0][1]
    columns = np.concatenate([numbers for numbers, _ in rows])[order]
    spread = _spread(np.concatenate([one.inputs.states for one in ordered]).astype(np.float32))
    dense = np.concatenate([_dense(one.inputs, spread) for one in ordered])[order]
    kept, places = np.unique(columns, return_inverse=True)
    weights = np.concatenate([np.full(len(one.tags), one.weight, np.float32) for one in ordered])[order]
    tags = np.concatenate([np.asarray(one.tags, dtype=np.int64) for one in ordered])[order]
    return _Packed(
        np.cumsum(alive), tags, weights, places.reshape(columns.shape), values, kept, np.ascontiguousarray(dense, np.float32)
    ), spread


def _dense(inputs: Inputs, spread: tuple[Floats, Floats]) -> Floats:
    return np.concatenate([dense_hints(inputs.hints), dense_states(inputs.states.astype(np.float32), *spread)], axis=1)


def _spread(states: Floats) -> tuple[Floats, Floats]:
    """The mean of each number of a state, and by what it is multiplied so that all vary alike."""
    spread = states.std(axis=0) * np.float32(max(1, states.shape[1]) ** 0.5)
    return states.mean(axis=0), np.asarray(STATE_SCALE / np.maximum(spread, 1e-6), dtype=np.float32)


def _chain(packed: _Packed, scores: Floats, start: Floats, follow: Floats) -> tuple[float, Floats, Floats]:
    """Negative log-likelihood of the tags, its slope by `scores`, and by `follow`. Sums over the chain, scaled to 1 at every token."""
    ends, count = packed.ends.tolist(), len(scores)
    most = scores.max(axis=1)
    seen, steps = np.exp(scores - most[:, None]), np.exp(follow)
    before, after = np.empty_like(seen), np.ones_like(seen)
    sums = np.empty(count, dtype=np.float32)
    spans = list(zip([0, *ends[:-1]], ends, strict=True))
    for place, (first, last) in enumerate(spans):
        if place:
            came = spans[place - 1][0]
            row = (before[came : came + last - first] @ steps) * seen[first:last]
        else:
            row = seen[first:last] * np.exp(start)
        sums[first:last] = total = np.maximum(row.sum(axis=1), 1e-30)
        before[first:last] = row / total[:, None]
    pairs = np.zeros_like(steps)
    for place in range(len(spans) - 1, 0, -1):
        first, last = spans[place]
        came = spans[place - 1][0]
        ahead = seen[first:last] * after[first:last] / sums[first:last, None]
        after[came : came + last - first] = ahead @ steps.T
        pairs += (before[came : came + last - first] * packed.counts[first:last, None]).T @ ahead
    pairs *= steps
    error = before * after
    places = np.arange(count)
    gold = scores[places, packed.tags]
    value = float(((np.log(sums) + most - gold) * packed.counts).sum(dtype=np.float64))
    value -= float((start[packed.tags[: ends[0]]] * packed.counts[: ends[0]]).sum())
    error[places, packed.tags] -= 1
    error *= packed.counts[:, None]
    for place in range(1, len(spans)):
        first, last = spans[place]
        came = spans[place - 1][0]
        was, now = packed.tags[came : came + last - first], packed.tags[first:last]
        value -= float((follow[was, now] * packed.counts[first:last]).sum())
        np.subtract.at(pairs, (was, now), packed.counts[first:last])
    return value, error, pairs
