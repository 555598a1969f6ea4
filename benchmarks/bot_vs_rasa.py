"""Baton's bot and Rasa 3.6.21 on the same project, machine and PostgreSQL, in one run: `make bot-vs-rasa`.

Both are trained from nothing, started, and talked to through Rasa's REST channel by 1, 8 and 32 customers at a time. Rasa runs twice: with
its SQL tracker store and with its in-memory one. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.bot_vs_rasa_load import drive, first_answer
from benchmarks.bot_vs_rasa_sides import RASA, BatonSide, RasaSide, Side
from benchmarks.live import new_folder
from benchmarks.machine import describe_machine
from kit.postgres import EmbeddedPostgres

CONCURRENCY = (1, 8, 32)
START_SECONDS = 300.0
TRAININGS = ("first_training_s", "training_s")
GOALS = (
    ("messages a second at 1", "at_1", "a_second", 5.0, 10.0),
    ("messages a second at 8", "at_8", "a_second", 5.0, 10.0),
    ("messages a second at 32", "at_32", "a_second", 5.0, 10.0),
    ("p95 of a reply at 1", "at_1", "p95_ms", 1 / 5, 1 / 10),
    ("p95 of a reply at 8", "at_8", "p95_ms", 1 / 5, 1 / 10),
    ("p95 of a reply at 32", "at_32", "p95_ms", 1 / 5, 1 / 10),
    ("cold start", "", "cold_start_s", 1 / 5, 1 / 10),
    ("resident memory", "", "memory_mb", 1 / 2, 1 / 4),
    ("training, nothing prepared", "", "first_training_s", 1 / 30, 1 / 100),
    ("training after a change", "", "training_s", 1 / 30, 1 / 100),
)
"""What is to be reached against Rasa with SQL: name, where the figure stands, the ratio that must be, the one aimed at."""


def note(text: str) -> None:
    """Progress, with how busy the machine is, beside the result."""
    print(f"  {time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.1f}  {text}", file=sys.stderr, flush=True)


def train(side: Side) -> dict[str, Any]:
    """Seconds of a training with nothing prepared, and of one after a sentence was added to every intent; beside them the processor's."""
    figures = {}
    for name in TRAININGS:
        note(f"{side.name}: training ...")
        seconds, processor = side.train()
        figures[name], figures[f"{name}_processor"] = round(seconds, 1), round(processor, 1)
        note(f"{side.name}: {name} {figures[name]}, {figures[f'{name}_processor']} of the processor")
        side.change_sentences()
    return figures


def measure(side: Side, *, seconds: float, training: dict[str, Any] | None = None) -> dict[str, Any]:
    """All figures of one side, without `seconds` to talk those of training only; `training` is known when another side did it."""
    figures: dict[str, Any] = dict(training or train(side))
    if not seconds:
        return figures
    note(f"{side.name}: starting ...")
    began = time.monotonic()
    side.start()
    try:
        asyncio.run(first_answer(side.port, patience=START_SECONDS))
        figures["cold_start_s"] = round(time.monotonic() - began, 1)
        figures["memory_mb_idle"] = side.memory_mb()
        note(f"{side.name}: first answer after {figures['cold_start_s']} s, {figures['memory_mb_idle']} MB")
        for concurrency in CONCURRENCY:
            used = side.cpu_seconds()
            found = asyncio.run(drive(side.port, concurrency=concurrency, seconds=seconds))
            found["cpu_ms_a_message"] = round((side.cpu_seconds() - used) * 1000 / max(1, found["messages"]), 1)
            found["load"] = round(os.getloadavg()[0], 1)
            figures[f"at_{concurrency}"] = found
            note(
                f"{side.name}: {concurrency:>2} at a time: {found['a_second']} a second, p50 {found['p50_ms']} ms, p95 {found['p95_ms']} ms"
            )
        figures["memory_mb"] = side.memory_mb()
    finally:
        side.stop()
    return figures


