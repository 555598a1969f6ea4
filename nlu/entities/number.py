"""Plain numbers in digits and in words: English, Chinese, Portuguese. The value is in plain decimal notation: "1299.5"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import Kind, Numeral, plain_number

_NUMBERS = frozenset({"number", "quantity"})
_ATTACHED_BEFORE = re.compile(r"[a-z_]|[0-9][.:]", re.ASCII)
_ATTACHED_BEHIND = re.compile(r"[a-z_]|[.:][0-9]", re.ASCII)
_MEASURED = re.compile("[個个件份盒包罐張张隻只位次套樽瓶塊块元蚊人歲岁枚道間间層层號号]")
_MINUS = re.compile(r"(?:^|[\s(])[-−]$")


def find_numbers(asked: Asked) -> Iterator[Candidate]:
    """Every number that is no part of a code.

    "one", "um" and a half count only when a number was just asked for; Chinese numerals before a measure word or alone.
    """
    wanted = asked.expected in _NUMBERS
    for numeral in asked.numerals:
        if not _counts(asked, numeral, wanted=wanted):
            continue
        start, value = numeral.start, plain_number(numeral.value)
        if numeral.kind is Kind.DIGITS and _MINUS.search(asked.low, max(0, start - 2), start):
            start, value = start - 1, f"-{value}" if value != "0" else value
        confidence = 1.0 if numeral.kind is Kind.DIGITS else 0.9
        yield candidate(asked, "number", (start, numeral.end), value, priority=74 if wanted else 20, confidence=confidence)


def _counts(asked: Asked, numeral: Numeral, *, wanted: bool) -> bool:
    low = asked.low
    if numeral.kind is Kind.DIGITS:
        before, behind = low[max(0, numeral.start - 2) : numeral.start], low[numeral.end : numeral.end + 2]
        return not (_ATTACHED_BEFORE.search(before[-1:]) or _ATTACHED_BEFORE.fullmatch(before) or _ATTACHED_BEHIND.match(behind))
    if numeral.kind is Kind.WORDS:
        return wanted or low[numeral.start : numeral.end] != "one"
    if numeral.kind is Kind.HAN:
        alone = not low[: numeral.start].strip() and not low[numeral.end :].strip(" 。.!！")
        return alone or wanted or (_MEASURED.match(low, numeral.end) is not None and not _only_one(low, numeral))
    return wanted and numeral.kind is Kind.ARTICLE and asked.language == "pt"


def _only_one(low: str, numeral: Numeral) -> bool:
    """一個 is mostly "a"; 第一個 is a place, 三番四次 a saying."""
    return low[numeral.start : numeral.end] == "一" or low[max(0, numeral.start - 1) : numeral.start] in {"第", "番"}
