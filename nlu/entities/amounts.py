"""What money, quantities and durations share: a number with a unit behind it, and "from 10 to 20" where the first has none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from nlu.entities.candidates import Asked
from nlu.entities.numerals import Kind, Numeral

HALF_BEHIND = re.compile(r" and a half\b| e mei[oa]\b|半(?![日天年個个])", re.ASCII)
_TO = re.compile(r" ?[-~] ?| to | or | ou | a | ate |[至到或]|", re.ASCII)
_ATTACHED = re.compile(r"[a-z0-9_#@/.]", re.ASCII)


@dataclass(frozen=True)
class Amount:
    """A value with what follows it: the match of its unit; `bare` when it took the unit of the number behind it."""

    start: int
    end: int
    value: Decimal
    unit: re.Match[str]
    kind: Kind
    bare: bool = False


def measured(asked: Asked, unit: re.Pattern[str], *, accept: Callable[[Numeral, re.Match[str]], bool]) -> Iterator[Amount]:
    """Every number that `unit` (matched on the folded text behind it) follows, and the first numbers of their ranges.

    A group `half` of the unit, or a half behind it, counts.
    """
    low = asked.low
    for i, numeral in enumerate(asked.numerals):
        match = unit.match(low, numeral.end)
        if match is None or attached(low, numeral) or not accept(numeral, match):
            continue
        half = HALF_BEHIND.match(low, match.end())
        more = Decimal("0.5") if half or match.groupdict().get("half") else Decimal(0)
        yield Amount(numeral.start, half.end() if half else match.end(), numeral.value + more, match, numeral.kind)
        before = asked.numerals[i - 1] if i else None
        if before is not None and in_range(low, before, numeral) and not attached(low, before):
            yield Amount(before.start, before.end, before.value, match, before.kind, bare=True)


def in_range(low: str, first: Numeral, second: Numeral) -> bool:
    """Whether they read "first to second", both plain numbers."""
    plain = {Kind.DIGITS, Kind.WORDS, Kind.HAN}
    gap = low[first.end : second.start]
    if first.kind not in plain or second.kind not in plain or first.value >= second.value or _TO.fullmatch(gap) is None:
        return False
    return bool(gap) or first.kind is second.kind is Kind.HAN


def attached(low: str, numeral: Numeral) -> bool:
    """Whether digits are the tail of a code, a path or a longer number: "LC100", "v2", "a/3"."""
    return numeral.kind is Kind.DIGITS and numeral.start > 0 and _ATTACHED.match(low, numeral.start - 1) is not None
