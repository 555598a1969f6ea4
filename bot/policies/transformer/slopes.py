"""The layers of the learned policy's network for training, in numpy: each gives what it makes and a function that goes back.

Going back takes the slope of the loss by what was made, adds the slopes of the weights to `slopes`, and gives that by what was given.
All members of the network go at once: hidden states are of shape (members, rows, width), rows being the moments of all talks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.policies.transformer.network import EPSILON, FAR, HEADS, NEVER

Floats = NDArray[np.float32]
Back = Callable[[Floats], Floats]
DROPOUT = 0.1


@dataclass(frozen=True)
class Shape:
    """Of a batch: how many `talks` of how many `moments`, and how many of these a moment sees (`reach`, itself counted)."""

    talks: int
    moments: int
    reach: int

    @property
    def distances(self) -> NDArray[np.int64]:
        """How long before the moment of the row that of the column was, (moments, moments); negative for later ones."""
        places = np.arange(self.moments)
        return places[:, None] - places[None, :]

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Which moments (columns) a moment (row) does not see."""
        return (self.distances < 0) | (self.distances >= (self.reach or self.moments))


class Layers:
    """The layers, on weights (members, ...) and slopes of the same names and shapes."""

    def __init__(
        self, weights: Mapping[str, Floats], slopes: Mapping[str, Floats], draw: np.random.Generator, *, dropout: float = DROPOUT
    ) -> None:
        """`draw` says what is dropped, a share of `dropout`; slopes begin at zero."""
        self.weights, self.slopes, self._draw, self._dropout = weights, slopes, draw, dropout

    def linear(self, given: Floats, name: str, bias: str | None = None) -> tuple[Floats, Back]:
        """`given` by a matrix of each member, with a bias or without."""
        weight = self.weights[name]
        made = given @ weight
        if bias:
            made += self.weights[bias]

        def back(slope: Floats) -> Floats:
            self.slopes[name][...] += given.swapaxes(1, 2) @ slope
            if bias:
                self.slopes[bias][...] += slope.sum(axis=1, keepdims=True)
            return slope @ weight.swapaxes(1, 2)

        return made, back

    def normed(self, given: Floats, name: str) -> tuple[Floats, Back]:
        """Layer normalisation with a scale and no shift."""
        width = np.float32(given.shape[-1])
        even = given - given.sum(axis=-1, keepdims=True) / width
        inverse = 1 / np.sqrt(np.einsum("mnw,mnw->mn", even, even)[..., None] / width + np.float32(EPSILON))
        even *= inverse
        scale = self.weights[name][:, None]

        def back(slope: Floats) -> Floats:
            self.slopes[name][...] += np.einsum("mnw,mnw->mw", slope, even)
            scaled = slope * scale
            along = np.einsum("mnw,mnw->mn", scaled, even)[..., None] / width
            scaled -= scaled.sum(axis=-1, keepdims=True) / width
            scaled -= even * along
            scaled *= inverse
            return scaled

        return even * scale, back

    def bent(self, given: Floats, name: str) -> tuple[Floats, Back]:
        """Wider, without what is below zero, and narrow again."""
        wide, back_wide = self.linear(given, f"{name}wide", f"{name}wide.bias")
        np.maximum(wide, 0, out=wide)
        narrow, back_narrow = self.linear(wide, f"{name}narrow", f"{name}narrow.bias")
        made, back_dropped = self.dropped(narrow)

        def back(slope: Floats) -> Floats:
            through = back_narrow(back_dropped(slope))
            through *= wide > 0
            return back_wide(through)

        return made, back

    def dropped(self, given: Floats) -> tuple[Floats, Back]:
        """Some numbers left out, the others larger by as much."""
        kept = (self._draw.random(given.shape, dtype=np.float32) >= self._dropout) * np.float32(1 / (1 - self._dropout))
        return given * kept, lambda slope: slope * kept

    def attended(self, given: Floats, name: str, shape: Shape) -> tuple[Floats, Back]:
        """What each moment takes from those that it sees."""
        members, rows, width = given.shape
        size = (members, shape.talks, shape.moments, HEADS, width // HEADS)
        parts = [self.linear(given, f"{name}{part}") for part in ("query", "key", "value")]
        query, key, value = (made.reshape(size).swapaxes(2, 3) for made, _ in parts)
        root = np.float32((width // HEADS) ** -0.5)
        far = np.clip(shape.distances, 0, FAR)
        scores = (query @ key.swapaxes(-1, -2)) * root + self.weights[f"{name}distance"][:, :, far][:, None]
        seen = softmax(np.where(shape.unseen, np.float32(NEVER), scores))
        merged = (seen @ value).swapaxes(2, 3).reshape(members, rows, width)
        mixed, back_mixed = self.linear(merged, f"{name}mixed")
        made, back_dropped = self.dropped(mixed)

        def back(slope: Floats) -> Floats:
            brought = back_mixed(back_dropped(slope)).reshape(size).swapaxes(2, 3)
            by_scores = softmax_back(seen, brought @ value.swapaxes(-1, -2))
            add_by_distance(self.slopes[f"{name}distance"], by_scores.sum(axis=1), far)
            slopes = (by_scores @ key * root, by_scores.swapaxes(-1, -2) @ query * root, seen.swapaxes(-1, -2) @ brought)
            flat = (one.swapaxes(2, 3).reshape(members, rows, width) for one in slopes)
            first, second, third = (back_part(one) for (_, back_part), one in zip(parts, flat, strict=True))
            first += second
            first += third
            return first

        return made, back


def softmax(scores: Floats) -> Floats:
    """Along the last axis; changes its argument."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def softmax_back(made: Floats, slope: Floats) -> Floats:
    """The slope by the scores."""
    found = made * slope
    found -= made * found.sum(axis=-1, keepdims=True)
    return found


def add_by_distance(slopes: Floats, found: Floats, far: NDArray[np.int64]) -> None:
    """Adds up slopes (..., moments, moments) to those of distances (..., FAR + 1)."""
    chosen = np.zeros((far.size, FAR + 1), dtype=np.float32)
    chosen[np.arange(far.size), far.ravel()] = 1
    slopes += found.reshape(*slopes.shape[:-1], far.size) @ chosen
