"""The intent classifier as it serves: linear heads on embeddings and lexical features, calibrated, with an out-of-scope decision.

Plain numpy. Training is in `nlu/intent_training.py`. The training sentences near a message vote beside the heads, as in retrieval of
nearest neighbours (Khandelwal et al. 2020, kNN-LM), by a kernel density of each class.
Out of scope is decided by a small logistic model on the softmax maximum and margin
(Hendrycks and Gimpel 2017), the energy (Liu et al. 2020) and nearest-neighbour similarity in the encoders' spaces (Sun et al. 2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


def votes(cosine: Vectors, labels: NDArray[np.int32], classes: int) -> Floats:
    """How near each class lies to one text, shape (classes,): the log of its mean kernel exp(SHARPNESS * cosine), centred.

    `cosine` (n,) to every neighbour and `labels` (n,) their classes; all zero without neighbours.
    """
    if not len(cosine):
        return np.zeros(classes, dtype=np.float32)
    raised = np.exp(SHARPNESS * (cosine - cosine.max()))
    sums = np.bincount(labels, weights=raised, minlength=classes) / np.maximum(np.bincount(labels, minlength=classes), 1)
    logs = np.log(sums + VOTE_FLOOR)
    return np.asarray(logs - logs.mean(), dtype=np.float32)


def signals_of(logits: Floats, similarities: list[tuple[Vectors, NDArray[np.int32]]], out_class: int | None) -> Floats:
    """The signals of the scope model for one text, shape (4 + 3 * encoders,).

    `logits` (classes,) after temperature; `similarities`: for each encoder the cosine to every neighbour, with the neighbours' classes;
    `out_class` is left out, so that the signals speak of real intents only.
    """
    inner = logits if out_class is None else np.delete(logits, out_class)
    probabilities = np.sort(softmax(inner))[::-1]
    top = float(probabilities[0])
    second = float(probabilities[1]) if len(probabilities) > 1 else 0.0
    energy = float(np.log(np.exp(inner - inner.max()).sum()) + inner.max())
    signals = [np.log(top + 1e-6), np.log((top + 1e-6) / (second + 1e-6)), top - second, energy - float(inner.mean())]
    best = int(np.argmax(logits if out_class is None else np.where(np.arange(len(logits)) == out_class, -np.inf, logits)))
    for cosine, labels in similarities:
        signals += _neighbour_signals(cosine, labels, best)
    return np.array(signals, dtype=np.float32)


def _neighbour_signals(cosine: Vectors, labels: NDArray[np.int32], best: int) -> list[float]:
    if not len(cosine):
        return [0.0, 0.0, 0.0]
    count = min(NEIGHBOURS, len(cosine))
    nearest = np.partition(cosine, -count)[-count:]
    own = cosine[labels == best]
    own_count = min(NEIGHBOURS, len(own))
    of_best = float(np.partition(own, -own_count)[-own_count:].mean()) if own_count else -1.0
    return [float(nearest.max()), float(nearest.mean()), of_best]


class IntentModel:
    """All groups of languages over one list of classes."""

    def __init__(
        self, classes: tuple[str, ...], heads: Mapping[str, Head], neighbours: Mapping[str, Neighbours], groups: Mapping[str, Group]
    ) -> None:
        """`groups` is keyed by language; "*" is for all others."""
        self.classes, self.heads, self.neighbours, self.groups = classes, heads, neighbours, groups
        self._out = next((i for i, name in enumerate(classes) if name in OUT_OF_SCOPE_NAMES), None)

    def encoders_for(self, language: str) -> tuple[str, ...]:
        """Names of the encoders whose vectors `predict` needs for a language."""
        group = self._group(language)
        names = [n for head, _ in group.heads for n in self.heads[head].encoders]
        return tuple(dict.fromkeys(names + [self.neighbours[key].encoder for key in group.neighbours]))

    def predict(self, features: Features, language: str) -> Prediction:
        """The ranked intents of one text and whether it is in scope."""
        group = self._group(language)
        near = [self.neighbours[key] for key in group.neighbours]
        cosines = [n.vectors @ features.vectors[n.encoder] for n in near]
        mixed: Any = sum(share * self.heads[name].logits(features) for name, share in group.heads)
        if group.vote:
            mixed = mixed + group.vote * votes(np.mean(cosines, axis=0), near[0].labels, len(self.classes))
        logits = np.asarray(mixed / group.temperature, dtype=np.float32)
        similarities = [self._in_scope(cosine, n.labels) for cosine, n in zip(cosines, near, strict=True)]
        chance = group.scope.chance(signals_of(logits, similarities, self._out))
        ranking = self._ranking(softmax(logits))
        wins = self._out is not None and int(np.argmax(logits)) == self._out
        intent = None if wins or chance < group.scope.threshold or not ranking else ranking[0][0]
        return Prediction(intent, ranking, chance)

    def _in_scope(self, cosine: Vectors, labels: NDArray[np.int32]) -> tuple[Vectors, NDArray[np.int32]]:
        if self._out is None:
            return cosine, labels
        inner = labels != self._out
        return cosine[inner], labels[inner]

    def _ranking(self, probabilities: Floats) -> tuple[tuple[str, float], ...]:
        order = np.argsort(-probabilities, kind="stable")
        return tuple((self.classes[i], round(float(probabilities[i]), 6)) for i in order if i != self._out)

    def _group(self, language: str) -> Group:
        return self.groups.get(language) or self.groups["*"]
