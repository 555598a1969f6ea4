"""The intent classifier as it serves: linear heads on embeddings and lexical features, calibrated, with an out-of-scope decision.

Plain numpy. Training is in `nlu/intent_training.py`. The training sentences near a message vote beside the heads, as in retrieval of
nearest neighbours (Khandelwal et al. 2020, kNN-LM), by a kernel density of each class.
Out of scope is decided by a small logistic model on the softmax maximum (Hendrycks and Gimpel 2017), the energy (Liu et al. 2020) and
nearest-neighbour similarity in the encoders' spaces (Sun et al. 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.port import Vectors
from nlu.lexical import SparseRow
from nlu.types import OUT_OF_SCOPE

Floats = NDArray[np.float32]
OUT_OF_SCOPE_NAMES = frozenset({OUT_OF_SCOPE, "out_of_scope"})
NEIGHBOURS = 3
SHARPNESS = 40.0
VOTE_FLOOR = 1e-12
NOWHERE = -2.0


@dataclass(frozen=True)
class Features:
    """What a head sees of one text: a vector by encoder name, and its lexical row."""

    vectors: Mapping[str, Vectors]
    lexical: SparseRow


@dataclass(frozen=True)
class Head:
    """A linear head. `encoders` and `scales` say how the dense input is put together; `dense` is (sum of dimensions, classes)."""

    encoders: tuple[str, ...]
    scales: tuple[float, ...]
    dense: Floats
    sparse: Floats
    bias: Floats

    def logits(self, features: Features) -> Floats:
        """Shape (classes,)."""
        parts = [features.vectors[n] * np.float32(s) for n, s in zip(self.encoders, self.scales, strict=True)]
        out = np.concatenate(parts) @ self.dense + self.bias
        if len(features.lexical.indices):
            out = out + features.lexical.values @ self.sparse[features.lexical.indices]
        return np.asarray(out, dtype=np.float32)


@dataclass(frozen=True)
class Neighbours:
    """Training sentences: `vectors` (n, d) in the space of `encoder`, and their classes."""

    encoder: str
    vectors: Vectors
    labels: NDArray[np.int32]

    @cached_property
    def runs(self) -> Runs:
        """Of the labels."""
        return Runs.of(self.labels)


@dataclass(frozen=True)
class ScopeModel:
    """Logistic model on standardised signals; a message is in scope when its chance is at least `threshold`."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float
    threshold: float

    def chance(self, signals: Floats) -> float:
        """How likely the message is in scope, 0 to 1."""
        z = float(((signals - self.mean) / self.scale) @ self.weights + self.bias)
        return float(1 / (1 + np.exp(-np.clip(z, -30, 30))))


@dataclass(frozen=True)
class Group:
    """The languages that are understood in the same way: heads with their shares, temperature, neighbours and scope model.

    `vote`: the weight of the neighbours' votes beside the heads' logits; 0.0 for none.
    """

    heads: tuple[tuple[str, float], ...]
    temperature: float
    neighbours: tuple[str, ...]
    scope: ScopeModel
    vote: float = 0.0


@dataclass(frozen=True)
class Prediction:
    """`ranking` holds (intent, probability) in falling order without the out-of-scope class; `intent` is None when out of scope."""

    intent: str | None
    ranking: tuple[tuple[str, float], ...]
    in_scope: float

    @property
    def best(self) -> str:
        """The best intent, whatever the scope decision says."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """The calibrated probability of `best`."""
        return self.ranking[0][1]


def softmax(logits: Floats) -> Floats:
    """Along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Runs:
    """The order that brings labels (m,) of one class together, which classes there are, where each begins, and how many are of it."""

    order: NDArray[np.intp]
    present: NDArray[np.int32]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]

    @classmethod
    def of(cls, labels: NDArray[np.int32]) -> Runs:
        """Those of `labels`."""
        order = np.argsort(labels, kind="stable")
        present, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
        return cls(order, present, starts, counts)


def votes(cosine: Vectors, runs: Runs, classes: int) -> Floats:
    """How near each class lies to each text, shape (n, classes): the log of its mean kernel exp(SHARPNESS * cosine), centred.

    `cosine` (n, m) to every neighbour and `runs` of their classes; all zero without neighbours.
    """
    if not len(runs.order):
        return np.zeros((len(cosine), classes), dtype=np.float32)
    raised = np.exp(np.float32(SHARPNESS) * (cosine - cosine.max(axis=1, keepdims=True)))
    sums = np.zeros((len(cosine), classes), dtype=np.float32)
    sums[:, runs.present] = np.add.reduceat(raised[:, runs.order], runs.starts, axis=1) / runs.counts
    logs = np.log(sums + np.float32(VOTE_FLOOR))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Near:
    """The cosines (n, m) of n texts to m training sentences, and these sentences' classes (m,)."""

    cosine: Vectors
    labels: NDArray[np.int32]


