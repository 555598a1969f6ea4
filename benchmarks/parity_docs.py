"""Writes docs/rasa-parity.md from the recordings and the argued differences: `python -m benchmarks.parity_docs`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.parity.conversations import RECORDINGS, about, project_names
from tests.parity.differences import allowed_differences

DOCS = Path(__file__).resolve().parent.parent / "docs" / "rasa-parity.md"
HEAD = """# Parity with Rasa 3.6.21

{projects} small projects of our own under `tests/parity/projects` are played by Rasa 3.6.21 and by Baton, {turns} turns in
{talks} conversations. After every turn the whole sequence of events is compared: actions with the policy that chose them, slots,
loops, rejections, follow-ups, reminders, rewinds, restarts, sessions, and what the bot said with its buttons, pictures and
payloads. Times and ids are left out.

| command | what it does |
|---|---|
| `make parity` | lets Rasa play every project now (`.rasa-venv`, see `make rasa-env`) and compares Baton with that |
| `pytest tests/parity` | compares Baton with the committed recordings in `tests/parity/recordings`; needs no Rasa |
| `python -m benchmarks.parity --project NAME` | shows expected and actual side by side |
| `make parity-record` | writes the recordings anew |

How a turn is played: the text and what was understood of it (intent, entities, ranking, chosen response) are given to both, so
that dialogue is compared and not understanding. Rasa's own `FallbackClassifier` works on what was understood. Texts that begin
with a slash are read by each engine itself. Custom actions are served by one small action server
(`tests/parity/action_server.py`) to both over HTTP. The clock is the conversation's: a turn may come an hour later, and reminders
fall due in between. Rasa trains each project with its rule and memoization policies; learned policies differ by nature and are
compared by their quality instead (see
`docs/decisions/0022-learned-policy.md`). A project of format 2.0, which Rasa refuses, is brought to 3.1
by Rasa's own `rasa data migrate` before it is recorded; Baton reads it as it is.

## What each project shows

| project | turns | what it shows |
|---|---|---|
"""


def render_docs() -> str:
    """The page as it should be."""
    recordings = {p: json.loads((RECORDINGS / f"{p}.json").read_text(encoding="utf-8"))["conversations"] for p in project_names()}
    turns = {p: sum(len(t) for t in talks.values()) for p, talks in recordings.items()}
    head = HEAD.format(projects=len(recordings), turns=sum(turns.values()), talks=sum(len(t) for t in recordings.values()))
    rows = [f"| {p} | {turns[p]} | {about(p)} |" for p in recordings]
    return head + "\n".join([*rows, "", "## Differences, and why", "", *_differences(), ""])


def _differences() -> list[str]:
    allowed = allowed_differences()
    if not allowed:
        return ["None: every turn is alike."]
    lines = [
        f"{len(allowed)} turns differ. `tests/parity/differences.yml` lists them; a test fails when another turn differs,"
        " or when one of these does not.",
        "",
        "| what and why | where (project, conversation, turns) |",
        "|---|---|",
    ]
    for reason in dict.fromkeys(a.reason for a in allowed):
        alike = [a for a in allowed if a.reason == reason]
        places = dict.fromkeys((a.project, a.conversation) for a in alike)
        where = [f"{p}, “{c}”, {_turns(a.turn for a in alike if (a.project, a.conversation) == (p, c))}" for p, c in places]
        lines.append(f"| {reason} | {'<br>'.join(where)} |")
    return lines


def _turns(turns: Iterable[int]) -> str:
    return ", ".join(str(t) for t in sorted(set(turns)))


def main() -> None:
    """Writes the page."""
    DOCS.write_text(render_docs(), encoding="utf-8")
    print(f"written: {DOCS}")


if __name__ == "__main__":
    main()
