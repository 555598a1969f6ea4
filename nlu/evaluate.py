"""The figures of `baton evaluate nlu`: trains on given rows in a folder of its own, understands the test rows, and scores them."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from kit.errors import InvalidInputError
from nlu.data import EntitySpan, Example, Synonym, TrainingData
from nlu.encoders import get_encoder
from nlu.intents import OUT_OF_SCOPE_NAMES
from nlu.scope_training import expected_calibration_error
from nlu.tagging.scoring import entity_scores
from nlu.tagging.training import REQUESTED
from nlu.train import Plan, Progress, train
from nlu.types import OUT_OF_SCOPE, Understanding
from nlu.understander import Understander

Row = Mapping[str, Any]
_ENTITY_SHAPE = 'Write {"label": "city", "start": 5, "end": 10}, counted in characters.'


@dataclass(frozen=True)
class EvaluationOptions:
    """`oos_train`: learn from training rows of intent "oos" (else they are left out). `language` None: looked at sentence by sentence."""

    language: str | None = "en"
    oos_train: bool = False
    plan: Plan | None = None


def evaluate_nlu(
    train_rows: Sequence[Row],
    test_rows: Sequence[Row],
    *,
    language: str | None = "en",
    encoder_cache: Path,
    options: EvaluationOptions | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures and "predictions" (a row for each test row, in order).

    Rows are {"text", "intent"[, "entities": [{"start", "end", "label"[, "role", "group", "value"]}]][, "requested"]}: `requested` are names
    of entities just asked for; the intent "oos" is out of scope. Rates are 0 to 1:
    `accuracy` (in-scope rows, best intent always answered), `accuracy_rejecting` (in-scope rows, a rejection is wrong), `oos_recall`,
    `oos_precision`, `oos_auroc` (how well the chance behind the scope decision tells the two kinds of rows apart), `mcc` and
    `macro_f1` (over all intents and "oos", rejecting), `ece` (in-scope rows), `entity_f1` and its like
    (see `nlu.tagging.scoring`), `train_s`, `p50_ms`, `p95_ms`, `rss_mb`.
    A figure that the rows cannot give is None. `predicted` in a prediction is "oos" for a rejection.
    `language` may be any; all but English are read by the multilingual encoder alone. The sentences of sentiment are not learned here,
    and `train_s` begins when the encoders are ready (each is converted once a machine).
    """
    chosen = options or EvaluationOptions(language)
    for number, row in enumerate(test_rows, start=1):
        _spans(row, number)
    data = rows_to_data(train_rows, language=chosen.language or "en", oos_train=chosen.oos_train)
    with tempfile.TemporaryDirectory() as folder:
        plan = replace(chosen.plan or Plan(), sentiment=None)
        for name in plan.encoders:
            get_encoder(name, encoder_cache).encode(["ready"])
        started = time.perf_counter()
        train(data, out=Path(folder) / "model", encoder_cache=encoder_cache, progress=progress, plan=plan)
        train_s = time.perf_counter() - started
        _give_back()
        understander = Understander.load(Path(folder) / "model", encoder_cache=encoder_cache)
        understander.warm_up()
        found, times = _understand_all(understander, test_rows, chosen.language)
    figures = score_intents(test_rows, found)
    return {
        **figures,
        **entity_scores(test_rows, [u.entities for u in found], frozenset(s.name for e in data.examples for s in e.entities)),
        "train_s": round(train_s, 3),
        "p50_ms": round(float(np.percentile(times, 50)), 3) if times else None,
        "p95_ms": round(float(np.percentile(times, 95)), 3) if times else None,
        "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
        "predictions": [_prediction(row, u) for row, u in zip(test_rows, found, strict=True)],
    }


