"""Training of the intent classifier: heads, calibration and the out-of-scope model, all by cross-validation on the training sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nlu.encoders.port import Vectors
from nlu.few_columns import one_above_other
from nlu.intents import OUT_OF_SCOPE_NAMES, Group, Head, IntentModel, Neighbours
from nlu.language import base_language
from nlu.lexical import row
from nlu.scope_training import FoldScores, calibrate, fit_scope
from nlu.softmax import Rows, Weights, fit, logits_of, stack_sparse
from nlu.vote_training import choose_vote

Floats = NDArray[np.float32]
Labels = NDArray[np.intp]
ENGLISH = "en"
SCALES = {"minilm-l6-v2": 1.0, "use-multilingual": 0.5}
LEXICAL_SCALE = 0.5
INVERSE_L2 = 20.0
NAME_WEIGHT = 0.5
FOLDS = 5
FEW_FOLDS = 3
MANY_ROWS = 3_000
AT_ONCE = 2
HELD_FOLD = 0
ENGLISH_SHARES = (1.0, 0.8, 0.6, 0.4)


@dataclass(frozen=True)
class Sentence:
    """A training row: the text as the encoders see it, the place of its class, and its language."""

    text: str
    label: int
    language: str


@dataclass(frozen=True)
class HeldOut:
    """Vectors of sentences and of class names by a twin of a tuned encoder that has not seen the fold HELD_FOLD."""

    vectors: Vectors
    name_vectors: Vectors


@dataclass(frozen=True)
class Material:
    """What training works on. `vectors`: by encoder name, one row a sentence; `name_vectors`: one row a class.

    `held`: for encoders that were tuned on these very sentences; groups that use them are scored on the fold HELD_FOLD only.
    """

    classes: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    vectors: Mapping[str, Vectors]
    name_vectors: Mapping[str, Vectors]
    rarity: Floats
    held: Mapping[str, HeldOut] = field(default_factory=dict)

    def unseen(self) -> Material:
        """The same with the twins' vectors in place of the tuned encoders'."""
        vectors = {**self.vectors, **{name: held.vectors for name, held in self.held.items()}}
        return replace(self, vectors=vectors, name_vectors={**self.name_vectors, **{n: h.name_vectors for n, h in self.held.items()}})


@dataclass(frozen=True)
class Scores:
    """Cross-validated figures of one group of languages."""

    accuracy: float
    ece: float
    accepted: float
    temperature: float


@dataclass(frozen=True)
class _Part:
    """A head in the making: the rows it learns from."""

    name: str
    encoders: tuple[str, ...]
    index: NDArray[np.intp]
    rows: Rows
    labels: Labels
    folds: Labels
    name_rows: Rows
    scored: NDArray[np.bool_]


def name_text(intent: str) -> str:
    """An intent's name as words: "faq/late_parcel" gives "faq late parcel"."""
    return " ".join("".join(c if c.isalnum() else " " for c in intent).split())


def train_intents(
    material: Material, english: tuple[str, ...], others: tuple[str, ...], step: Callable[[str, float], None]
) -> tuple[IntentModel, dict[str, Scores]]:
    """The model and its cross-validated scores by group ("en" and "*"). `english` and `others` name the encoders of the two groups."""
    languages = np.array([s.language == ENGLISH for s in material.sentences])
    parts: dict[str, _Part] = {}
    if languages.any():
        parts[ENGLISH] = _part(ENGLISH, english, np.flatnonzero(languages), material)
    if not languages.all():
        parts["*"] = _part("*", others, np.arange(len(languages)), material)
    folded: dict[str, Floats] = {}
    heads: dict[str, Head] = {}
    unseen = material.unseen()
    for number, (name, part) in enumerate(parts.items()):
        step(f"intents {name}", number / len(parts))
        scored = _part(name, part.encoders, part.index, unseen) if material.held else part
        folded[name], weights = _fit_all(part, scored, material)
        heads[name] = _head(part, weights)
    step("out of scope", 0.9)
    return _assemble(material, parts, folded, heads)


def _part(name: str, encoders: tuple[str, ...], index: NDArray[np.intp], material: Material) -> _Part:
    texts = [material.sentences[i].text for i in index]
    dense = np.hstack([material.vectors[e][index] * np.float32(SCALES.get(e, 1.0)) for e in encoders])
    names = np.hstack([material.name_vectors[e] * np.float32(SCALES.get(e, 1.0)) for e in encoders])
    sparse = stack_sparse([row(text, material.rarity) for text in texts], LEXICAL_SCALE)
    name_sparse = stack_sparse([row(name_text(c), material.rarity) for c in material.classes], LEXICAL_SCALE)
    labels = np.array([material.sentences[i].label for i in index], dtype=np.intp)
    folds = folds_of([material.sentences[i] for i in index])
    scored = folds == HELD_FOLD if set(encoders) & set(material.held) else np.ones(len(index), dtype=bool)
    return _Part(name, encoders, index, Rows(dense, sparse), labels, folds, Rows(names, name_sparse), scored)


def folds_of(sentences: Sequence[Sentence]) -> Labels:
    """A fold for every row: round robin within class and language, in an order given by a hash of the sentences."""
    count = FEW_FOLDS if len(sentences) > MANY_ROWS else FOLDS
    keys = [hashlib.sha256(s.text.encode("utf-8", "surrogatepass")).digest() for s in sentences]
    places: dict[tuple[int, str], dict[bytes, int]] = {}
    for i in sorted(range(len(sentences)), key=lambda i: keys[i]):
        base = base_language(sentences[i].language)
        seen = places.setdefault((sentences[i].label, base), {})
        seen.setdefault(keys[i], len(seen) % count)
    return np.array([places[(s.label, base_language(s.language))][k] for s, k in zip(sentences, keys, strict=True)], dtype=np.intp)


