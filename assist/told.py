"""Sentences of customers of any trade, in `assist/sayings`: those that want an answer, those that do not, those that ask for a person, and
those that speak of staff without asking for any, or ask for a person about something.

A line is what a customer said, or what the agent had said before, "|", and then it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("en", "pt", "zh")


def _read(kind: str) -> dict[str, tuple[tuple[str, str], ...]]:
    folder = Path(__file__).parent / "sayings"
    return {code: tuple(_parted((folder / f"{kind}.{code}.txt").read_text(encoding="utf-8"))) for code in LANGUAGES}


def _parted(lines: str) -> Iterator[tuple[str, str]]:
    for line in filter(str.strip, lines.splitlines()):
        before, bar, said = line.rpartition("|")
        yield (before, said) if bar else ("", line)


IDLE = _read("idle")  # by language: pairs of what the agent had said, or "", and what the customer said
WANTING = _read("wanting")
PERSON = _read("person")
STAFF = _read("staff")