def _give_back() -> None:
    """Hands the memory of the training back to the system, so that `rss_mb` is that of a process that understands."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc only
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def rows_to_data(rows: Sequence[Row], *, language: str, oos_train: bool) -> TrainingData:
    """Training data from rows; out-of-scope rows only with `oos_train`.

    Raises InvalidInputError for an entity without a place in its text, with the number of the row.
    """
    examples = []
    for number, row in enumerate(rows, start=1):
        if oos_train or row["intent"] not in OUT_OF_SCOPE_NAMES:
            spans = _spans(row, number)
            extra = {REQUESTED: list(asked)} if (asked := _asked(row)) else {}
            examples.append(Example(str(row["text"]), str(row["intent"]), language, spans, "rows", number, extra))
    synonyms = {(s.value, s.text): None for e in examples for s in e.entities if s.value != s.text}
    return TrainingData(tuple(examples), tuple(Synonym(value, text, language) for value, text in synonyms))


def _asked(row: Row) -> tuple[str, ...]:
    asked = row.get("requested") or ()
    return (asked,) if isinstance(asked, str) else tuple(str(name) for name in asked)


def _spans(row: Row, number: int) -> tuple[EntitySpan, ...]:
    return tuple(_span(str(row["text"]), entity, number) for entity in row.get("entities") or ())


def _span(text: str, entity: Any, row: int) -> EntitySpan:
    try:
        label, start, end = str(entity["label"]), int(entity["start"]), int(entity["end"])
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError(f"Row {row}: an entity lacks label, start or end.", hint=_ENTITY_SHAPE) from None
    if not 0 <= start < end <= len(text):
        raise InvalidInputError(f"Row {row}: the entity {label!r} ({start} to {end}) is not inside its text.", hint=_ENTITY_SHAPE)
    role, group, value = (None if entity.get(name) is None else str(entity[name]) for name in ("role", "group", "value"))
    return EntitySpan(label, text[start:end], text[start:end] if value is None else value, start, end, role, group)


def _understand_all(understander: Understander, rows: Sequence[Row], language: str | None) -> tuple[list[Understanding], list[float]]:
    found, times = [], []
    for row in rows:
        started = time.perf_counter()
        found.append(understander.understand(str(row["text"]), language=language, expected=_asked(row)))
        times.append(1000 * (time.perf_counter() - started))
    return found, times


def score_intents(rows: Sequence[Row], found: Sequence[Understanding]) -> dict[str, Any]:
    """The figures that concern intents, see `evaluate_nlu`."""
    truth = [OUT_OF_SCOPE if row["intent"] in OUT_OF_SCOPE_NAMES else str(row["intent"]) for row in rows]
    answered = [u.intent or OUT_OF_SCOPE for u in found]
    best = [_best(u) for u in found]
    inner = [i for i, t in enumerate(truth) if t != OUT_OF_SCOPE]
    outer = [i for i, t in enumerate(truth) if t == OUT_OF_SCOPE]
    rejected = [i for i, a in enumerate(answered) if a == OUT_OF_SCOPE]
    right = np.array([best[i] == truth[i] for i in inner], dtype=bool)
    confidence = np.array([found[i].confidence for i in inner], dtype=np.float32)
    return {
        "accuracy": _share(int(right.sum()), len(inner)),
        "accuracy_rejecting": _share(sum(answered[i] == truth[i] for i in inner), len(inner)),
        "oos_recall": _share(sum(answered[i] == OUT_OF_SCOPE for i in outer), len(outer)),
        "oos_precision": _share(sum(truth[i] == OUT_OF_SCOPE for i in rejected), len(rejected)) if outer else None,
        "oos_auroc": auroc([found[i].in_scope for i in inner], [found[i].in_scope for i in outer]),
        "mcc": matthews(truth, answered),
        "macro_f1": macro_f1(truth, answered),
        "ece": round(expected_calibration_error(confidence, right), 4) if len(inner) else None,
    }


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """How likely one of `higher` is above one of `lower`, ties by half (Mann and Whitney 1947); None when either is empty."""
    if not higher or not lower:
        return None
    from scipy.stats import rankdata

    ranks = rankdata([*higher, *lower])[: len(higher)].sum()
    return round(float((ranks - len(higher) * (len(higher) + 1) / 2) / (len(higher) * len(lower))), 4)


def matthews(truth: Sequence[str], answered: Sequence[str]) -> float | None:
    """The multi-class correlation coefficient (Gorodkin 2004); None without rows, 0.0 when one side has a single class."""
    if not truth:
        return None
    names = sorted(set(truth) | set(answered))
    place = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for t, a in zip(truth, answered, strict=True):
        table[place[t], place[a]] += 1
    true, said, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    above = np.trace(table) * total - true @ said
    below = np.sqrt(total**2 - said @ said) * np.sqrt(total**2 - true @ true)
    return round(float(above / below), 4) if below else 0.0


def macro_f1(truth: Sequence[str], answered: Sequence[str]) -> float | None:
    """Mean F1 of the classes in `truth`; None without rows."""
    if not truth:
        return None
    scores = []
    for name in sorted(set(truth)):
        hits = sum(t == a == name for t, a in zip(truth, answered, strict=True))
        scores.append(2 * hits / (truth.count(name) + answered.count(name)))
    return round(float(np.mean(scores)), 4)


def _best(understanding: Understanding) -> str:
    return understanding.ranking[0][0] if understanding.ranking else OUT_OF_SCOPE


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _prediction(row: Row, understanding: Understanding) -> dict[str, Any]:
    predicted = understanding.intent or OUT_OF_SCOPE
    best = _best(understanding)
    entities = [{"label": e.name, **{k: v for k, v in asdict(e).items() if k not in {"name", "text"}}} for e in understanding.entities]
    found = {"predicted": predicted, "best": best, "confidence": understanding.confidence, "entities": entities}
    return {"text": row["text"], "intent": row["intent"], **found}
