"""What every extractor is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nlu.entities.settings import EntitySettings
from nlu.types import Entity


@dataclass(frozen=True)
class Asked:
    """The message, `text` with full-width characters narrowed one for one so that offsets hold, and what is known beside it.

    `expected` names the entity that the bot has just asked for; `now` is the customer's present time.
    """

    text: str
    original: str
    language: str
    now: datetime
    expected: str | None
    settings: EntitySettings


@dataclass(frozen=True)
class Candidate:
    """A possible entity; the higher `priority` wins an overlap, then the longer."""

    entity: Entity
    priority: int


def candidate(asked: Asked, name: str, span: tuple[int, int], value: str, **options: object) -> Candidate:
    """A candidate over `span`; options: `priority` (default 50), `confidence` (default 1.0), `extractor` (default `name`)."""
    start, end = span
    priority, confidence = int(str(options.get("priority", 50))), float(str(options.get("confidence", 1.0)))
    text = asked.original[start:end]
    return Candidate(Entity(name, text, value, start, end, confidence, str(options.get("extractor", name))), priority)


def narrow(text: str) -> str:
    """Full-width ASCII to ASCII and other digits to ASCII digits, one character for one."""
    return "".join(_narrow_char(c) for c in text)


def _narrow_char(char: str) -> str:
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    if char in "－–—−‐‑":
        return "-"
    if char == "　":
        return " "
    if code > 127 and char.isdecimal():
        return str(int(char))
    return char
