"""`make peers`: Baton, Rasa's DIET, SetFit and plain logistic regression, trained and asked on the same rows in one run, one after another.

Each is trained in a process of its own and asked in a second one, sentence by sentence, on one thread; nothing else of this command runs
meanwhile. Rows of the intent "oos" or "out_of_scope" among the lessons are shown to all. A peer whose environment is missing is named, with
the command that makes it. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from app.settings import ROOT, read_settings
from benchmarks.machine import describe_machine
from benchmarks.nlu_peers.job import write_job
from benchmarks.nlu_peers.rows import PRESETS, Rows, file_rows, preset_rows, smaller
from benchmarks.nlu_peers.scores import latency, score, table
from kit.errors import BatonError


@dataclass(frozen=True)
class System:
    """How one is run: its module, the Python of its environment (variable, default), the command that makes that, and its own options."""

    title: str
    module: str
    environment: tuple[str, str] | None = None
    made_by: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def python(self) -> Path:
        """The Python that runs it; it may not be there."""
        if self.environment is None:
            return Path(sys.executable)
        variable, default = self.environment
        return ROOT / (os.environ.get(variable) or default) / "bin" / "python"


SYSTEMS = {
    "lr": System("logistic regression", "regression"),
    "baton": System("Baton", "baton", options={"fine_tune": False}),
    "baton-tuned": System("Baton, fine-tuned", "baton", options={"fine_tune": True}),
    "setfit": System("SetFit 1.2.0", "set_fit", ("BATON_PEERS_ENV", ".peers-venv"), "make peers-env"),
    "diet": System("Rasa 3.6.21 DIET", "diet", ("BATON_RASA_ENV", ".rasa-venv"), "make rasa-env"),
}


class PeerError(RuntimeError):
    """A peer's process failed; the message is the end of what it wrote."""


def measure(system: System, rows: Rows, *, folder: Path, options: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """Figures of one system; {"note"} alone when it could not run."""
    if not system.python().exists():
        return {"skipped": True, "note": f"skipped: its environment is missing, make it with `{system.made_by}`"}
    write_job(folder, train=rows.train, test=[text for text, _ in rows.test], options={**options, **system.options})
    try:
        learned = _run(system, "train", folder, threads)
        asked = _run(system, "test", folder, 1)
    except PeerError as error:
        return {"failed": True, "note": f"failed: {error}"}
    figures = score([intent for _, intent in rows.test], asked.pop("answers")) | learned | latency(asked.pop("times_ms"))
    return figures | asked


def _run(system: System, phase: str, folder: Path, threads: int) -> dict[str, Any]:
    """Runs one phase in the folder of the job, its output in PHASE.log. Raises PeerError."""
    command = [str(system.python()), "-W", "ignore", "-m", f"benchmarks.nlu_peers.{system.module}", phase, str(folder)]
    with (folder / f"{phase}.log").open("wb") as log:
        done = subprocess.run(command, cwd=folder, env=surroundings(threads), stdout=log, stderr=log, check=False)
    if done.returncode:
        lines = (folder / f"{phase}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise PeerError(f"{phase} ended with {done.returncode}: {lines[-1] if lines else 'no message'}")
    found: dict[str, Any] = json.loads((folder / f"{phase}.json").read_text(encoding="utf-8"))
    return found


def surroundings(threads: int) -> dict[str, str]:
    """The environment of a peer: so many threads, no network, no graphics card, no telemetry."""
    count = str(threads)
    names = (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "TF_INTRA_OP_PARALLELISM_THREADS",
        "TF_INTER_OP_PARALLELISM_THREADS",
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "RASA_TELEMETRY_ENABLED": "false"}
    alone = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **dict.fromkeys(names, count), **quiet, **alone}


def race(rows: Rows, names: Sequence[str], *, folder: Path, options: Mapping[str, Any], threads: int) -> dict[str, dict[str, Any]]:
    """Figures by title, one system after another; what is under way is said on standard error."""
    console, found = Console(stderr=True, highlight=False), {}
    for name in names:
        system = SYSTEMS[name]
        console.print(f"{system.title} ...")
        found[system.title] = measure(system, rows, folder=folder / name, options=options, threads=threads)
        console.print(f"{system.title}: {json.dumps(found[system.title])}", soft_wrap=True)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 1 when a system failed, 2 when the rows cannot be read."""
    options = read_options(arguments)
    settings = read_settings()
    try:
        rows = preset_rows(options.preset, settings) if options.preset else file_rows(options.train, options.test)
    except BatonError as error:
        print(f"{error} {error.hint or ''}".strip(), file=sys.stderr)
        return 2
    rows = smaller(rows, limit=options.limit, intents=options.intents)
    chosen = {
        "epochs": options.epochs,
        "threshold": options.diet_threshold,
        "setfit_steps": options.setfit_steps,
        "language": options.language,
        "encoder_cache": str(settings.encoder_dir),
    }
    machine = describe_machine() | {"threads": options.threads}
    sizes = {"name": rows.name, "train": len(rows.train), "intents": len({i for _, i in rows.train}), "test": len(rows.test)}
    with tempfile.TemporaryDirectory(prefix="baton-peers-") as folder:
        found = race(rows, options.systems, folder=Path(options.keep or folder).resolve(), options=chosen, threads=options.threads)
    title = "{name}: {train} sentences of {intents} intents, {test} asked".format(**sizes)
    Console(file=sys.stderr if options.json else sys.stdout, width=200).print(table(found, title=title))
    if options.json:
        print(json.dumps({"machine": machine, "rows": sizes, "systems": found}, ensure_ascii=False))
    return int(any(figures.get("failed") for figures in found.values()))


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with usage and exit code 2 when it says nothing that can be measured."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.preset and not (options.train and options.test):
        parser.error("name a --preset, or --train and --test")
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"--keep {options.keep} is not empty; name a new folder")
    return options


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'} is no system; known: {', '.join(SYSTEMS)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu_vs_peers", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument(
        "--preset", choices=PRESETS, help="rows of BATON_EVAL_DATA (default: ../shared/data), or the sample shop's in English"
    )
    parser.add_argument("--train", type=Path, help='without a preset: rows {"text","intent"} to learn from, one JSON object a line')
    parser.add_argument("--test", type=Path, help="rows of the same form to be asked")
    parser.add_argument("--systems", type=_names, default=list(SYSTEMS), help=f"which, in this order (default {','.join(SYSTEMS)})")
    parser.add_argument("--limit", type=int, help="ask at most so many rows of the test, drawn with a fixed seed")
    parser.add_argument("--intents", type=int, help="only the first so many intents: a quick look whether everything runs")
    parser.add_argument("--language", default="en", help="of the rows (default en); DIET and SetFit are set up for English")
    parser.add_argument("--epochs", type=int, default=100, help="of DIET (default 100, Rasa's own)")
    parser.add_argument("--diet-threshold", type=float, default=0.7, help="confidence under which Rasa rejects (default 0.7)")
    parser.add_argument(
        "--setfit-steps", type=int, default=0, help="most training steps of SetFit (default 0: one pass over all its pairs)"
    )
    parser.add_argument("--threads", type=int, default=1, help="for training (default 1); answers are always measured on one")
    parser.add_argument("--keep", type=Path, help="keep models, answers and logs in this new folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    return parser


if __name__ == "__main__":
    sys.exit(main())
