"""Percentages: "20%", "20 percent", "vinte por cento", 百分之二十. The value is the plain number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.amounts import attached
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import plain_number

_BEHIND = re.compile(r" ?%| ?(?:percent|per cent|pct|por cento)\b| ?(?:個|个)?巴仙", re.ASCII)
_BEFORE = "百分之"


def find_percentages(asked: Asked) -> Iterator[Candidate]:
    """Each number with its sign or words."""
    if not ("%" in asked.low or "百分" in asked.low or "巴仙" in asked.low or asked.words & {"percent", "cent", "pct", "cento"}):
        return
    for numeral in asked.numerals:
        behind = _BEHIND.match(asked.low, numeral.end)
        if behind and not attached(asked.low, numeral):
            yield candidate(asked, "percentage", (numeral.start, behind.end()), plain_number(numeral.value), priority=76)
        elif asked.low.endswith(_BEFORE, 0, numeral.start):
            yield candidate(asked, "percentage", (numeral.start - len(_BEFORE), numeral.end), plain_number(numeral.value), priority=76)
