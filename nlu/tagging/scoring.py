"""Scores of found entities against marked ones: exact spans, micro-averaged (as conlleval, Tjong Kim Sang and De Meulder 2003)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nlu.types import Entity

Row = Mapping[str, Any]


def entity_scores(rows: Sequence[Row], found: Sequence[Sequence[Entity]], labels: frozenset[str]) -> dict[str, float | None]:
    """`entity_f1` (spans and labels), `entity_precision`, `entity_recall`; `entity_role_f1` (roles and groups too, where rows have some).

    Rows without the field "entities" are passed over. `labels` are those of the training rows; entities of names that neither these nor the
    rows themselves have (a number that a typed extractor saw) do not count. None where there is nothing to score.
    """
    marked = [(row["entities"] or (), entities) for row, entities in zip(rows, found, strict=True) if "entities" in row]
    known = labels | {str(one["label"]) for spans, _ in marked for one in spans}
    plain = [({_span(one) for one in spans}, {(e.start, e.end, e.name) for e in got if e.name in known}) for spans, got in marked]
    fine = [
        ({(*_span(one), *_extra(one)) for one in spans}, {(e.start, e.end, e.name, e.role, e.group) for e in got if e.name in known})
        for spans, got in marked
    ]
    hits, wanted, said = _counts(plain)
    roles = any(one.get("role") is not None or one.get("group") is not None for spans, _ in marked for one in spans)
    return {
        "entity_f1": _f1(hits, wanted, said),
        "entity_precision": round(hits / said, 4) if said else None,
        "entity_recall": round(hits / wanted, 4) if wanted else None,
        "entity_role_f1": _f1(*_counts(fine)) if roles else None,
    }


def _span(one: Row) -> tuple[int, int, str]:
    return int(one["start"]), int(one["end"]), str(one["label"])


def _extra(one: Row) -> tuple[str | None, str | None]:
    role, group = (None if one.get(name) is None else str(one[name]) for name in ("role", "group"))
    return role, group


def _counts(pairs: Sequence[tuple[set[Any], set[Any]]]) -> tuple[int, int, int]:
    return sum(len(a & b) for a, b in pairs), sum(len(a) for a, _ in pairs), sum(len(b) for _, b in pairs)


def _f1(hits: int, wanted: int, said: int) -> float | None:
    return round(2 * hits / (wanted + said), 4) if wanted + said else None
