"""Public sets of articles and questions, each with the part that measures: test rows where there are any, else what the set publishes."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Row = dict[str, Any]
_SEED = 7
_TURNS = 3  # of a dialogue, the last of which asks


@dataclass(frozen=True)
class SearchSet:
    """Articles {"id","title","text"} and questions {"text","relevant"}; `what` says which part of the published set they are."""

    name: str
    language: str
    what: str
    articles: list[Row]
    questions: list[Row]


SETS = {
    "covid_faq": ("en", "all questions (published as test)"),
    "dstc11_t5": ("en", "turns that need knowledge, validation; the last three turns as one question"),
    "faquad_pt": ("pt", "test"),
    "faquad_pt_train": ("pt", "train"),
    "aia_bde_pt": ("pt", "val: questions by people"),
    "drcd_zh_hant": ("zh-Hant", "val"),
}


def read_set(folder: Path, name: str) -> SearchSet | None:
    """One of `SETS` from the folder of public data; None when it is not there."""
    language, what = SETS[name]
    place = folder / name.removesuffix("_train")
    if not (place / "kb.jsonl").is_file():
        return None
    articles = _rows(place / "kb.jsonl")
    if name == "dstc11_t5":
        return SearchSet(name, language, what, articles, _dialogues(place / "dialogues.jsonl"))
    part = {"faquad_pt": "test", "faquad_pt_train": "train", "aia_bde_pt": "val"}.get(name)
    questions = [row for row in _rows(place / "queries.jsonl") if part in (None, row["split"])]
    return SearchSet(name, language, what, articles, questions)


def sampled(whole: SearchSet, *, questions: int, articles: int) -> SearchSet:
    """At most so many questions, drawn with a fixed seed, with what answers them and other articles up to that number."""
    chance = random.Random(_SEED)
    asked = chance.sample(whole.questions, min(questions, len(whole.questions)))
    needed = {identity for row in asked for identity in row["relevant"]}
    others = [row["id"] for row in whole.articles if row["id"] not in needed]
    kept = needed | set(chance.sample(others, max(0, min(articles - len(needed), len(others)))))
    return replace(whole, questions=asked, articles=[row for row in whole.articles if row["id"] in kept])


def _dialogues(file: Path) -> list[Row]:
    rows = [row for row in _rows(file) if row["needs_kb"] and row["relevant"]]
    return [{"text": " ".join(turn["text"] for turn in row["turns"][-_TURNS:]), "relevant": row["relevant"]} for row in rows]


def _rows(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
