"""How many threats to leave, legal and safety words of real complaints raise an alert: `python -m benchmarks.alert_words --json`.

Complaints of two public sets in the folder of BATON_EVAL_DATA (airline_sentiment in English, zh_reviews in Chinese, none of their test
splits), sampled by a fixed seed. `benchmarks/alert_labels.json` says which of them hold what, by their number in the sample: judged by a
reader who did not see the lists of words. Odd numbers were looked at while the lists were written; even ones were not.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from app.settings import read_settings
from desk.alerts.kinds import Kind
from desk.alerts.words import find_words

LABELS = Path(__file__).with_name("alert_labels.json")
SETS = {"en": ("airline_sentiment", 800), "zh": ("zh_reviews", 600)}
KINDS = (Kind.LEAVING, Kind.LEGAL, Kind.SAFETY)
SEED, LONGEST = 3, 400


def read_complaints(folder: Path) -> dict[str, list[str]]:
    """The sampled complaints by language. Raises OSError where a set is missing."""
    chance, found = random.Random(SEED), dict[str, list[str]]()
    for language, (name, count) in SETS.items():
        lines = (folder / name / "sentiment.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row.get("split") != "test" and row["label"] == "negative"]
        found[language] = [" ".join(row["text"].split())[:LONGEST] for row in chance.sample(rows, count)]
    return found


def figures(complaints: list[str], labels: dict[str, list[str]], *, odd: bool) -> dict[str, Any]:
    """For each kind how many there are, how many of them raise an alert, and how many others do."""
    found: dict[str, Any] = {}
    told = {number: set(find_words(text)) for number, text in enumerate(complaints) if number % 2 == odd}
    for kind in KINDS:
        there = {number for number in told if kind.value in labels.get(str(number), ())}
        alerted = {number for number, kinds in told.items() if kind in kinds}
        found[kind.value] = {"there": len(there), "found": len(there & alerted), "wrongly": len(alerted - there)}
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alert_words", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args()
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    complaints = read_complaints(read_settings().eval_data)
    result = {
        language: {name: figures(texts, labels[language], odd=odd) for name, odd in (("looked at", True), ("not looked at", False))}
        for language, texts in complaints.items()
    }
    for language, halves in result.items():
        for half, kinds in halves.items():
            for kind, one in kinds.items():
                print(f"{language}, {half}, {kind}: {one['found']} of {one['there']} found, {one['wrongly']} wrongly")
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
