"""`python -m benchmarks.dialogue_policy`: how well the policies go on where no story has gone.

An invented bicycle hire has 25 stories; further talks of the same behaviour (other orders, interruptions, corrections, changes of mind) are
held out. `--rasa PYTHON` also trains Rasa's TED on the same stories, with the Python of Rasa's environment; it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.dialogue_policy.measuring import measure
from benchmarks.dialogue_policy.rasa_side import measure_rasa
from benchmarks.machine import describe_machine


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dialogue_policy", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--talks", type=int, default=60, help="how many talks are held out (60)")
    parser.add_argument("--max-history", type=int, help="how many states count (all)")
    parser.add_argument("--rasa", type=Path, help="the Python of Rasa's environment, e.g. .rasa-venv/bin/python")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": describe_machine()}
    with tempfile.TemporaryDirectory() as folder:
        found |= measure(Path(folder), talks=options.talks, max_history=options.max_history)
        if options.rasa:
            found["rasa_ted"] = measure_rasa(options.rasa.absolute(), Path(folder), max_history=options.max_history)
    print(json.dumps(found) if options.json else json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
