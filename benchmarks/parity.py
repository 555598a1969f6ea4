"""Compares Baton with what Rasa 3.6.21 did in the parity projects: `python -m benchmarks.parity [--project NAME] [--live]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from kit.errors import BatonError
from tests.parity.baton_player import play_project
from tests.parity.conversations import RECORDINGS, project_hash, project_names
from tests.parity.differences import allowed_differences

RASA = Path(".rasa-venv/bin/python")
WIDTH = 96


@dataclass(frozen=True)
class Difference:
    """A turn in which Baton does not do what Rasa did."""

    project: str
    conversation: str
    turn: int
    said: str
    expected: tuple[dict[str, Any], ...]
    actual: tuple[dict[str, Any], ...]

    @property
    def only_texts(self) -> bool:
        """Whether nothing but the wording of what the bot says differs."""
        return _wordless(self.expected) == _wordless(self.actual)


def _wordless(events: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [{k: v for k, v in e.items() if e["event"] != "bot" or k != "text"} for e in events]


def compare(project: str, recordings: Path = RECORDINGS) -> tuple[int, list[Difference]]:
    """How many turns were compared, and those that differ. Raises FileNotFoundError without a recording."""
    recording = json.loads((recordings / f"{project}.json").read_text(encoding="utf-8"))
    if recording["project"] != project_hash(project):
        raise ValueError(f"{project}: the recording is of other files; run `make parity-record`")
    played = asyncio.run(play_project(project))
    turns, differences = 0, []
    for name, expected in recording["conversations"].items():
        for wanted, got in zip(expected, played[name], strict=True):
            turns += 1
            if wanted["events"] != got["events"]:
                differences.append(Difference(project, name, wanted["turn"], wanted["said"], tuple(wanted["events"]), tuple(got["events"])))
    return turns, differences


def event_line(event: dict[str, Any]) -> str:
    """An event in one line: its kind, then what it says."""
    rest = {k: v for k, v in event.items() if k != "event"}
    return f"{event['event']} {json.dumps(rest, ensure_ascii=False)}" if rest else str(event["event"])


def show(difference: Difference) -> None:
    """Prints a difference, what Rasa did on the left."""
    print(f"\n{difference.project} | {difference.conversation} | turn {difference.turn}: {difference.said!r}")
    print(f"  {'Rasa':{WIDTH}} | Baton")
    for left, right in zip_longest(difference.expected, difference.actual):
        expected, actual = event_line(left) if left else "", event_line(right) if right else ""
        mark = " " if left == right else "x"
        print(f"{mark} {expected[:WIDTH]:{WIDTH}} | {actual[:WIDTH]}")


def record_live(names: list[str], output: Path) -> None:
    """Lets Rasa play `names` anew into `output`. Exits with a hint when its environment is missing."""
    if not RASA.exists():
        raise SystemExit("Rasa's environment .rasa-venv is not there: run `make rasa-env` (Python 3.10, a few minutes, 2.7 GB).")
    subprocess.run([str(RASA), "-m", "benchmarks.parity_record", *names, "--output", str(output)], check=True)


def main() -> None:
    """Compares the named project, or all; exit status 1 when anything differs that is not argued for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", action="append", help="one project (may be repeated); all when not given")
    parser.add_argument("--live", action="store_true", help="record with Rasa now, in place of the committed recordings")
    parser.add_argument("--summary", action="store_true", help="only counts")
    options = parser.parse_args()
    names = options.project or project_names()
    with tempfile.TemporaryDirectory() as folder:
        recordings = Path(folder) if options.live else RECORDINGS
        if options.live:
            record_live(names, recordings)
        sys.exit(1 if _compare_all(names, recordings, summary=options.summary) else 0)


def _compare_all(names: list[str], recordings: Path, *, summary: bool) -> int:
    total, failed, rows = 0, 0, []
    allowed = {(a.project, a.conversation, a.turn) for a in allowed_differences()}
    for name in names:
        try:
            turns, differences = compare(name, recordings)
        except (OSError, ValueError, BatonError) as error:
            rows.append(f"{name:16} cannot be compared: {error}")
            failed += 1
            continue
        meant = [d for d in differences if (d.project, d.conversation, d.turn) in allowed]
        differences = [d for d in differences if d not in meant]
        total, failed = total + turns, failed + len(differences)
        said = f", {len(meant)} differ as argued" if meant else ""
        rows.append(f"{name:16} {turns - len(differences) - len(meant):4} of {turns:4} turns alike{said}")
        for difference in () if summary else differences:
            show(difference)
    print("\n" + "\n".join(rows) + f"\n{'together':16} {total} turns, {failed} differences")
    return failed


if __name__ == "__main__":
    main()
