"""The figures of the evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nlu.evaluate import EvaluationOptions, auroc, evaluate_nlu, macro_f1, matthews, rows_to_data
from nlu.train import Plan

HASHING = EvaluationOptions("en", plan=Plan(("hashing",), ("hashing",), sentiment=None))
TRAIN = [
    {"text": text, "intent": intent}
    for intent, texts in {
        "track": ["where is my order", "track my parcel", "has my parcel left", "parcel tracking"],
        "hours": ["when are you open", "opening hours", "are you open on sunday", "closing time"],
        "oos": ["who won the match", "tell me a joke"],
    }.items()
    for text in texts
]
TEST = [
    {"text": "track the parcel", "intent": "track"},
    {"text": "open on sunday?", "intent": "hours"},
    {"text": "zzz qqq", "intent": "oos"},
]
FIELDS = {
    "accuracy", "accuracy_rejecting", "oos_recall", "oos_precision", "oos_auroc", "mcc", "macro_f1", "ece", "entity_f1", "train_s",
    "p50_ms", "p95_ms", "rss_mb", "predictions",
}  # fmt: skip


def test_all_fields_are_there_and_predictions_keep_the_order(tmp_path: Path) -> None:
    found = evaluate_nlu(TRAIN, TEST, encoder_cache=tmp_path, options=HASHING)
    assert set(found) >= FIELDS
    assert [(p["text"], p["intent"]) for p in found["predictions"]] == [(r["text"], r["intent"]) for r in TEST]
    assert [p["best"] for p in found["predictions"][:2]] == ["track", "hours"]
    assert found["accuracy"] == 1.0
    assert found["entity_f1"] is None


def test_out_of_scope_rows_are_learned_only_when_told() -> None:
    assert "oos" not in rows_to_data(TRAIN, language="en", oos_train=False).intents
    assert "oos" in rows_to_data(TRAIN, language="en", oos_train=True).intents


def test_entities_that_the_rows_mark_are_learned_and_scored(tmp_path: Path) -> None:
    train: list[dict[str, Any]] = [
        *TRAIN,
        {"text": "track the cup", "intent": "track", "entities": [{"start": 10, "end": 13, "label": "product"}]},
        {"text": "where is the cup", "intent": "track", "entities": [{"start": 13, "end": 16, "label": "product"}]},
        {"text": "has the lamp left", "intent": "track", "entities": [{"start": 8, "end": 12, "label": "product"}]},
    ]
    test = [{"text": "my cup", "intent": "track", "entities": [{"start": 3, "end": 6, "label": "product"}]}]
    assert evaluate_nlu(train, test, encoder_cache=tmp_path, options=HASHING)["entity_f1"] == 1.0


def test_the_correlation_is_one_for_perfect_and_zero_for_constant_answers() -> None:
    assert matthews(["a", "b", "a"], ["a", "b", "a"]) == 1.0
    assert matthews(["a", "b", "a"], ["a", "a", "a"]) == 0.0


def test_macro_f1_counts_every_class_alike() -> None:
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)


def test_auroc_is_the_chance_that_the_one_lies_above_the_other() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.9, 0.1], [0.5]) == 0.5
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([], [0.5]) is None
