"""`make bench`: how long Baton takes to start, to answer and to suggest on this machine, and how much memory it needs.

Starts a `baton run --demo` on a fresh data folder and drives it over HTTP. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import psutil

from app.commands.bench import drive
from benchmarks.live import ROOT, LiveBaton, new_folder
from benchmarks.machine import describe_machine
from benchmarks.suggesting import measure_suggestions

QUESTIONS = ROOT / "training_data" / "tests" / "en" / "questions.jsonl"
TURNS = 4


def measure(baton: LiveBaton, *, conversations: int, questions: int) -> dict[str, Any]:
    """All figures of a Baton that is not started yet; it is stopped at the end."""
    figures: dict[str, Any] = describe_machine() | {"first_start_s": round(baton.start(), 1)}
    baton.stop()
    figures["second_start_s"] = round(baton.start(), 1)
    try:
        figures |= memory(baton, "idle")
        asyncio.run(drive(baton.url, conversations=2, concurrency=1, turns=2))  # the first replies fill caches
        for concurrency in (1, 8):
            found = asyncio.run(drive(baton.url, conversations=conversations, concurrency=concurrency, turns=TURNS))
            names = ("p50_ms", "p95_ms", "throughput", "sent", "lost", "duplicated", "errors")
            figures |= {f"reply_{name}_at_{concurrency}": found[name] for name in names}
        figures |= asyncio.run(measure_suggestions(baton.url, baton.database_url, questions_of_the_shop(questions)))
        figures |= memory(baton, "loaded")
        figures["torch_mapped"] = {name: torch_is_mapped(baton.child(name)) for name in ("serve", "work")}
    finally:
        baton.stop()
    return figures


def memory(baton: LiveBaton, when: str) -> dict[str, float]:
    """Megabytes: resident memory of `serve`, `work` and the supervisor; of PostgreSQL the proportional share of all its processes."""
    assert baton.process is not None
    figures = {f"rss_mb_{name}_{when}": baton.child(name).memory_info().rss / 1e6 for name in ("serve", "work")}
    figures[f"rss_mb_run_{when}"] = psutil.Process(baton.process.pid).memory_info().rss / 1e6
    postmaster = baton.child("postgres")
    total = 0
    for process in (postmaster, *postmaster.children()):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    figures[f"pss_mb_postgres_{when}"] = total / 1e6
    return {name: round(value, 1) for name, value in figures.items()}


def torch_is_mapped(process: psutil.Process) -> bool:
    """Whether torch's libraries are in the memory of a process (Linux)."""
    return "libtorch" in Path(f"/proc/{process.pid}/maps").read_text()


def questions_of_the_shop(count: int) -> list[str]:
    """What the shop's tests ask in English and its articles answer."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [str(row["text"]) for row in rows if row["relevant"]][:count]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_figures", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument(
        "--conversations", type=int, default=24, help=f"conversations of {TURNS} questions at each concurrency (default 24)"
    )
    parser.add_argument("--questions", type=int, default=60, help="questions to suggest for (default 60)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args()
    folder = new_folder()
    try:
        figures = measure(LiveBaton(folder), conversations=options.conversations, questions=options.questions)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"  {name:<32} {value}")
    return int(any(figures["torch_mapped"].values()))


if __name__ == "__main__":
    sys.exit(main())
