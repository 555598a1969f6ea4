"""Intents and scope on public sets, where the folder of BATON_EVAL_DATA has them. Nothing that ships is trained on them.

Trained on `train` (a published k-shot sample, or k rows an intent drawn with a fixed seed), measured on `test`, or on `val` where there
is no test.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.settings import Settings
from nlu.evaluate import EvaluationOptions, evaluate_nlu
from nlu.train import Plan

SAMPLE = 1000
_SEED = 7
FIGURES = ("accuracy", "accuracy_rejecting", "oos_recall", "oos_precision", "oos_auroc", "macro_f1", "entity_f1", "ece")
TIMES = ("train_s", "p50_ms", "p95_ms")

Row = dict[str, Any]


@dataclass(frozen=True)
class IntentSet:
    """One way to use a public set. `lessons`: a file of its own; None: the rows of split `train`. `shots`: so many of them an intent."""

    folder: str
    test: str = "test"
    lessons: str | None = None
    shots: int | None = None
    domain: str | None = None
    language: str = "en"
    large: bool = False


SETS: dict[str, IntentSet] = {
    "banking77_5shot": IntentSet("banking77", lessons="train_5shot.jsonl"),
    "banking77_10shot": IntentSet("banking77", lessons="train_10shot.jsonl"),
    "banking77_all": IntentSet("banking77", large=True),
    "clinc150_10shot": IntentSet("clinc150", lessons="train_10shot.jsonl"),
    "clinc150_all": IntentSet("clinc150", large=True),
    "banking77_oos_10shot": IntentSet("banking77_oos", test="val", shots=10),
    "banking77_oos_all": IntentSet("banking77_oos", test="val", large=True),
    "clinc_single_banking": IntentSet("clinc_single_oos", domain="banking"),
    "clinc_single_credit_cards": IntentSet("clinc_single_oos", domain="credit_cards"),
    "snips_100shot": IntentSet("snips", shots=100),
    "snips_all": IntentSet("snips", large=True),
    "smp2019_zh": IntentSet("smp2019_zh", language="zh-Hans"),
}


def intent_set(settings: Settings, name: str, *, full: bool, fine_tune: bool = False) -> dict[str, Any] | None:
    """Figures of one of SETS, on a sample of the test rows unless `full`; None when it is not there, or large and not `full`."""
    chosen = SETS[name]
    folder = settings.eval_data / chosen.folder
    if not folder.is_dir() or (chosen.large and not full):
        return None
    rows = [r for r in _read(folder / "intents.jsonl") if chosen.domain in {None, r.get("domain")}]
    lessons = _read(folder / chosen.lessons) if chosen.lessons else [r for r in rows if r["split"] == "train"]
    test = [r for r in rows if r["split"] == chosen.test]
    asked = test if full else random.Random(_SEED).sample(test, min(SAMPLE, len(test)))
    options = EvaluationOptions(chosen.language, plan=Plan(fine_tune=fine_tune))
    lessons = few(lessons, chosen.shots)
    found = evaluate_nlu(lessons, asked, encoder_cache=settings.encoder_dir, options=options)
    taught = sum(r["intent"] != "oos" for r in lessons)
    return {
        "learned_from": taught,
        "asked": len(asked),
        "of": len(test),
        **{k: found[k] for k in (*FIGURES, *TIMES) if found.get(k) is not None},
    }


def few(rows: Sequence[Row], shots: int | None) -> list[Row]:
    """`shots` rows an intent, drawn with a fixed seed and without those out of scope; all of them for None."""
    if shots is None:
        return list(rows)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row["intent"]), []).append(row)
    chance = random.Random(_SEED)
    return [r for name in sorted(groups) if name != "oos" for r in chance.sample(groups[name], min(shots, len(groups[name])))]


def parts() -> dict[str, Callable[[Settings, bool], dict[str, Any] | None]]:
    """What `make eval` calls, by name."""
    return {name: lambda settings, full, name=name: intent_set(settings, name, full=full) for name in SETS}  # type: ignore[misc]


def _read(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
