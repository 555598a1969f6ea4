"""Settles which of overlapping candidates are kept.

1. The higher class of ten wins: 90 proved by form (order number, mail address, URL) or asked for by the bot; 80 nearly so (phone, address,
   postcode, date when asked for); 70 a number with a unit, a date, a table or regular expression of the training data; 40 ordinals;
   20 bare numbers.
2. In a class the longer wins ("in 3 days" over "3 days"), then the higher priority, then the one that comes first.
3. A word of the shop's tables is no unit: in "200 mugs" of a shop that sells mugs, the mugs are the product and 200 is a number.
4. One span may carry several lookup names, and both number and quantity when the bot has just asked for either (only then are both proposed
   alike). Parts of an address stand inside it.
"""

from __future__ import annotations

from collections.abc import Iterable

from nlu.entities.candidates import Candidate
from nlu.types import Entity

_COUNTS = frozenset({"number", "quantity"})


def settle(candidates: Iterable[Candidate]) -> list[Entity]:
    """The entities that are kept, by place."""
    every = list(candidates)
    tables = {c.entity.end: c.entity.start for c in every if c.entity.extractor == "lookup"}
    ranked = sorted((c for c in every if not _counts_a_product(c.entity, tables)), key=_rank)
    taken = bytearray(max((c.entity.end for c in ranked), default=0))
    spans: dict[tuple[int, int], list[Entity]] = {}
    kept: list[Entity] = []
    for one in ranked:
        entity = one.entity
        span = (entity.start, entity.end)
        if any(taken[span[0] : span[1]]) and not _shares(entity, spans.get(span, [])):
            continue
        taken[span[0] : span[1]] = b"\1" * (span[1] - span[0])
        spans.setdefault(span, []).append(entity)
        kept += [entity, *one.parts]
    return sorted(kept, key=lambda e: (e.start, -e.end, e.name))


def _rank(one: Candidate) -> tuple[int, int, int, int, str]:
    entity = one.entity
    return -(one.priority // 10), entity.start - entity.end, -one.priority, entity.start, entity.name


def _counts_a_product(entity: Entity, tables: dict[int, int]) -> bool:
    return entity.name == "quantity" and entity.start < tables.get(entity.end, -1)


def _shares(entity: Entity, others: list[Entity]) -> bool:
    return bool(others) and all(_may_share(entity, other) for other in others)


def _may_share(a: Entity, b: Entity) -> bool:
    if a.name == b.name:
        return False
    return a.extractor == b.extractor == "lookup" or {a.name, b.name} == _COUNTS
