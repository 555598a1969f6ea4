"""The figures of search, against values reckoned by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from knowledge.evaluate import Outcome, evaluate_search, figures
from tests.knowledge.fakes import HashingEmbedder


def test_the_figures_are_those_of_the_definitions() -> None:
    found = figures(
        [{"a"}, {"b", "c"}, set(), set()],
        [
            Outcome(("x", "a"), True, 0.001),
            Outcome(("b", "y", "c"), False, 0.002),
            Outcome(("x",), True, 0.003),
            Outcome((), False, 0.004),
        ],
    )
    assert found["mrr"] == pytest.approx(0.75)
    assert found["recall1"] == pytest.approx(0.25)
    assert found["recall5"] == pytest.approx(1.0)
    ndcg = (1 / math.log2(3) + (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))) / 2
    assert found["ndcg10"] == pytest.approx(ndcg)
    assert (found["abstain_precision"], found["abstain_recall"]) == (0.5, 0.5)
    assert found["p50_ms"] == pytest.approx(2.5)


def test_without_unanswerable_questions_abstention_is_not_measured() -> None:
    found = figures([{"a"}], [Outcome(("a",), True, 0.001)])
    assert (found["abstain_precision"], found["abstain_recall"]) == (None, None)


def test_a_small_set_is_measured_end_to_end() -> None:
    articles = [
        {"id": "t", "title": "How is tea stored?", "text": "Tea keeps dry and dark."},
        {"id": "g", "title": "How do gift cards work?", "text": "A gift card pays in parts."},
    ]
    predictions: list[dict[str, Any]] = []
    queries = [{"text": "storing tea", "relevant": ["t"]}, {"text": "gift card", "relevant": ["g"]}, {"text": "zzz", "relevant": []}]
    found = evaluate_search(articles, queries, language="en", embedder=HashingEmbedder(), predictions=predictions)
    assert set(found) == {
        "mrr", "ndcg10", "recall1", "recall5", "recall10", "abstain_precision", "abstain_recall", "index_s", "p50_ms", "p95_ms",
    }  # fmt: skip
    assert found["recall1"] == 1.0
    assert [one["ranked"][0] for one in predictions[:2]] == ["t", "g"]
