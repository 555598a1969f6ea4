"""`python -m bot.policies.transformer.fit JOB`: trains the learned policy's network (see network.py) in numpy, beside other work.

JOB holds settings.json and inputs.safetensors, both of `bot.policies.transformer.training`; the process says on its output how far it is
(a share from 0 to 1 a line) and adds weights.safetensors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.policies.transformer.network import FAR, NEVER
from bot.policies.transformer.slopes import DROPOUT, Back, Floats, Layers, Shape, add_by_distance, softmax, softmax_back

MEMBERS, WIDTH, WIDE, LAYERS = 3, 32, 64, 2
RATE, WARM_UP, DECAY = 8e-3, 0.1, 0.02
MEAN_KEPT, SQUARES_KEPT = 0.9, 0.999
TOKEN_DROPOUT, MOMENT_DROPOUT = 0.05, 0.05
STRANGE = 0.1
"""Moments that are shown as if their message had never been heard of: what follows is the class of the unknown."""
LONGEST_STEP = 5.0
SLOPES, COPY_SLOPE = (1.0, 0.5, 0.25, 0.0), 0.5
LEAST, LEAST_SUM = np.float32(1e-9), np.float32(1e-30)
Numbers = NDArray[np.int64]


def beginnings(settings: Mapping[str, int], draw: np.random.Generator) -> dict[str, Floats]:
    """The weights before training. `settings`: how many tokens and classes there are."""

    def random(*shape: int, size: float) -> Floats:
        return draw.standard_normal((MEMBERS, *shape), dtype=np.float32) * np.float32(size)

    found: dict[str, Floats] = {"tokens": random(settings["tokens"], WIDTH, size=0.3)}
    found["tokens"][:, 0] = 0
    for name in ("state.", *(f"{layer}." for layer in range(LAYERS))):
        found |= {f"{name}wide": random(WIDTH, WIDE, size=WIDTH**-0.5), f"{name}wide.bias": _level(1, WIDE)}
        found |= {f"{name}narrow": random(WIDE, WIDTH, size=WIDE**-0.5), f"{name}narrow.bias": _level(1, WIDTH)}
    for layer in range(LAYERS):
        found |= {f"{layer}.{name}": random(WIDTH, WIDTH, size=WIDTH**-0.5) for name in ("query", "key", "value", "mixed")}
        found[f"{layer}.distance"] = _near(SLOPES)
    for name in ("state.norm", "norm", *(f"{layer}.{name}" for layer in range(LAYERS) for name in ("norm", "norm.wide"))):
        found[name] = _level(WIDTH, value=1.0)
    found |= {f"copy.{name}": random(WIDTH, WIDTH, size=WIDTH**-0.5) for name in ("query", "key")}
    found |= {"copy.gate": random(WIDTH, 1, size=WIDTH**-0.5), "copy.gate.bias": _level(1, 1, value=-1.0)}
    found["copy.distance"] = _near((COPY_SLOPE,))[:, 0]
    return found | {"out": random(WIDTH, settings["classes"], size=WIDTH**-0.5), "out.bias": _level(1, settings["classes"])}


def _level(*shape: int, value: float = 0.0) -> Floats:
    return np.full((MEMBERS, *shape), value, dtype=np.float32)


def _near(slopes: tuple[float, ...]) -> Floats:
    """What a head thinks of distances in the beginning (members, heads, distances): the nearer the better (Press et al. 2022)."""
    one = -np.array(slopes, dtype=np.float32)[:, None] * np.arange(FAR + 1, dtype=np.float32)
    return np.repeat(one[None], MEMBERS, axis=0)


class Net:
    """The network of network.py with its slopes, all members at once. Weights and slopes lie in one row each, for the optimiser."""

    def __init__(self, settings: Mapping[str, int], draw: np.random.Generator, *, dropout: float = DROPOUT) -> None:
        """`settings`: how many tokens and classes there are, and how far a moment reaches (0: to the beginning)."""
        begun = beginnings(settings, draw)
        self.reach, self.row = settings["reach"], np.concatenate([one.ravel() for one in begun.values()])
        self.slope = np.zeros_like(self.row)
        self.weights, self.slopes = self._views(self.row, begun), self._views(self.slope, begun)
        self._layers = Layers(self.weights, self.slopes, draw, dropout=dropout)

    @staticmethod
    def _views(row: Floats, like: Mapping[str, Floats]) -> dict[str, Floats]:
        ends = np.cumsum([one.size for one in like.values()])
        return {name: row[end - one.size : end].reshape(one.shape) for (name, one), end in zip(like.items(), ends, strict=True)}

    def learn(self, bags: Floats, acted: Numbers, labels: Numbers) -> None:
        """Sets the slopes of the negative log-likelihood of the actions, each either made or copied from where it stands.

        `bags`: the tokens' weights (talks, moments, tokens). `acted`: the class of each moment's last action (talks, moments), -1 for none;
        `labels` those to be learned, -1 for none.
        """
        self.slope[:] = 0
        layers, shape = self._layers, Shape(acted.shape[0], acted.shape[1], self.reach)
        flat = bags.reshape(-1, bags.shape[2])
        hidden = flat @ self.weights["tokens"]
        backs: list[Back] = []
        for name in ("state.", *(f"{layer}." for layer in range(LAYERS))):
            if name != "state.":
                added, back = self._attended(hidden, name, shape)
                hidden, backs = hidden + added, [*backs, back]
            added, back = self._bent(hidden, name)
            hidden, backs = hidden + added, [*backs, back]
            if name == "state.":
                alone, back_alone = layers.normed(hidden, "norm")
        last, back_last = layers.normed(hidden, "norm")
        by_last, by_alone = self._judged(last, alone, acted, labels)
        slope = back_last(by_last)
        for place, back in reversed(list(enumerate(backs))):
            slope = slope + back_alone(by_alone) if place == 0 else slope
            slope = slope + back(slope)
        self.slopes["tokens"][...] = flat.T @ slope

    def _bent(self, hidden: Floats, name: str) -> tuple[Floats, Back]:
        normed, back_norm = self._layers.normed(hidden, "state.norm" if name == "state." else f"{name}norm.wide")
        made, back = self._layers.bent(normed, name)
        return made, lambda slope: back_norm(back(slope))

    def _attended(self, hidden: Floats, name: str, shape: Shape) -> tuple[Floats, Back]:
        normed, back_norm = self._layers.normed(hidden, f"{name}norm")
        made, back = self._layers.attended(normed, name, shape)
        return made, lambda slope: back_norm(back(slope))

    def _judged(self, last: Floats, alone: Floats, acted: Numbers, labels: Numbers) -> tuple[Floats, Floats]:
        """The slopes of the loss by the last states and by the moments by themselves."""
        layers, wanted = self._layers, labels.ravel()
        known = np.flatnonzero(wanted >= 0)
        chosen = (slice(None), known, wanted[known])
        scores, back_made = layers.linear(last, "out", "out.bias")
        made = softmax(scores)
        gates, back_gate = layers.linear(last, "copy.gate", "copy.gate.bias")
        seen, back_copied = self._copied(last, alone, acted)
        same = acted[:, None, :] == labels[:, :, None]
        copied = (seen * same).sum(axis=-1).reshape(MEMBERS, -1)[:, known]
        gate = 1 / (1 + np.exp(-gates[:, known, 0]))
        by_making, by_copying = (1 - gate) * made[chosen], gate * np.maximum(copied, LEAST)
        share = by_making / np.maximum(by_making + by_copying, LEAST_SUM)
        each = np.float32(1 / max(1, len(known)))
        by_made = np.zeros_like(made)
        by_made[:, known] = made[:, known] * (share * each)[..., None]
        by_made[chosen] -= share * each
        by_gate = np.zeros_like(gates)
        by_gate[:, known, 0] = (gate - (1 - share)) * each
        by_copied = np.zeros((MEMBERS, len(wanted)), dtype=np.float32)
        by_copied[:, known] = np.where(copied > LEAST, -(1 - share) * each / np.maximum(copied, LEAST), 0)
        further, by_alone = back_copied(by_copied.reshape(MEMBERS, *labels.shape, 1) * same)
        return back_made(by_made) + back_gate(by_gate) + further, by_alone

    def _copied(self, last: Floats, alone: Floats, acted: Numbers) -> tuple[Floats, Callable[[Floats], tuple[Floats, Floats]]]:
        """From where each moment would copy (members, talks, moments, moments)."""
        layers, shape = self._layers, Shape(acted.shape[0], acted.shape[1], self.reach)
        size = (MEMBERS, shape.talks, shape.moments, WIDTH)
        (query, back_query), (key, back_key) = layers.linear(last, "copy.query"), layers.linear(alone, "copy.key")
        query, key, root = query.reshape(size), key.reshape(size), np.float32(WIDTH**-0.5)
        far = np.clip(shape.distances, 0, FAR)
        scores = (query @ key.swapaxes(-1, -2)) * root + self.weights["copy.distance"][:, far][:, None]
        unseen = shape.unseen | (acted < 0)[:, None]
        seen = softmax(np.where(unseen, np.float32(NEVER), scores)) * ~unseen

        def back(slope: Floats) -> tuple[Floats, Floats]:
            by_scores = softmax_back(seen, slope)
            add_by_distance(self.slopes["copy.distance"], by_scores.sum(axis=1), far)
            by_query, by_key = by_scores @ key * root, by_scores.swapaxes(-1, -2) @ query * root
            return back_query(by_query.reshape(last.shape)), back_key(by_key.reshape(alone.shape))

        return seen, back


class Talks:
    """The talks to learn from, as numbers of states and of classes (-1: nothing), and what each state holds."""

    def __init__(self, inputs: dict[str, NDArray[Any]], classes: int, draw: np.random.Generator) -> None:
        """`inputs` as `bot.policies.transformer.training` writes them."""
        self.states, self.labels = inputs["states"], inputs["labels"]
        self.numbers, self.weights, self.strange = inputs["numbers"], inputs["weights"], inputs["strange"]
        self.acted, self.heard, self.unknown, self._draw = inputs["acted"], inputs["heard"], classes - 1, draw
        self._order: Numbers = np.zeros(0, dtype=np.int64)

    def batch(self, size: int) -> tuple[Floats, Numbers, Numbers]:
        """(bags, last actions, classes) of the next talks, cut to the longest. Some messages are shown as never heard of."""
        while len(self._order) < size:
            self._order = np.concatenate([self._order, self._draw.permutation(len(self.states))])
        rows, self._order = self._order[:size], self._order[size:]
        longest = int(np.flatnonzero((self.labels[rows] >= 0).any(axis=0)).max()) + 1
        states, labels = self.states[rows, :longest], self.labels[rows, :longest]
        numbers, other = self.numbers[states], self.strange[self.numbers[states]]
        strange = (other != numbers).any(axis=-1) & (self._draw.random(labels.shape) < STRANGE) & (labels >= 0)
        numbers = np.where(strange[..., None], other, numbers)
        bags = self._bags(numbers, self.weights[states])
        return bags, self.acted[states], np.where(strange & self.heard[states], self.unknown, labels)

    def _bags(self, numbers: Numbers, weights: Floats) -> Floats:
        """The weights of all tokens (talks, moments, tokens), some tokens and some whole moments left out."""
        talks, moments, width = numbers.shape
        tokens = len(self.strange)
        places = np.arange(talks * moments)[:, None] * tokens + numbers.reshape(-1, width)
        found = np.bincount(places.ravel(), weights.ravel(), talks * moments * tokens).astype(np.float32)
        bags = found.reshape(talks, moments, tokens)
        bags *= self._draw.random(bags.shape, dtype=np.float32) >= TOKEN_DROPOUT
        bags *= self._draw.random((talks, moments, 1), dtype=np.float32) >= MOMENT_DROPOUT
        return bags


class Adam:
    """Adam (Kingma and Ba 2015) with decoupled decay of the weights (Loshchilov and Hutter 2019)."""

    def __init__(self, row: Floats) -> None:
        """`row`: all weights, changed in place."""
        self.row, self.steps = row, 0
        self.mean, self.squares = np.zeros_like(row), np.zeros_like(row)

    def step(self, slope: Floats, rate: float) -> None:
        """Goes down `slope`, cut to the length LONGEST_STEP."""
        self.steps += 1
        slope = slope * np.float32(min(1.0, LONGEST_STEP / (float(np.linalg.norm(slope)) + 1e-6)))
        self.mean += np.float32(1 - MEAN_KEPT) * (slope - self.mean)
        self.squares += np.float32(1 - SQUARES_KEPT) * (slope * slope - self.squares)
        even, even_squares = 1 - MEAN_KEPT**self.steps, 1 - SQUARES_KEPT**self.steps
        self.row *= np.float32(1 - rate * DECAY)
        self.row -= np.float32(rate / even) * self.mean / (np.sqrt(self.squares / np.float32(even_squares)) + np.float32(1e-8))


def fit(settings: Mapping[str, int], inputs: dict[str, NDArray[Any]], said: Callable[[float], None]) -> dict[str, Floats]:
    """The trained weights. Deterministic on one machine."""
    draw = np.random.default_rng(settings["seed"])
    net = Net(settings, draw)
    talks, optimiser = Talks(inputs, settings["classes"], draw), Adam(net.row)
    steps, warm = settings["steps"], max(1, int(WARM_UP * settings["steps"]))
    for step in range(steps):
        net.learn(*talks.batch(settings["batch"]))
        optimiser.step(net.slope, RATE * min((step + 1) / warm, max(0.02, (steps - step) / (steps - warm + 1))))
        if step % 10 == 9 or step == steps - 1:
            said((step + 1) / steps)
    return {name: value.copy() for name, value in net.weights.items()}


def _say(share: float) -> None:
    sys.stdout.write(f"{share:.4f}\n")
    sys.stdout.flush()


def run(folder: Path) -> None:
    """The training of a job."""
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    with threadpool_limits(limits=1, user_api="blas"):
        save_file(fit(settings, load_file(folder / "inputs.safetensors"), _say), folder / "weights.safetensors")


if __name__ == "__main__":
    run(Path(sys.argv[1]))