def _fit(part: _Part, index: NDArray[np.intp], material: Material) -> Weights:
    """Learns from the rows at `index` and, lightly, from the names of the intents that the rows know (not from "oos")."""
    known = set(part.labels[index].tolist())
    named = np.array([k for k, c in enumerate(material.classes) if k in known and c not in OUT_OF_SCOPE_NAMES], dtype=np.intp)
    chosen, extra = part.rows.take(index), part.name_rows.take(named)
    rows = Rows(np.vstack([chosen.dense, extra.dense]), one_above_other(chosen.sparse, extra.sparse))
    labels = np.concatenate([part.labels[index], named])
    weights = np.concatenate([_balance(part.labels[index]), np.full(len(named), NAME_WEIGHT)]).astype(np.float32)
    found = fit(rows, labels, classes=len(material.classes), sample_weights=weights, inverse_l2=INVERSE_L2)
    missing = np.array([k not in known for k in range(len(material.classes))])
    return Weights(found.dense, found.sparse, np.where(missing, found.bias - 5, found.bias).astype(np.float32))


def _balance(labels: Labels) -> Floats:
    """Weights that soften imbalance: by the square root of how much rarer than the average a class is; their mean is 1."""
    sizes = np.bincount(labels)
    weights = np.sqrt(1.0 / np.maximum(sizes, 1))[labels]
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def _fit_all(part: _Part, scored: _Part, material: Material) -> tuple[Floats, Weights]:
    """Logits of every row of `scored` by a head that has not seen its fold, and the weights learned from all rows of `part`.

    Two fits at a time: most of the work leaves Python's lock.
    """
    logits = np.zeros((len(scored.index), len(material.classes)), dtype=np.float32)

    def work(fold: int) -> Weights:
        if fold < 0:
            return _fit(part, np.arange(len(part.index)), material)
        held, kept = np.flatnonzero(scored.folds == fold), np.flatnonzero(scored.folds != fold)
        weights = _fit(scored, kept if len(kept) else held, material)
        logits[held] = logits_of(scored.rows.take(held), weights)
        return weights

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(AT_ONCE) as pool:
        whole, *_ = pool.map(work, [-1, *np.unique(scored.folds[scored.scored]).tolist()])
    return logits, whole


def _head(part: _Part, weights: Weights) -> Head:
    scales = tuple(SCALES.get(e, 1.0) for e in part.encoders)
    return Head(part.encoders, scales, weights.dense, weights.sparse * np.float32(LEXICAL_SCALE), weights.bias)


def _assemble(
    material: Material, parts: Mapping[str, _Part], folded: Mapping[str, Floats], heads: Mapping[str, Head]
) -> tuple[IntentModel, dict[str, Scores]]:
    near: dict[str, Neighbours] = {}
    for name, part in parts.items():
        for encoder in part.encoders:
            vectors = material.vectors[encoder][part.index].astype(np.float16).astype(np.float32)
            near[f"{name}:{encoder}"] = Neighbours(encoder, vectors, part.labels.astype(np.int32))
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(AT_ONCE) as pool:
        made = dict(zip(parts, pool.map(lambda name: _group(name, parts, folded, material), parts), strict=True))
    groups = {name: group for name, (group, _) in made.items()}
    scores = {name: score for name, (_, score) in made.items()}
    if "*" not in groups:
        groups["*"] = groups[ENGLISH]
    return IntentModel(material.classes, heads, near, groups), scores


def _group(name: str, parts: Mapping[str, _Part], folded: Mapping[str, Floats], material: Material) -> tuple[Group, Scores]:
    part = parts[name]
    shares, logits = _mix(name, parts, folded)
    vote, fold_scores = choose_vote(_fold_scores(part, material.unseen(), logits))
    temperature = calibrate(fold_scores)
    scope, figures = fit_scope(fold_scores, temperature)
    keys = tuple(f"{name}:{encoder}" for encoder in part.encoders)
    return Group(shares, temperature, keys, scope, vote), Scores(figures.accuracy, figures.ece, figures.accepted, round(temperature, 4))


def _mix(name: str, parts: Mapping[str, _Part], folded: Mapping[str, Floats]) -> tuple[tuple[tuple[str, float], ...], Floats]:
    """Shares of the heads in a group: English also listens to the multilingual head, by the share that cross-validation likes best."""
    if name != ENGLISH or "*" not in parts:
        return ((name, 1.0),), folded[name]
    own, labels, scored = folded[ENGLISH], parts[ENGLISH].labels, parts[ENGLISH].scored
    both = folded["*"][parts[ENGLISH].index]

    def accuracy(share: float) -> float:
        return float((np.argmax(share * own + (1 - share) * both, axis=1) == labels)[scored].mean())

    best = max(ENGLISH_SHARES, key=accuracy)
    return ((ENGLISH, best), ("*", round(1 - best, 2))), (best * own + (1 - best) * both).astype(np.float32)


def _fold_scores(part: _Part, material: Material, logits: Floats) -> FoldScores:
    vectors = tuple(material.vectors[encoder][part.index] for encoder in part.encoders)
    out = next((i for i, c in enumerate(material.classes) if c in OUT_OF_SCOPE_NAMES), None)
    return FoldScores(logits, part.labels, part.folds, part.scored, vectors, out)
