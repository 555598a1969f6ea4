"""`python -m benchmarks.quality_spans`: the trained tagger on public sets of entities, by exact spans and labels.

SNIPS and SMP2019 are tested on their test rows. Of Restaurants-8k and of each DSTC8 service a fifth of the rows that are there is held out,
by a hash of the text; the slot just asked for is told. `--rows N` learns from the first N rows by that hash, `--split val` is for tuning.
Sets are looked for under BATON_EVAL_DATA (default: ../shared/data). `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.settings import Settings, read_settings
from benchmarks.machine import describe_machine
from nlu.evaluate import rows_to_data
from nlu.tagging.evaluate import evaluate_tagger

Row = dict[str, Any]
INTENT_SETS = {"snips": "en", "smp2019_zh": "zh-Hans"}
DOMAINS = ("restaurant8k", "Buses_1", "Events_1", "Homes_1", "RentalCars_1")
HELD_OUT = 5


def rows_of(settings: Settings, name: str, split: str) -> tuple[list[Row], list[Row]] | None:
    """(to learn from, to be tested on); None when the set is not there."""
    file = settings.eval_data / (f"{name}/intents.jsonl" if name in INTENT_SETS else "span_extraction/entities.jsonl")
    if not file.is_file():
        return None
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if name in INTENT_SETS:
        return [row for row in rows if row["split"] == "train"], [row for row in rows if row["split"] == split]
    own = [{"intent": name, **row} for row in rows if row["domain"] == name and row["split"] == "train"]
    fold = HELD_OUT - 1 if split == "test" else HELD_OUT - 2
    kept = [row for row in own if _order(row) % HELD_OUT not in {fold, HELD_OUT - 1}]
    return kept, [row for row in own if _order(row) % HELD_OUT == fold]


def _order(row: Mapping[str, Any]) -> int:
    return int(hashlib.sha256(str(row["text"]).encode()).hexdigest()[:12], 16)


def measure(settings: Settings, name: str, *, split: str = "test", most: int | None = None, kept: Path) -> dict[str, Any] | None:
    """The figures of one set; None when it is not there."""
    found = rows_of(settings, name, split)
    if found is None:
        return None
    lessons, test = found
    lessons = sorted(lessons, key=_order)[:most] if most else lessons
    language = INTENT_SETS.get(name, "en")
    data = rows_to_data(lessons, language=language, oos_train=True)
    figures = evaluate_tagger(data, test, language=language, encoder_cache=settings.encoder_dir, kept=kept)
    return {"learned": len(lessons), "tested": len(test), **figures}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    names = (*INTENT_SETS, *DOMAINS)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_spans", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="measure these sets only")
    parser.add_argument("--rows", type=int, help="learn from so many rows only")
    parser.add_argument("--split", choices=("val", "test"), default="test", help="val: rows to tune on, never those of the test")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args(arguments)
    settings, found = read_settings(), {"machine": describe_machine()}
    settings.encoder_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as kept:
        for name in options.only:
            figures = measure(settings, name, split=options.split, most=options.rows, kept=Path(kept))
            said = json.dumps(figures) if figures else f"not under {settings.eval_data}, passed over"
            print(f"{name}: {said}", file=sys.stderr, flush=True)
            if figures:
                found[name] = figures
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
