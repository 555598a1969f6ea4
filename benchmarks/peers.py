"""What Baton is compared with in the same run: the plain things that anyone would try first."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import bm25s
import jieba
import numpy as np
from opencc import OpenCC
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from knowledge.evaluate import DEPTH, Outcome
from nlu.encoders import get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.port import Vectors

Row = Mapping[str, Any]
OUT_OF_SCOPE = frozenset({"oos", "out_of_scope"})
_WORD = re.compile(r"\w+")


def logistic_regression(train: Sequence[Row], test: Sequence[Row], *, encoder: str, encoder_cache: Path) -> dict[str, float | None]:
    """scikit-learn's logistic regression (C=10) on sentence embeddings; out of scope, where there are examples, is a class like others.

    `accuracy` and `accuracy_rejecting` are over in-scope rows (the second counts an answer "out of scope" as wrong, the first asks for
    the best other class), `oos_recall` over the others. None for what the rows cannot say.
    """
    embedder = CachedEncoder(get_encoder(encoder, encoder_cache), encoder_cache / "embeddings.sqlite")
    with threadpool_limits(limits=2, user_api="blas"):
        model = fit_head(embedder.encode([str(r["text"]) for r in train]), [_label(r) for r in train])
        chances = model.predict_proba(embedder.encode([str(r["text"]) for r in test]))
    classes = np.array(model.classes_)
    said = classes[chances.argmax(axis=1)]
    best = classes[np.where(classes == "oos", -1.0, chances).argmax(axis=1)]
    truth = np.array([_label(r) for r in test])
    inner = truth != "oos"
    return {
        "accuracy": _share(best[inner] == truth[inner]),
        "accuracy_rejecting": _share(said[inner] == truth[inner]),
        "oos_recall": _share(said[~inner] == "oos"),
    }


def fit_head(vectors: Vectors, labels: Sequence[str]) -> Any:
    """A logistic regression that has learned the labels of the vectors (n, dimension)."""
    model = LogisticRegression(C=10.0, max_iter=1000)
    model.fit(vectors, list(labels))
    return model


def _label(row: Row) -> str:
    return "oos" if row["intent"] in OUT_OF_SCOPE else str(row["intent"])


def _share(right: Any) -> float | None:
    return round(float(np.mean(right)), 4) if len(right) else None


def words(text: str) -> list[str]:
    """Lower-case words; Chinese in Simplified script, cut by jieba."""
    jieba.setLogLevel(logging.WARNING)
    return [word for part in jieba.cut(_simplify().convert(text.lower())) for word in _WORD.findall(part)]


@cache
def _simplify() -> Any:
    return OpenCC("t2s")


def bm25(articles: Sequence[Row], queries: Sequence[Row]) -> list[Outcome]:
    """BM25 alone over whole articles, title and text; it never abstains."""
    index = bm25s.BM25(method="lucene")
    index.index([words(f"{a['title']}\n{a['text']}") or [""] for a in articles], show_progress=False)
    ids = [str(a["id"]) for a in articles]
    outcomes = []
    for query in queries:
        known = [word for word in words(str(query["text"])) if word in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(ids))
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        outcomes.append(Outcome(tuple(ids[i] for i in order if scores[i] > 0), False, 0.0))
    return outcomes
