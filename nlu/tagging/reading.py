"""A message as the tagger reads it: plain text, its tokens, and where each character stood in the message."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nlu.language import convert_scripts
from nlu.text import ENCODE_LIMIT, clean, holds_han, joins_words

MOST_TOKENS = 400
_PIECES = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")


@dataclass(frozen=True)
class Reading:
    """`plain`: width folded, blanks joined, Chinese in simplified script. `tokens`: (start, end) in `plain`.

    `places`: for each character of `plain` the (start, end) in the message that it stands for.
    """

    plain: str
    tokens: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, int], ...]

    @property
    def words(self) -> list[str]:
        """The tokens' texts."""
        return [self.plain[start:end] for start, end in self.tokens]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Start and end, in the message, of the tokens from `first` to `last` (both count)."""
        return self.places[self.tokens[first][0]][0], self.places[self.tokens[last][1] - 1][1]


def read(text: str) -> Reading:
    """The first ENCODE_LIMIT characters of `text`, at most MOST_TOKENS tokens."""
    plain, places = _plain(clean(text[:ENCODE_LIMIT]))
    if holds_han(plain):
        simplified = convert_scripts(plain, "t2s")
        plain = simplified if len(simplified) == len(plain) else plain
    return Reading(plain, tuple(_tokens(plain)[:MOST_TOKENS]), tuple(places))


def _plain(text: str) -> tuple[str, list[tuple[int, int]]]:
    """As `nlu.text.for_encoding`, one letter with its marks after the other, so that every place is known."""
    out: list[str] = []
    places: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for char in text[start:end] if text[start:end].isascii() else unicodedata.normalize("NFKC", text[start:end]):
            blank = char.isspace()
            if not blank or (out and out[-1] != " "):
                out.append(" " if blank else char)
                places.append((start, end))
        start = end
    if out and out[-1] == " ":
        out.pop()
        places.pop()
    return "".join(out), places


def _tokens(plain: str) -> list[tuple[int, int]]:
    """Words, numbers and marks; in scripts without blanks every character is one."""
    found: list[tuple[int, int]] = []
    for match in _PIECES.finditer(plain):
        start = match.start()
        for at in range(match.start(), match.end()):
            if joins_words(plain[at]):
                if start < at:
                    found.append((start, at))
                found.append((at, at + 1))
                start = at + 1
        if start < match.end():
            found.append((start, match.end()))
    return found