def signals_of(logits: Floats, near: Sequence[Near], ignored: NDArray[np.bool_]) -> Floats:
    """The signals of the scope model, shape (n, 2 + 2 * encoders): log of the softmax maximum, energy over the mean logit, and for each
    encoder how near the nearest sentences lie, and the nearest of the best class.

    `logits` (n, classes) after temperature; `ignored` (n, classes) marks classes that are treated as if they did not exist: out of scope,
    so that the signals speak of real intents only, and a class that is held back in training.
    """
    inner = np.where(ignored & ~ignored.all(axis=1, keepdims=True), -np.inf, logits)
    top = inner.max(axis=1)
    best = inner.argmax(axis=1)
    energy = np.log(np.exp(inner - top[:, None]).sum(axis=1))
    mean = np.where(ignored, 0, logits).sum(axis=1) / np.maximum(1, (~ignored).sum(axis=1))
    signals = [np.log(np.exp(-energy) + 1e-6), energy + top - mean]
    for one in near:
        signals += _neighbour_signals(one, best, ignored)
    return np.stack(signals, axis=1).astype(np.float32)


def _neighbour_signals(near: Near, best: NDArray[np.intp], ignored: NDArray[np.bool_]) -> list[Floats]:
    if not len(near.labels):
        return [np.zeros(len(best), dtype=np.float32), np.zeros(len(best), dtype=np.float32)]
    known = np.where(ignored[:, near.labels], np.float32(NOWHERE), near.cosine)
    return [_nearest(known), _nearest(np.where(near.labels[None] == best[:, None], known, np.float32(NOWHERE)))]


def _nearest(cosine: Vectors) -> Floats:
    """Mean of the NEIGHBOURS highest of each row that are there; -1 where none is."""
    count = min(NEIGHBOURS, cosine.shape[1])
    top = np.partition(cosine, -count, axis=1)[:, -count:]
    there = top > NOWHERE
    total = np.where(there, top, 0).sum(axis=1) / np.maximum(1, there.sum(axis=1))
    return np.asarray(np.where(there.any(axis=1), total, -1.0), dtype=np.float32)


class IntentModel:
    """All groups of languages over one list of classes."""

    def __init__(
        self, classes: tuple[str, ...], heads: Mapping[str, Head], neighbours: Mapping[str, Neighbours], groups: Mapping[str, Group]
    ) -> None:
        """`groups` is keyed by language; "*" is for all others."""
        self.classes, self.heads, self.neighbours, self.groups = classes, heads, neighbours, groups
        self._out = next((i for i, name in enumerate(classes) if name in OUT_OF_SCOPE_NAMES), None)
        self._ignored = np.array([[i == self._out for i in range(len(classes))]])

    def encoders_for(self, language: str) -> tuple[str, ...]:
        """Names of the encoders whose vectors `predict` needs for a language."""
        group = self._group(language)
        names = [n for head, _ in group.heads for n in self.heads[head].encoders]
        return tuple(dict.fromkeys(names + [self.neighbours[key].encoder for key in group.neighbours]))

    def predict(self, features: Features, language: str) -> Prediction:
        """The ranked intents of one text and whether it is in scope."""
        return self.predict_many([features], language)[0]

    def predict_many(self, features: Sequence[Features], language: str) -> list[Prediction]:
        """The same for many texts in one language, in order; much quicker than one by one."""
        if not features:
            return []
        group = self._group(language)
        known = [self.neighbours[key] for key in group.neighbours]
        near = [Near((n.vectors @ np.stack([f.vectors[n.encoder] for f in features]).T).T, n.labels) for n in known]
        mixed: Any = sum(share * np.stack([self.heads[name].logits(f) for f in features]) for name, share in group.heads)
        if group.vote:
            mixed = mixed + group.vote * votes(np.mean([n.cosine for n in near], axis=0), known[0].runs, len(self.classes))
        logits = np.asarray(mixed / group.temperature, dtype=np.float32)
        signals = signals_of(logits, near, np.repeat(self._ignored, len(features), axis=0))
        rows = zip(logits, softmax(logits), signals, strict=True)
        return [self._decide(one, probabilities, group.scope.chance(seen), group.scope) for one, probabilities, seen in rows]

    def _decide(self, logits: Floats, probabilities: Floats, chance: float, scope: ScopeModel) -> Prediction:
        ranking = self._ranking(probabilities)
        wins = self._out is not None and int(np.argmax(logits)) == self._out
        intent = None if wins or chance < scope.threshold or not ranking else ranking[0][0]
        return Prediction(intent, ranking, chance)

    def _ranking(self, probabilities: Floats) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-probabilities, kind="stable").tolist()
        chances = probabilities.tolist()
        return tuple((self.classes[i], round(chances[i], 6)) for i in order if i != self._out)

    def _group(self, language: str) -> Group:
        return self.groups.get(language) or self.groups["*"]
