"""What every extractor is given and gives back."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from nlu.entities.numerals import Numeral, find_numerals
from nlu.entities.settings import EntitySettings
from nlu.text import holds_han
from nlu.types import Entity

Span = tuple[int, int]

_WORD = re.compile("[a-z]+")


@dataclass(frozen=True)
class Asked:
    """The message, `text` with full-width characters narrowed one for one so that offsets hold, and what is known beside it.

    `expected` names the entity that the bot has just asked for; `now` is the present time where the shop is.
    """

    text: str
    original: str
    language: str
    now: datetime
    expected: str | None
    settings: EntitySettings

    @cached_property
    def low(self) -> str:
        """`text` in lower case and without accents, one character for one."""
        return fold_letters(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """The Latin words of `low`."""
        return frozenset(_WORD.findall(self.low))

    @cached_property
    def numerals(self) -> tuple[Numeral, ...]:
        """Every number of the text, in digits or words, by place."""
        return find_numerals(self.low, self.language)

    @cached_property
    def han(self) -> bool:
        """Whether there are Han characters."""
        return holds_han(self.text)

    @cached_property
    def digits(self) -> bool:
        """Whether there are digits."""
        return any("0" <= c <= "9" for c in self.text)


@dataclass(frozen=True)
class Candidate:
    """A possible entity with the `parts` that stand or fall with it; `priority` is explained in overlap.py."""

    entity: Entity
    priority: int
    parts: tuple[Entity, ...] = ()


def candidate(asked: Asked, name: str, span: Span, value: str, **options: object) -> Candidate:
    """A candidate over `span`.

    Options: `priority` (default 50), `confidence` (default 1.0), `extractor` (default `name`), `role`.
    """
    priority, confidence = int(str(options.get("priority", 50))), float(str(options.get("confidence", 1.0)))
    role = options.get("role")
    entity = Entity(
        name,
        asked.original[span[0] : span[1]],
        value,
        *span,
        confidence,
        str(options.get("extractor", name)),
        role if isinstance(role, str) else None,
    )
    return Candidate(entity, priority)


def narrow(text: str) -> str:
    """Full-width ASCII to ASCII, other digits to ASCII digits, odd blanks to a blank, one character for one.

    The full-width comma stays: it ends clauses and never groups digits.
    """
    if text.isascii():
        return text
    text = text.translate(_NARROW)
    if not any(c.isdecimal() and c > "9" for c in text):
        return text
    return "".join(str(unicodedata.decimal(c)) if c > "9" and c.isdecimal() else c for c in text)


def fold_letters(text: str) -> str:
    """`text` in lower case and without accents, one character for one."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low if low.isascii() else low.translate(_BARE)


def _narrow_table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0C}
    return table | {ord(c): "-" for c in "－–—−‐‑"} | {ord(c): " " for c in "\u3000\xa0\u2007\u2009\u202f"} | {0x2019: "'", 0x2032: "'"}


def _bare_table() -> dict[int, str]:
    letters = (chr(code) for code in range(0xC0, 0x250))
    return {ord(c): unicodedata.normalize("NFD", c)[0] for c in letters if unicodedata.decomposition(c)}


_NARROW = _narrow_table()
_BARE = _bare_table()
