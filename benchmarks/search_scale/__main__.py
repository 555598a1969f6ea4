"""`python -m benchmarks.search_scale`: speed, recall, memory and building of search, from a thousand articles to a million passages.

Real sentences of the public sets (folder of BATON_EVAL_DATA, default ../shared/data) are encoded once (kept under BATON_ENCODER_CACHE) and,
beyond 24,000 passages, perturbed: see `benchmarks/search_scale/texts.py`. Each size runs in a process of its own. `--json` prints one JSON
object, last; `--plot FILE.svg` draws how time grows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.search_encoder import search_encoder
from app.settings import read_settings
from benchmarks.machine import describe_machine
from benchmarks.search_scale.measuring import measure
from benchmarks.search_scale.plotting import draw
from benchmarks.search_scale.texts import read_base

SIZES = {"1,000 articles": (4_000, 4), "10,000": (10_000, 4), "100,000": (100_000, 3), "1,000,000": (1_000_000, 3)}
REAL = 24_000


def run_one(name: str, *, questions: int, compared: int) -> dict[str, Any]:
    """The figures of one size."""
    settings = read_settings()
    base = read_base(settings.eval_data, search_encoder(settings, remembering=True), passages=REAL, questions=questions)
    passages, each = SIZES[name]
    return {"size": name} | asdict(measure(base, passages, search_encoder(settings), each=each, compared=compared))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_scale", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(SIZES), help="which sizes (default: all)")
    parser.add_argument("--questions", type=int, default=400, help="questions asked of each size (default 400)")
    parser.add_argument("--compared", type=int, default=200, help="how many of them are compared with exact search (default 200)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    parser.add_argument("--plot", type=Path, help="where to draw how time grows (SVG)")
    parser.add_argument("--one", choices=SIZES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, questions=options.questions, compared=options.compared)))
        return 0
    figures: list[dict[str, Any]] = []
    for name in options.sizes:
        command = [sys.executable, "-m", "benchmarks.search_scale", "--one", name]
        command += ["--questions", str(options.questions), "--compared", str(options.compared)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        figures.append(json.loads(done.stdout.splitlines()[-1]))
        print("  ".join(f"{key} {value}" for key, value in figures[-1].items()), flush=True)
    if options.plot:
        options.plot.write_text(draw(figures), encoding="utf-8")
    if options.json:
        print(json.dumps({"machine": describe_machine(), "sizes": figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
