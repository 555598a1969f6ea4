"""Quality on public sets, where the folder of BATON_EVAL_DATA has them. Nothing that ships is trained on them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from app.search_encoder import search_encoder
from app.settings import Settings
from benchmarks.peers import bm25
from knowledge.evaluate import evaluate_search, figures

SEARCHES = {"covid_faq": "en", "faquad_pt": "pt", "drcd_zh_hant": "zh-Hant"}
SAMPLE_QUESTIONS, SAMPLE_ARTICLES = 300, 600
_SEED = 7


def search_set(settings: Settings, name: str, *, full: bool) -> dict[str, Any] | None:
    """One retrieval set (a sample unless `full`), asked of Baton's index and of BM25 alone; None when it is not there."""
    folder = settings.eval_data / name
    if not folder.is_dir():
        return None
    articles, queries = _read(folder / "kb.jsonl"), _read(folder / "queries.jsonl")
    whole = (len(articles), len(queries))
    if not full:
        articles, queries = _sampled(articles, queries)
    embedder = search_encoder(settings, remembering=True)
    measured = evaluate_search(articles, queries, language=SEARCHES[name], embedder=embedder)
    peer = figures([set(q["relevant"]) for q in queries], bm25(articles, queries))
    sizes = {"articles": len(articles), "of_articles": whole[0], "questions": len(queries), "of_questions": whole[1]}
    return sizes | _rounded(measured) | {"peer_bm25": _rounded({k: peer[k] for k in ("mrr", "ndcg10", "recall1", "recall5", "recall10")})}


def _sampled(articles: list[dict[str, Any]], queries: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """At most `SAMPLE_QUESTIONS` questions, with what answers them and others up to `SAMPLE_ARTICLES`."""
    chance = random.Random(_SEED)
    asked = chance.sample(queries, min(SAMPLE_QUESTIONS, len(queries)))
    needed = {identity for query in asked for identity in query["relevant"]}
    others = [a["id"] for a in articles if a["id"] not in needed]
    kept = needed | set(chance.sample(others, max(0, min(SAMPLE_ARTICLES - len(needed), len(others)))))
    return [a for a in articles if a["id"] in kept], asked


def _rounded(found: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in found.items()}


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
