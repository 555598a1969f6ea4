"""Training of the sentiment head on the project's own sentences (`training_data/sentiment/<lang>.yml`: class -> list of sentences).

`intents.yml` there names intents (class -> list of intents) of which some training sentences are learned as that class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from nlu.data import TrainingData, TrainingDataError
from nlu.encoders.port import Encoder
from nlu.language import convert_scripts
from nlu.lexical import row
from nlu.sentiment import CLASSES, LEVELS, SentimentModel
from nlu.softmax import Rows, Weights, fit, logits_of, stack_sparse

SENTIMENT_FOLDER = Path(__file__).resolve().parents[1] / "training_data" / "sentiment"
LEXICAL_SCALE = 0.4
INVERSE_L2 = 15.0
FOLDS = 5
ANGRY_FROM = 0.8
BORROWED = 8
INTENTS_FILE = "intents.yml"
TEMPERATURES = np.geomspace(0.3, 3.0, 30)


@dataclass(frozen=True)
class Feeling:
    """A sentence with its class (a name in CLASSES)."""

    text: str
    kind: str
    language: str


def read_sentiment(folder: Path) -> tuple[Feeling, ...]:
    """All sentences of the folder; empty when there is none. Raises TrainingDataError on an unknown class or malformed YAML."""
    found: list[Feeling] = []
    for file in sorted(folder.glob("*.yml")):
        if file.name == INTENTS_FILE:
            continue
        for kind, sentences in _read(file).items():
            found += [Feeling(str(sentence), kind, file.stem) for sentence in sentences]
    return tuple(found)


def borrow_from_intents(folder: Path, data: TrainingData) -> tuple[Feeling, ...]:
    """Up to BORROWED sentences an intent and language, for the intents that `intents.yml` names; chosen by a hash, so always the same."""
    file = folder / INTENTS_FILE
    if not file.exists():
        return ()
    kinds = {str(intent): kind for kind, intents in _read(file).items() for intent in intents}
    groups: dict[tuple[str, str], list[str]] = {}
    for example in data.examples:
        if example.intent in kinds:
            groups.setdefault((example.intent, example.language), []).append(example.text)
    return tuple(
        Feeling(text, kinds[intent], language)
        for (intent, language), texts in sorted(groups.items())
        for text in sorted(set(texts), key=_hash)[:BORROWED]
    )


def _read(file: Path) -> dict[str, list[str]]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise TrainingDataError("malformed YAML", file=str(file), line=line, hint="Check indentation and quotes.") from None
    for kind, entries in content.items():
        if kind not in CLASSES or not isinstance(entries, list):
            hint = f"Known: {', '.join(CLASSES)}; each holds a list."
            raise TrainingDataError(f"{kind!r} is not a class of sentiment", file=str(file), line=1, hint=hint)
    return dict(content)


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), 16)


def train_sentiment(
    feelings: Sequence[Feeling], encoder: Encoder, rarity: NDArray[np.float32]
) -> tuple[SentimentModel | None, dict[str, float]]:
    """The head and its cross-validated scores; (None, {}) without sentences. Chinese counts in both scripts."""
    rows = _with_twins(feelings)
    if len({kind for _, kind, _ in rows}) < 2:
        return None, {}
    texts = [text for text, _, _ in rows]
    labels = np.array([CLASSES.index(kind) for _, kind, _ in rows], dtype=np.intp)
    folds = np.array([_hash(key) % FOLDS for _, _, key in rows], dtype=np.intp)
    features = Rows(encoder.encode(texts), stack_sparse([row(t, rarity) for t in texts], LEXICAL_SCALE))
    logits = np.zeros((len(rows), len(CLASSES)), dtype=np.float32)
    for fold in range(FOLDS):
        held, kept = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        logits[held] = logits_of(features.take(held), _fit(features, labels, kept))
    temperature = float(min(TEMPERATURES, key=lambda t: _loss(logits / np.float32(t), labels)))
    weights = _fit(features, labels, np.arange(len(rows)))
    sparse = weights.sparse * np.float32(LEXICAL_SCALE)
    model = SentimentModel(encoder.name, weights.dense, sparse, weights.bias, temperature, ANGRY_FROM)
    return model, _scores(logits / np.float32(temperature), labels)


def _with_twins(feelings: Sequence[Feeling]) -> list[tuple[str, str, str]]:
    """(text, class, key of the fold) in a fixed order."""
    rows: dict[tuple[str, str], str] = {}
    for feeling in sorted(feelings, key=lambda f: (f.language, f.kind, f.text)):
        chinese = feeling.language.startswith("zh")
        key = convert_scripts(feeling.text, "t2s") if chinese else feeling.text
        for text in (feeling.text, key, convert_scripts(feeling.text, "s2t")) if chinese else (feeling.text,):
            rows.setdefault((text, feeling.kind), key)
    return [(text, kind, key) for (text, kind), key in rows.items()]


def _fit(features: Rows, labels: NDArray[np.intp], index: NDArray[np.intp]) -> Weights:
    sizes = np.bincount(labels[index], minlength=len(CLASSES))
    weights = (len(index) / (len(CLASSES) * np.maximum(sizes, 1)))[labels[index]].astype(np.float32)
    return fit(features.take(index), labels[index], classes=len(CLASSES), sample_weights=weights, inverse_l2=INVERSE_L2)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _loss(logits: NDArray[np.float32], labels: NDArray[np.intp]) -> float:
    return float(-np.log(_softmax(logits)[np.arange(len(labels)), labels] + 1e-9).mean())


def _scores(logits: NDArray[np.float32], labels: NDArray[np.intp]) -> dict[str, float]:
    levels = np.array(LEVELS)
    guessed, true = levels[logits.argmax(axis=1)], levels[labels]
    flagged = _softmax(logits)[:, 0] >= ANGRY_FROM
    angry = labels == 0
    precision = float((flagged & angry).sum() / flagged.sum()) if flagged.any() else 1.0
    return {
        "level_accuracy": round(float((guessed == true).mean()), 4),
        "within_one_level": round(float((np.abs(guessed - true) <= 1).mean()), 4),
        "angry_precision": round(precision, 4),
        "angry_recall": round(float((flagged & angry).sum() / max(1, angry.sum())), 4),
    }
