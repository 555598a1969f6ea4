"""`make search-peers`: Baton's search, BM25 alone, meaning alone and a Haystack hybrid on the same articles and questions, in one run.

All read with the same encoder: meaning alone and Haystack have one vector for each article, of its title and text. Words are those of
`peers.words` for BM25 and Haystack. Sets are looked for under BATON_EVAL_DATA (default: ../shared/data). A sample of each set is asked
unless `--full`. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from app.search_encoder import search_encoder
from app.settings import ROOT, Settings, read_settings
from benchmarks.machine import describe_machine
from benchmarks.peers import bm25, words
from benchmarks.search_peers.sets import SETS, SearchSet, read_set, sampled
from knowledge.chinese import one_script
from knowledge.evaluate import DEPTH, Outcome, evaluate_search, figures
from knowledge.ports import Embedder, Vectors

HAYSTACK = "Haystack hybrid"
_SHOWN = ("mrr", "ndcg10", "recall1", "recall5", "recall10")


def compare(chosen: SearchSet, encoder: Embedder) -> dict[str, Any]:
    """The figures of each system on one set."""
    relevant = [{str(identity) for identity in row["relevant"]} for row in chosen.questions]
    ids = [str(row["id"]) for row in chosen.articles]
    documents = encoder.encode([one_script(f"{row['title']}\n{row['text']}") for row in chosen.articles])
    questions = encoder.encode([one_script(str(row["text"])) for row in chosen.questions])
    found: dict[str, Any] = {"articles": len(ids), "questions": len(relevant), "what": chosen.what}
    found["Baton"] = _rounded(evaluate_search(chosen.articles, chosen.questions, language=chosen.language, embedder=encoder))
    found["BM25 alone"] = _scored(relevant, bm25(chosen.articles, chosen.questions))
    found["meaning alone"] = _scored(relevant, [_nearest(ids, documents, row) for row in questions])
    hybrid = _haystack(chosen, documents, questions)
    if hybrid is not None:
        found[HAYSTACK] = _scored(relevant, hybrid)
    return found


def _nearest(ids: Sequence[str], documents: Vectors, question: Vectors) -> Outcome:
    order = np.argsort(-(documents @ question), kind="stable")[:DEPTH]
    return Outcome(tuple(ids[place] for place in order), False, 0.0)


def _haystack(chosen: SearchSet, documents: Vectors, questions: Vectors) -> list[Outcome] | None:
    """What the pipeline finds; None when its environment is not there. Raises RuntimeError with its last words when it fails."""
    python = haystack_python()
    if not python.is_file():
        return None
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cut = [{"id": str(row["id"]), "content": " ".join(words(f"{row['title']}\n{row['text']}"))} for row in chosen.articles]
        job = {"documents": cut, "questions": [" ".join(words(str(row["text"]))) for row in chosen.questions]}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        np.savez(folder / "vectors.npz", documents=documents, questions=questions)
        quiet = {**os.environ, "HAYSTACK_TELEMETRY_ENABLED": "false"}
        command = [str(python), "-m", "benchmarks.search_peers.haystack_side", str(folder)]
        done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Haystack failed: {done.stderr.strip()[-600:]}")
        ranked = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return [Outcome(tuple(ids), False, 0.0) for ids in ranked]


def haystack_python() -> Path:
    """The Python of Haystack's environment; it may not be there."""
    return ROOT / (os.environ.get("BATON_HAYSTACK_ENV") or ".haystack-venv") / "bin" / "python"


def _scored(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    found = figures(relevant, outcomes)
    return _rounded({name: found[name] for name in _SHOWN})


def _rounded(found: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 4) for name, value in found.items()}


def main() -> int:
    """The command. Returns 1 when Baton is not above every other on some set."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_vs_peers", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--only", nargs="+", choices=sorted(SETS), help="which sets; default: all that are there")
    parser.add_argument("--full", action="store_true", help="whole sets, not samples: an hour and more the first time")
    parser.add_argument("--encoder", help="another encoder than that of the settings")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    chosen = parser.parse_args()
    settings = read_settings()
    console = Console(stderr=chosen.json)
    settings = replace(settings, encoder_search=chosen.encoder or settings.encoder_search)
    found: dict[str, Any] = {"machine": describe_machine(), "encoder": settings.encoder_search}
    if not haystack_python().is_file():
        console.print("Haystack's environment is not there: `make haystack-env` makes it. The others are measured.")
    for name in chosen.only or SETS:
        figures_of = _measure(settings, name, full=chosen.full)
        if figures_of is None:
            console.print(f"{name} is not under {settings.eval_data}; passed over.")
            continue
        found[name] = figures_of
        console.print(_table(name, figures_of))
    if chosen.json:
        sys.stdout.write(json.dumps(found) + "\n")
    return 0 if all(is_above(one) for name, one in found.items() if name in SETS) else 1


def _measure(settings: Settings, name: str, *, full: bool) -> dict[str, Any] | None:
    whole = read_set(settings.eval_data, name)
    if whole is None:
        return None
    part = whole if full else sampled(whole, questions=300, articles=600)
    return compare(part, search_encoder(settings, remembering=True))


def is_above(found: Mapping[str, Any]) -> bool:
    """Whether Baton is at least as good as every other in each figure, and better in the first."""
    others = [one for name, one in found.items() if isinstance(one, Mapping) and name != "Baton"]
    return all(found["Baton"][name] >= one[name] for one in others for name in _SHOWN) and all(
        found["Baton"]["mrr"] > one["mrr"] for one in others
    )


def _table(name: str, found: Mapping[str, Any]) -> Table:
    table = Table(title=f"{name}: {found['questions']} questions, {found['articles']} articles ({found['what']})")
    for column in ("system", *_SHOWN, "p50 ms", "p95 ms"):
        table.add_column(column)
    for system, one in found.items():
        if isinstance(one, Mapping):
            table.add_row(system, *(f"{one[key]:.4f}" for key in _SHOWN), *(str(one.get(key, "")) for key in ("p50_ms", "p95_ms")))
    return table


if __name__ == "__main__":
    sys.exit(main())
