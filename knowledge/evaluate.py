"""Measuring search on a set of articles and questions."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.articles import MAX_BODY
from knowledge.building import index_drafts
from knowledge.calibrating import calibrate, with_calibration
from knowledge.ports import Embedder, Reranker
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft

DEPTH = 10
_CALIBRATED_PASSAGES = 20_000


@dataclass(frozen=True)
class Outcome:
    """What search said to one question: the ids of articles, best first, and whether it would have abstained."""

    ranked: tuple[str, ...]
    abstained: bool
    seconds: float


def evaluate_search(
    articles: Sequence[Mapping[str, Any]], queries: Sequence[Mapping[str, Any]], *, language: str, embedder: Embedder,
    predictions: list[dict[str, Any]] | None = None, reranker: Reranker | None = None,
) -> dict[str, float | None]:  # fmt: skip
    """Builds an index of the articles, calibrates it on them alone, asks the queries and returns the figures.

    `articles` are {"id", "title", "text"}, `queries` {"text", "relevant": [ids]}; an empty list means that nothing answers. Returned:
    mrr, ndcg10, recall1, recall5, recall10 over queries with relevant articles, whether abstained or not, to a depth of 10;
    abstain_precision (of the abstained, the share that nothing answers) and abstain_recall (of those that nothing answers, the share
    abstained), None when no query is of that kind; index_s, the seconds to build and calibrate; p50_ms and p95_ms of a query, encoding
    included. `predictions`, if given, gets one {"text", "ranked", "abstained"} for each query.
    """
    began = time.perf_counter()
    index = build_index(articles, language=language, embedder=embedder)
    if 0 < len(index.entries) <= _CALIBRATED_PASSAGES:
        index = with_calibration(index, calibrate(index))
    index.reranker = reranker
    index_s = time.perf_counter() - began
    outcomes = [_ask(index, str(query["text"]), language) for query in queries]
    if predictions is not None:
        predictions.extend(
            {"text": query["text"], "ranked": list(outcome.ranked), "abstained": outcome.abstained}
            for query, outcome in zip(queries, outcomes, strict=True)
        )
    return figures([set(query["relevant"]) for query in queries], outcomes) | {"index_s": index_s}


def build_index(articles: Sequence[Mapping[str, Any]], *, language: str, embedder: Embedder) -> SearchIndex:
    """An index of plain articles, outside of any database."""
    drafts = [ArticleDraft(str(one["id"]), language, str(one["title"]) or str(one["id"]), str(one["text"])[:MAX_BODY]) for one in articles]
    return index_drafts(drafts, embedder)


def figures(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """The figures of `evaluate_search` save index_s, from what was relevant and what came."""
    asked = [(wanted, outcome.ranked[:DEPTH]) for wanted, outcome in zip(relevant, outcomes, strict=True) if wanted]
    unanswerable = [outcome.abstained for wanted, outcome in zip(relevant, outcomes, strict=True) if not wanted]
    abstained = sum(outcome.abstained for outcome in outcomes)
    milliseconds = [1000 * outcome.seconds for outcome in outcomes] or [0.0]
    return {
        "mrr": _mean([_reciprocal_rank(wanted, ranked) for wanted, ranked in asked]),
        "ndcg10": _mean([_ndcg(wanted, ranked) for wanted, ranked in asked]),
        "recall1": _mean([_recall(wanted, ranked[:1]) for wanted, ranked in asked]),
        "recall5": _mean([_recall(wanted, ranked[:5]) for wanted, ranked in asked]),
        "recall10": _mean([_recall(wanted, ranked) for wanted, ranked in asked]),
        "abstain_precision": sum(unanswerable) / abstained if unanswerable and abstained else None,
        "abstain_recall": _mean([float(one) for one in unanswerable]) if unanswerable else None,
        "p50_ms": float(np.percentile(milliseconds, 50)),
        "p95_ms": float(np.percentile(milliseconds, 95)),
    }


def _ask(index: SearchIndex, question: str, language: str) -> Outcome:
    began = time.perf_counter()
    hits = index.search(question, language=language, limit=DEPTH)
    seconds = time.perf_counter() - began
    abstained = not hits or hits[0].confidence < index.threshold(language)
    return Outcome(tuple(hit.passage.article_id for hit in hits), abstained, seconds)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _reciprocal_rank(wanted: set[str], ranked: Sequence[str]) -> float:
    return next((1 / place for place, identity in enumerate(ranked, start=1) if identity in wanted), 0.0)


def _recall(wanted: set[str], ranked: Sequence[str]) -> float:
    return len(wanted & set(ranked)) / len(wanted)


def _ndcg(wanted: set[str], ranked: Sequence[str]) -> float:
    gain = sum(1 / math.log2(place + 1) for place, identity in enumerate(ranked, start=1) if identity in wanted)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(len(wanted), DEPTH) + 1))
    return gain / ideal
