"""Cuts a message into clauses, so that a second wish in it is heard too."""

from __future__ import annotations

import re

from kit.written import PASTED

MAX_CLAUSES = 5
_BREAKS = re.compile(
    r"[.!?;:\n。！？；：…]+|[,，、]|\s+[-–—]\s+"
    r"|\b(?:and|but|so|please|also|then)\b|\b(?:e|mas|então|por favor|também|depois)\b"
    r"|(?:然後|然后|而且|但係|但是|不過|不过|同埋|另外|順便|顺便|所以|麻煩你?|麻烦你?)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")


def split_clauses(text: str) -> tuple[str, ...]:
    """The clauses of `text` in order, at most five, each saying something; empty when there is only one."""
    parts = [part for start, end in clause_spans(text) if _says_something(part := text[start:end])]
    return tuple(parts[:MAX_CLAUSES]) if len(parts) > 1 else ()


def _says_something(part: str) -> bool:
    words = _WORD.findall(part)
    return sum(len(w) if ord(w[0]) > 0x2E80 else 2 for w in words) >= 4


def clause_spans(text: str) -> list[tuple[int, int]]:
    """Where each clause of `text` begins and ends, all of them, also those that say little; without the breaks between them.

    An address of the web or of a person is never cut.
    """
    found, begin = [], 0
    whole = PASTED.sub(lambda pasted: "x" * len(pasted.group()), text)
    for start, end in [*(one.span() for one in _BREAKS.finditer(whole)), (len(text), len(text))]:
        part = text[begin:start]
        if _WORD.search(part):
            lead = len(part) - len(part.lstrip())
            found.append((begin + lead, begin + len(part.rstrip())))
        begin = end
    return found