def run(folder: Path, *, seconds: float, wanted: list[str]) -> dict[str, Any]:
    """Figures of all sides by name."""
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        figures: dict[str, Any] = {"machine": describe_machine(), "seconds_a_level": seconds}
        rasa_training: dict[str, Any] | None = None
        if "baton" in wanted:
            figures["baton"] = measure(BatonSide(folder / "baton", server), seconds=seconds)
        for name, store in (("rasa_sql", server), ("rasa_memory", None)):
            if name in wanted:
                figures[name] = measure(RasaSide(folder / name, store), seconds=seconds, training=rasa_training)
                rasa_training = {key: value for key, value in figures[name].items() if key.startswith(TRAININGS)}
        return figures
    finally:
        server.stop()


def verdict(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Each goal with both figures, their ratio, and whether it is reached; empty unless Baton and Rasa with SQL were measured."""
    baton, rasa = figures.get("baton"), figures.get("rasa_sql")
    rows: list[dict[str, Any]] = []
    if not baton or not rasa:
        return []
    for name, where, key, must, aim in GOALS:
        if key not in (baton.get(where, {}) if where else baton):
            continue
        ours, theirs = ((side[where] if where else side)[key] for side in (baton, rasa))
        ratio = ours / theirs
        more = must > 1
        reached = "aim" if (ratio >= aim if more else ratio <= aim) else "must" if (ratio >= must if more else ratio <= must) else "no"
        rows.append({"goal": name, "baton": ours, "rasa": theirs, "ratio": round(ratio, 3), "must": round(must, 3), "reached": reached})
    return rows


def show(figures: dict[str, Any]) -> None:
    """Prints tables in Markdown."""
    sides = [s for s in ("baton", "rasa_sql", "rasa_memory") if s in figures]
    print(f"\nMachine: {figures['machine']}\n")
    print("| | " + " | ".join(sides) + " |\n|---" * 1 + "|---" * len(sides) + "|")
    trainings = [key for name in TRAININGS for key in (name, f"{name}_processor")]
    for key in (*trainings, "cold_start_s", "memory_mb_idle", "memory_mb"):
        print(f"| {key} | " + " | ".join(str(figures[s].get(key, "")) for s in sides) + " |")
    for concurrency in CONCURRENCY if figures["seconds_a_level"] else ():
        for key in ("a_second", "p50_ms", "p95_ms", "p99_ms", "right", "errors", "cpu_ms_a_message", "load"):
            print(f"| {concurrency} at a time: {key} | " + " | ".join(str(figures[s][f"at_{concurrency}"][key]) for s in sides) + " |")
    for row in verdict(figures):
        print(f"{row['reached']:>5}  {row['goal']}: {row['baton']} against {row['rasa']}, ratio {row['ratio']} (must be {row['must']})")


def main() -> int:
    """The command; exit status 1 when a goal that must be reached is not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bot_vs_rasa", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each number of customers talks (default 20)")
    parser.add_argument(
        "--only", action="append", choices=("baton", "rasa_sql", "rasa_memory"), help="measure this side only (may be repeated)"
    )
    parser.add_argument("--train-only", action="store_true", help="measure training, and let nobody talk")
    parser.add_argument("--keep", type=Path, help="work in this folder and keep it, with models and logs")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args()
    wanted = options.only or ["baton", "rasa_sql", "rasa_memory"]
    if not RASA.exists() and set(wanted) != {"baton"}:
        raise SystemExit("Rasa's environment .rasa-venv is not there: run `make rasa-env`, or measure `--only baton`.")
    folder = options.keep or new_folder()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        figures = run(folder, seconds=0.0 if options.train_only else options.seconds, wanted=wanted)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if options.json:
        print(json.dumps(figures | {"verdict": verdict(figures)}))
    return int(any(row["reached"] == "no" for row in verdict(figures)))


if __name__ == "__main__":
    sys.exit(main())
