"""Training of the sentiment heads on the project's own sentences (`nlu/sentiment_data.py`).

For each group of languages there is an expert on each encoder's vectors and one on the signals of words, each a softmax regression of its
own; a multilingual encoder has one more on all languages together, and the two of it count half. Their logits are summed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.port import Encoder
from nlu.intents import softmax
from nlu.lexical import BUCKETS
from nlu.sentiment import ABOVE, AT, BELOW, CLASSES, LEVELS, OTHERS, SentimentHead, SentimentModel, group_of, simplified, words_of_group
from nlu.sentiment_data import Feeling, stable_hash
from nlu.sentiment_words import Words, signals
from nlu.softmax import Rows, Weights, fit
from nlu.text import for_encoding

Floats = NDArray[np.float32]
Index = NDArray[np.intp]
ENGLISH = "en"
INVERSE_L2 = 2.0
FOLDS = 3
ANGRY_FROM = 0.4
TEMPERATURES = np.geomspace(0.5, 4.0, 30)
SIDES = (BELOW, AT, ABOVE)


@dataclass(frozen=True)
class _Material:
    """n sentences: `labels`, `groups` and `texts` (n,); `vectors` by encoder (n, d), zero where the encoder does not know the language;
    `signals` (n, SIGNALS). `english` and `others`: the names of the encoders that read a group.
    """

    labels: Index
    groups: NDArray[np.str_]
    texts: tuple[str, ...]
    vectors: Mapping[str, Floats]
    signals: Floats
    english: tuple[str, ...]
    others: tuple[str, ...]

    def encoders(self, group: str) -> tuple[str, ...]:
        return self.english if group == ENGLISH else self.others


def train_sentiment(
    feelings: Sequence[Feeling], lists: Mapping[str, Words], encoders: Mapping[str, Encoder], english: Sequence[str], others: Sequence[str]
) -> tuple[SentimentModel | None, dict[str, float]]:
    """The model and its cross-validated scores; (None, {}) without sentences.

    `english` and `others` name the `encoders` that read English and all other languages.
    """
    rows = _rows(feelings)
    if len({kind for _, kind, _ in rows}) < 2:
        return None, {}
    material = _material(rows, lists, encoders, (tuple(english), tuple(others)))
    logits = _cross_validated(material)
    temperature = float(min(TEMPERATURES, key=lambda t: _loss(logits / np.float32(t), material)))
    heads = _heads(material, np.arange(len(rows)))
    return SentimentModel(heads, lists, temperature, ANGRY_FROM), _scores(softmax(logits / np.float32(temperature)), material.labels)


def _rows(feelings: Sequence[Feeling]) -> list[tuple[str, str, str]]:
    """(text as the encoders see it, class, group of languages), each text once a class, in a fixed order."""
    found: dict[tuple[str, str], str] = {}
    for feeling in sorted(feelings, key=lambda f: (f.language, f.kind, f.text)):
        found.setdefault((simplified(for_encoding(feeling.text)), feeling.kind), group_of(feeling.language))
    return [(text, kind, group) for (text, kind), group in found.items() if text]


def _material(
    rows: Sequence[tuple[str, str, str]], lists: Mapping[str, Words], encoders: Mapping[str, Encoder], named: tuple[tuple[str, ...], ...]
) -> _Material:
    english, others = named
    groups = np.array([group for _, _, group in rows])
    words = {group: words_of_group(group, lists) for group in sorted(set(groups))}
    vectors: dict[str, Floats] = {}
    for name in dict.fromkeys(english + others):
        known = np.flatnonzero((groups == ENGLISH) if name not in others else (groups != ENGLISH) if name not in english else groups != "")
        vectors[name] = np.zeros((len(rows), encoders[name].dimension), dtype=np.float32)
        if len(known):
            vectors[name][known] = encoders[name].encode([rows[int(i)][0] for i in known])
    labels = np.array([CLASSES.index(kind) for _, kind, _ in rows], dtype=np.intp)
    said = np.array([signals(text, words[group]) for text, _, group in rows], dtype=np.float32)
    return _Material(labels, groups, tuple(text for text, _, _ in rows), vectors, said, english, others)


def _cross_validated(material: _Material) -> Floats:
    folds = np.array([stable_hash(key) % FOLDS for key in material.texts])
    logits = np.zeros((len(folds), len(CLASSES)), dtype=np.float32)
    for fold in range(FOLDS):
        heads = _heads(material, np.flatnonzero(folds != fold))
        for group in sorted(set(material.groups)):
            held = np.flatnonzero((folds == fold) & (material.groups == group))
            head = heads.get(str(group)) or heads[OTHERS]
            dense = np.concatenate([material.vectors[name][held] for name in head.encoders], axis=1)
            logits[held] = dense @ head.dense + material.signals[held] @ head.signals + head.bias
    return logits


def _heads(material: _Material, kept: Index) -> dict[str, SentimentHead]:
    """One for each group that the sentences have, and one for all others."""
    balance = _balance(material, kept)
    shared = {name: _expert(material, material.vectors[name], _readers(material, name, kept), balance) for name in material.others}
    found: dict[str, SentimentHead] = {}
    for group in (*sorted({str(g) for g in material.groups[kept]}), OTHERS):
        own = kept if group == OTHERS else kept[material.groups[kept] == group]
        parts = []
        for name in material.encoders(group):
            expert = shared.get(name) if group == OTHERS else _expert(material, material.vectors[name], own, balance)
            parts.append(_mean(expert, shared[name]) if expert and name in shared else expert)
        words = _expert(material, material.signals, own, balance)
        found[group] = _sum(material.encoders(group), [part for part in parts if part], words)
    return found


def _readers(material: _Material, name: str, kept: Index) -> Index:
    return kept if name in material.english else kept[material.groups[kept] != ENGLISH]


def _balance(material: _Material, kept: Index) -> Floats:
    """Weights (n,) such that below, at and above zero count alike within each group, and groups alike; mean 1 over `kept`."""
    weights = np.zeros(len(material.labels), dtype=np.float32)
    for group in set(material.groups[kept]):
        for side in SIDES:
            part = kept[(material.groups[kept] == group) & np.isin(material.labels[kept], np.arange(len(CLASSES))[side])]
            weights[part] = 1.0 / max(1, len(part))
    return np.asarray(weights / weights[kept].mean(), dtype=np.float32)


def _expert(material: _Material, dense: Floats, kept: Index, balance: Floats) -> Weights:
    from scipy.sparse import csr_matrix

    rows = Rows(dense[kept], csr_matrix((len(kept), BUCKETS), dtype=np.float32))
    weights = balance[kept] / max(float(balance[kept].mean()), 1e-9)
    return fit(rows, material.labels[kept], classes=len(CLASSES), sample_weights=weights, inverse_l2=INVERSE_L2)


def _mean(one: Weights, other: Weights) -> Weights:
    half = np.float32(0.5)
    return Weights(half * (one.dense + other.dense), one.sparse, half * (one.bias + other.bias))


def _sum(encoders: tuple[str, ...], parts: Sequence[Weights], words: Weights) -> SentimentHead:
    dense = np.concatenate([part.dense for part in parts])
    bias = np.sum([part.bias for part in (*parts, words)], axis=0, dtype=np.float32)
    return SentimentHead(encoders, dense, words.dense, np.asarray(bias, dtype=np.float32))


def _loss(logits: Floats, material: _Material) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(material.labels)), material.labels] + 1e-9).mean())


def _scores(probabilities: Floats, labels: Index) -> dict[str, float]:
    levels = np.array(LEVELS)
    guessed, true = levels[probabilities.argmax(axis=1)], levels[labels]
    flagged, angry = probabilities[:, 0] >= ANGRY_FROM, labels == 0
    precision = float((flagged & angry).sum() / flagged.sum()) if flagged.any() else 1.0
    return {
        "level_accuracy": round(float((guessed == true).mean()), 4),
        "within_one_level": round(float((np.abs(guessed - true) <= 1).mean()), 4),
        "sign_accuracy": round(float((np.sign(guessed) == np.sign(true)).mean()), 4),
        "angry_precision": round(precision, 4),
        "angry_recall": round(float((flagged & angry).sum() / max(1, angry.sum())), 4),
    }
