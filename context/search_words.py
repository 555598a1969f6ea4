"""What is searched for, in the form in which messages and people are indexed (the SQL function `search_words`). Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_WORDS, MOST_LENGTH = 12, 200
_MARKS = re.compile("[\u0300-\u036f]+")
_GAPS = re.compile("[^a-z0-9\u0080-\U0010ffff]+")
_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_RUNS = re.compile(f"[{_SIGNS}]+|[^{_SIGNS} ]+")
_SIGN = re.compile(f"[{_SIGNS}]")


@dataclass(frozen=True)
class Wanted:
    """`query` is a tsquery for `search_words`; `runs` are what must stand in the text letter by letter (Chinese and Japanese writing)."""

    query: str
    runs: tuple[str, ...]
    words: tuple[str, ...]  # to mark what was found


def parse_search(said: str) -> Wanted | None:
    """What someone looks for; None when nothing can be looked for. Words match what begins with them, all of them must be there."""
    plain = _GAPS.sub(" ", _MARKS.sub("", unicodedata.normalize("NFKD", said[:MOST_LENGTH].lower())))
    parts: list[str] = []
    runs: list[str] = []
    words: list[str] = []
    for found in _RUNS.findall(plain)[:MOST_WORDS]:
        word = "".join(c for c in found if c.isalnum())
        if not word:
            continue
        words.append(word)
        if _SIGN.match(word):
            parts += [f"'{sign}'" for sign in dict.fromkeys(word)]
            runs += [word] if len(word) > 1 else []
        else:
            parts.append(f"'{word}':*")
    return Wanted(" & ".join(parts), tuple(runs), tuple(words)) if parts else None
