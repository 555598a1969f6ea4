"""Postal addresses: "Flat 12B, 3/F, Tower 2, 45 Nathan Road", 香港九龍旺角彌敦道123號5樓B室, "Rua Augusta 45, 2º esq., 1100-053 Lisboa".

The entity `address` is the whole span, its value the text with single blanks. Its parts are entities `address_part` inside the span, with
the role "street", "number", "unit", "floor", "building", "district", "city" or "postcode". A postcode by itself is the entity `postcode`.

An address is a run of parts with nothing but punctuation between them. It needs a street with its number, or two parts of a building, or
one part when the bot has just asked for an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nlu.entities.address_han import find_han_parts
from nlu.entities.address_latin import find_latin_parts
from nlu.entities.address_parts import Part
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.postcode import find_postcodes
from nlu.types import Entity

NAME = "address"
PART = "address_part"
_GAP = re.compile(r"[ ,，、;\n\t./-]{0,3}(?:(?:in|at|de|em|na)\s|(?:n\.?[ºo°]?\.?|no\.?|nr\.?|#) ?)?", re.IGNORECASE)
_INSIDE = frozenset({"unit", "floor", "building", "number"})


def find_addresses(asked: Asked) -> Iterator[Candidate]:
    """Every address with its parts, and postcodes that stand alone."""
    postcodes = list(find_postcodes(asked))
    parts = _apart([*find_latin_parts(asked), *find_han_parts(asked), *(p.part for p in postcodes)])
    taken: list[tuple[int, int]] = []
    for run in _runs(asked.text, parts):
        if _is_address(run, asked):
            taken.append((run[0].start, run[-1].end))
            yield _address(asked, run)
    for code in postcodes:
        start, end = code.part.start, code.part.end
        if code.certain and not any(first <= start < last for first, last in taken):
            priority = 91 if asked.expected == "postcode" else 83
            yield candidate(asked, "postcode", (start, end), code.value, priority=priority, confidence=0.9)


def _apart(parts: Sequence[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in sorted(parts, key=lambda p: (p.start, -p.end)):
        if not kept or part.start >= kept[-1].end:
            kept.append(part)
    return kept


def _runs(text: str, parts: Sequence[Part]) -> Iterator[list[Part]]:
    run: list[Part] = []
    for part in parts:
        if run and _GAP.fullmatch(text, run[-1].end, part.start) is None:
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _is_address(run: Sequence[Part], asked: Asked) -> bool:
    roles = {part.role for part in run}
    if "street" in roles and ("number" in roles or roles & {"postcode", "floor", "unit"}):
        return True
    if asked.expected == NAME:
        return bool(roles - {"number"})
    inside = roles & _INSIDE - {"number"}
    return len(inside) >= 3 or (len(inside) == 2 and bool(roles & {"city", "district", "postcode"})) or {"postcode", "street"} <= roles


def _address(asked: Asked, run: Sequence[Part]) -> Candidate:
    span = (run[0].start, run[-1].end)
    value = " ".join(asked.text[slice(*span)].split())
    whole = candidate(asked, NAME, span, value, priority=91 if asked.expected == NAME else 84, confidence=0.9)
    parts = tuple(
        Entity(PART, asked.original[p.start : p.end], p.value or asked.text[p.start : p.end].strip(), p.start, p.end, 0.9, NAME, p.role)
        for p in run
    )
    return Candidate(whole.entity, whole.priority, parts)
