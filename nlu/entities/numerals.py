"""Finds numbers in a text, in digits and in words; what stands before or behind them makes them money, quantities or dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import prod

from nlu.entities.numerals_han import HAN_RUN, approximate, parse_han
from nlu.entities.numerals_words import find_words
from nlu.text import holds_han


class Kind(StrEnum):
    """How a number is written: digits, words, Chinese numerals, "a" or "um", "half"."""

    DIGITS = "digits"
    WORDS = "words"
    HAN = "han"
    ARTICLE = "article"
    HALF = "half"


@dataclass(frozen=True)
class Numeral:
    """A number at a place."""

    start: int
    end: int
    value: Decimal
    kind: Kind


DIGITS = re.compile(
    r"(?<![0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?(?![0-9])"
    r"|[0-9]{1,3}(?: [0-9]{3})+,[0-9]{1,2}(?![0-9])|(?<![0-9][.,])[0-9]+[.,][0-9]+(?![0-9]|[.,][0-9])|[0-9]+)"
)
_TIMES = re.compile(r" ?(?P<word>hundred|thousand|million|milhoes|milhao|mil|dozen|duzias?)\b|(?P<han>[百千萬万億亿]{1,2})", re.ASCII)
_FACTORS = {"hundred": 100, "thousand": 1000, "million": 10**6, "milhoes": 10**6, "milhao": 10**6, "mil": 1000, "dozen": 12}
_FACTORS |= {"duzia": 12, "duzias": 12, "百": 100, "千": 1000, "萬": 10**4, "万": 10**4, "億": 10**8, "亿": 10**8}
_AND_A_HALF = re.compile(r" (?:and a half|e mei[oa])\b", re.ASCII)
_HALF = re.compile(r"\bhalf(?: an?)?\b|\bmei[oa]\b|半", re.ASCII)
_MORE_THAN_ONE_HALF = re.compile(r"(?<![0-9零〇一二三四五六七八九十百千兩两幾几])[個个]半(?=[鐘钟月小星禮礼])")
_ARTICLES = {True: re.compile(r"\buma?\b", re.ASCII), False: re.compile(r"\ban?\b", re.ASCII)}
_LONGEST = 18  # digits


def find_numerals(low: str, language: str) -> tuple[Numeral, ...]:
    """The numbers of a folded text by place, none overlapping another."""
    found = [*_in_digits(low, language)]
    found += [Numeral(start, end, value, Kind.WORDS) for start, end, value in find_words(low, portuguese=language == "pt")]
    found = [_with_half(low, n) for n in found]
    if holds_han(low):
        found += _in_han(low)
    if "half" in low or "mei" in low or "半" in low:
        found += [Numeral(*m.span(), Decimal("0.5"), Kind.HALF) for m in _HALF.finditer(low)]
    found += [Numeral(*m.span(), Decimal(1), Kind.ARTICLE) for m in _ARTICLES[language == "pt"].finditer(low)]
    return _apart(found)


def parse_digits(text: str, language: str, *, money: bool = False) -> str | None:
    """ "1,299.50" (in Portuguese "1.299,50") as "1299.5"; None when it is none. In `money` three digits behind a mark are thousands."""
    plain_text = text.replace(" ", "")
    decimal_mark = _decimal_mark(plain_text, language, money=money)
    plain = "".join("." if c == decimal_mark else c for c in plain_text if c == decimal_mark or c not in ".,")
    try:
        return plain_number(Decimal(plain))
    except InvalidOperation:
        return None


def plain_number(value: Decimal) -> str:
    """In plain decimal notation, with no zeros behind the last figure."""
    return format(value.normalize(), "f")


def _in_digits(low: str, language: str) -> list[Numeral]:
    found = []
    for match in DIGITS.finditer(low):
        value = parse_digits(match.group(), language) if len(match.group()) <= _LONGEST else None
        if value is None:
            continue
        times = _TIMES.match(low, match.end())
        factor = prod(_FACTORS[word] for word in ([times["word"]] if times["word"] else times["han"])) if times else 1
        found.append(Numeral(match.start(), times.end() if times else match.end(), Decimal(value) * factor, Kind.DIGITS))
    return found


def _in_han(low: str) -> list[Numeral]:
    found = [Numeral(*m.span(), Decimal("1.5"), Kind.HAN) for m in _MORE_THAN_ONE_HALF.finditer(low)]
    for match in HAN_RUN.finditer(low):
        if approximate(match.group()):  # "三四日" is three or four days
            halves = (match.start(), match.start() + 1), (match.start() + 1, match.end())
            found += [Numeral(*span, parse_han(low[slice(*span)]) or Decimal(0), Kind.HAN) for span in halves]
            continue
        value = parse_han(match.group())
        if value is not None:
            found.append(Numeral(*match.span(), value, Kind.HAN))
    return found


def _with_half(low: str, numeral: Numeral) -> Numeral:
    half = _AND_A_HALF.match(low, numeral.end)
    return Numeral(numeral.start, half.end(), numeral.value + Decimal("0.5"), numeral.kind) if half else numeral


def _apart(found: list[Numeral]) -> tuple[Numeral, ...]:
    kept: list[Numeral] = []
    for numeral in sorted(found, key=lambda n: (n.start, -n.end)):
        if not kept or numeral.start >= kept[-1].end:
            kept.append(numeral)
    return tuple(kept)


def _decimal_mark(text: str, language: str, *, money: bool) -> str | None:
    marks = [c for c in text if c in ".,"]
    if not marks:
        return None
    last, tail = marks[-1], text[max(text.rfind("."), text.rfind(",")) + 1 :]
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1 or (money and len(tail) == 3):
        return None
    thousands = "." if language == "pt" else ","
    return None if last == thousands and len(tail) == 3 else last
