"""The network as it serves, in numpy: a bag of tokens for each moment, attention over earlier moments, the mean of a few small members.

In the spirit of TED (Vlasov, Mosig and Nichol 2019): a transformer over dialogue turns, not over words. Several networks of other random
beginnings are trained together and averaged (Lakshminarayanan et al. 2017), because they disagree where nothing was learned.
`bot.policies.transformer.fit` trains the same network in torch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
HEADS = 4
FAR = 24
"""Distances of this many moments and more share one weight."""
NEVER = -1e4
EPSILON = 1e-5
LAYER = ("query", "key", "value", "mixed", "distance", "wide", "wide.bias", "narrow", "narrow.bias", "norm", "norm.wide")
OTHERS = ("tokens", "state.wide", "state.wide.bias", "state.narrow", "state.narrow.bias", "state.norm", "norm", "out", "out.bias")


def layers_of(weights: Mapping[str, Floats]) -> int:
    """How many layers of attention there are."""
    return sum(1 for name in weights if name.endswith(".mixed"))


class Network:
    """The network with its weights, all of shape (members, ...). Safe for several threads at once."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Raises KeyError for a missing weight, ValueError for weights that do not fit together."""
        self._threads = ThreadpoolController()
        self.weights = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}
        self.layers = layers_of(weights)
        wanted = [*OTHERS, *(f"{i}.{name}" for i in range(self.layers) for name in LAYER)]
        members = self.weights["tokens"].shape[0]
        if any(self.weights[name].shape[0] != members for name in wanted):
            raise ValueError("the weights of the learned policy do not fit together")
        self.tokens, self.width = self.weights["tokens"].shape[1:]
        self.classes = self.weights["out.bias"].shape[-1]
        nothing = np.zeros((2, 1), dtype=np.int64)
        self.probabilities(nothing, nothing.astype(np.float32), nothing[:, 0], reach=None)

    def probabilities(self, numbers: Numbers, weights: Floats, acted: Numbers, *, reach: int | None) -> Floats:
        """Of each class at the last moment, shape (classes,); a moment sees `reach` moments, itself counted (None: all)."""
        with self._threads.limit(limits=1, user_api="blas"):
            return self._forward(numbers, weights, acted, reach)

    def _forward(self, numbers: Numbers, weights: Floats, acted: Numbers, reach: int | None) -> Floats:
        w = self.weights
        hidden = np.einsum("mtkd,tk->mtd", w["tokens"][:, numbers], weights)
        hidden = hidden + self._bent(_normed(hidden, w["state.norm"]), "state.")
        alone = _normed(hidden, w["norm"])
        for layer in range(self.layers):
            only_last = layer == self.layers - 1
            hidden = self._attended(hidden, f"{layer}.", reach, only_last=only_last)
            hidden = hidden + self._bent(_normed(hidden, w[f"{layer}.norm.wide"]), f"{layer}.")
        last = _normed(hidden[:, -1:], w["norm"])
        made = _softmax((last @ w["out"] + w["out.bias"])[:, 0])
        gate = 1 / (1 + np.exp(-(last @ w["copy.gate"] + w["copy.gate.bias"])[:, 0]))
        found: Floats = ((1 - gate) * made + gate * self._copied(last, alone, acted, reach)).mean(axis=0)
        found /= found.sum()
        return found

    def _copied(self, last: Floats, alone: Floats, acted: Numbers, reach: int | None) -> Floats:
        w, count = self.weights, len(acted)
        distance = np.arange(count)[::-1]
        scores = ((last @ w["copy.query"]) @ (alone @ w["copy.key"]).swapaxes(1, 2))[:, 0] / np.float32(alone.shape[-1] ** 0.5)
        unseen = (acted < 0) | (distance >= (reach or count))
        seen = _softmax(np.where(unseen, np.float32(NEVER), scores + w["copy.distance"][:, np.minimum(distance, FAR)])) * ~unseen
        found = np.zeros((len(seen), self.classes), dtype=np.float32)
        for place in np.flatnonzero(~unseen):
            found[:, acted[place]] += seen[:, place]
        return found

    def _bent(self, given: Floats, name: str) -> Floats:
        w = self.weights
        wide = np.maximum(given @ w[f"{name}wide"] + w[f"{name}wide.bias"], 0)
        narrow: Floats = wide @ w[f"{name}narrow"] + w[f"{name}narrow.bias"]
        return narrow

    def _attended(self, hidden: Floats, name: str, reach: int | None, *, only_last: bool) -> Floats:
        w, count = self.weights, hidden.shape[1]
        given = _normed(hidden, w[f"{name}norm"])
        asking = slice(count - 1, count) if only_last else slice(0, count)
        query, key, value = (_by_head(given[:, rows] @ w[name + part]) for part, rows in _parts(asking))
        distance = np.arange(count)[asking, None] - np.arange(count)[None, :]
        nearness = w[f"{name}distance"][:, :, np.clip(distance, 0, FAR)]
        scores: Floats = query @ key.swapaxes(-1, -2) / np.float32(query.shape[-1] ** 0.5) + nearness
        hidden_ones = (distance < 0) | (distance >= (reach or count))
        seen: Floats = _softmax(np.where(hidden_ones, np.float32(NEVER), scores)) @ value
        brought = seen.swapaxes(1, 2).reshape(seen.shape[0], seen.shape[2], -1)
        merged: Floats = hidden[:, asking] + brought @ w[f"{name}mixed"]
        return merged


def _parts(asking: slice) -> tuple[tuple[str, slice], ...]:
    return ("query", asking), ("key", slice(None)), ("value", slice(None))


def _by_head(given: Floats) -> Floats:
    """(members, moments, width) -> (members, heads, moments, width of a head)."""
    members, moments, width = given.shape
    return given.reshape(members, moments, HEADS, width // HEADS).swapaxes(1, 2)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found


def _normed(given: Floats, scale: Floats) -> Floats:
    centred = given - given.mean(axis=-1, keepdims=True)
    normed: Floats = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON) * scale[:, None]
    return normed
