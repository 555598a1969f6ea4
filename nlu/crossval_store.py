"""Keeps the judgements of a cross-validation, so that the tools which need one after another wait for it once.

The key covers the data, the folds, the plan, the sentences of sentiment and the code of nlu itself: whatever changes, it is made anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu.crossval import Judged, Judgement, Split
from nlu.data import Example, TrainingData
from nlu.train import Plan
from nlu.types import Entity, Sentiment, Understanding

KEPT = 4


def judgement_key(data: TrainingData, *, split: Split, plan: Plan) -> str:
    """Changes whenever the judgement could change."""
    code = Path(__file__).resolve().parent
    files = sorted(code.rglob("*.py")) + (sorted(plan.sentiment.rglob("*.yml")) if plan.sentiment else [])
    digest = hashlib.sha256(f"{data.digest()} {split} {plan}".encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:32]


def find_judgement(folder: Path, key: str, examples: tuple[Example, ...]) -> Judgement | None:
    """The kept judgement of these examples, None when there is none that can be read."""
    file = folder / f"{key}.json"
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        found = [_understanding(row) for row in raw["understandings"]]
        judged = tuple(Judged(*one) for one in zip(examples, found, raw["tagged"], strict=True))
        return Judgement(judged, raw["method"], raw["sentiment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_judgement(folder: Path, key: str, judgement: Judgement) -> None:
    """Writes it in one step; only the KEPT newest stay."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one.understanding) for one in judgement.judged]
    tagged = [one.tagged for one in judgement.judged]
    content = {"method": judgement.method, "sentiment": dict(judgement.sentiment), "understandings": rows, "tagged": tagged}
    fresh = folder / f".{key}.new"
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(folder / f"{key}.json")
    for old in sorted(folder.glob("*.json"), key=lambda f: f.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)


def _understanding(row: dict[str, Any]) -> Understanding:
    pairs: dict[str, Any] = {name: tuple((str(intent), float(p)) for intent, p in row[name]) for name in ("ranking", "also")}
    pairs["clauses"] = tuple((str(intent), str(words)) for intent, words in row.get("clauses", ()))
    return Understanding(
        **{**row, **pairs, "entities": tuple(Entity(**e) for e in row["entities"]), "sentiment": Sentiment(**row["sentiment"])}
    )
