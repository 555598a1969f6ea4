"""The comparison of searches: which questions it asks, and when it says that Baton is above."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.search_peers.sets import read_set, sampled
from benchmarks.search_vs_peers import is_above


def _write(folder: Path, file: str, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _set(folder: Path, name: str, splits: list[str]) -> None:
    _write(folder / name, "kb.jsonl", [{"id": f"a{n}", "title": "T", "text": "x"} for n in range(20)])
    _write(folder / name, "queries.jsonl", [{"text": f"q{n}", "relevant": [f"a{n}"], "split": s} for n, s in enumerate(splits)])


def test_the_measuring_part_is_asked_and_train_only_under_its_own_name(tmp_path: Path) -> None:
    _set(tmp_path, "faquad_pt", ["train", "train", "test"])
    test, train = read_set(tmp_path, "faquad_pt"), read_set(tmp_path, "faquad_pt_train")
    assert test is not None
    assert train is not None
    assert [row["text"] for row in test.questions] == ["q2"]
    assert [row["text"] for row in train.questions] == ["q0", "q1"]


def test_a_set_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_set(tmp_path, "covid_faq") is None


def test_of_dialogues_only_turns_that_need_knowledge_are_asked(tmp_path: Path) -> None:
    turns = [{"speaker": "customer", "text": text} for text in ("one", "two", "three", "four")]
    rows = [
        {"id": "1", "turns": turns, "needs_kb": True, "relevant": ["a1"]},
        {"id": "2", "turns": turns, "needs_kb": False, "relevant": []},
    ]
    _write(tmp_path / "dstc11_t5", "kb.jsonl", [{"id": "a1", "title": "T", "text": "x"}])
    _write(tmp_path / "dstc11_t5", "dialogues.jsonl", rows)
    found = read_set(tmp_path, "dstc11_t5")
    assert found is not None
    assert found.questions == [{"text": "two three four", "relevant": ["a1"]}]


def test_a_sample_keeps_what_answers_its_questions(tmp_path: Path) -> None:
    _set(tmp_path, "covid_faq", ["test"] * 15)
    whole = read_set(tmp_path, "covid_faq")
    assert whole is not None
    part = sampled(whole, questions=4, articles=6)
    assert (len(part.questions), len(part.articles)) == (4, 6)
    assert {one for row in part.questions for one in row["relevant"]} <= {row["id"] for row in part.articles}


def test_baton_is_above_only_when_no_figure_is_lower() -> None:
    best = {"mrr": 0.8, "ndcg10": 0.8, "recall1": 0.7, "recall5": 0.9, "recall10": 0.95}
    low = dict.fromkeys(best, 0.5)
    assert is_above({"articles": 3, "Baton": best, "BM25 alone": low})
    assert not is_above({"Baton": best, "BM25 alone": low | {"recall5": 0.91}})
    assert not is_above({"Baton": best, "BM25 alone": low | {"mrr": 0.8}})
