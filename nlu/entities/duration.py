"""Lengths of time: "two weeks", 半個鐘, "um mês". The value is an ISO 8601 duration: "P2W", "PT30M", "P1M". A range gives two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nlu.entities.amounts import Amount, attached, measured
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.numerals import Kind, Numeral, plain_number

_UNITS = {
    "S": "seconds second secs sec segundos segundo 秒鐘 秒钟 秒",
    "M": "minutes minute mins min minutos minuto 分鐘 分钟",
    "H": "hours hour hrs hr h horas hora 小時 小时 個小時 个小时 個鐘頭 个钟头 個鐘 个钟 鐘頭 钟头 鐘",
    "D": "days day dias dia 日 天 個工作天 个工作日 個工作日 工作天 工作日",
    "W": "weeks week wks wk semanas semana 個星期 个星期 星期 個禮拜 个礼拜 禮拜 礼拜 週 周",
    "F": "fortnights fortnight quinzenas quinzena",
    "Mo": "months month mths meses mes 個月 个月 月",
    "Y": "years year yrs yr anos ano 年",
}
_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_LATIN = "|".join(sorted((n for n in _OF if n.isascii()), key=len, reverse=True))
_HAN = "|".join(sorted((n for n in _OF if not n.isascii()), key=len, reverse=True))
UNIT = re.compile(
    rf"[ -]?(?:(?:business|working|full|whole|calendar) )?(?P<word>{_LATIN})\b(?: uteis)?(?: corridos)?(?P<rest>[0-9]{{1,2}}\b)?"
    rf"|[個个]?多?(?P<half>半)?[個个]?(?P<han>{_HAN})",
    re.ASCII,
)
_SMALLER = {"Y": (12, "Mo"), "Mo": (30, "D"), "W": (7 * 24, "H"), "D": (24, "H"), "H": (60, "M"), "M": (60, "S")}
_TIMES_A = re.compile(r"\b(?:once|twice|times|thrice|per|[0-9]+|x|days?) $", re.ASCII)
_WAIT_A = re.compile(
    r"\b(?:in|within|for|about|after|than|over|nearly|almost|takes?|took|least|another|ha|em|a|de|por|durante|faz|mais|num) $", re.ASCII
)
_AFTER_A = re.compile(r" (?:ago|later|from now|or two|ou dois|ou duas|atras)\b", re.ASCII)
_HINT = re.compile(f"{_LATIN}")


@dataclass(frozen=True)
class Length:
    """A length of time at a place; `unit` is S, M, H, D, W, Mo or Y."""

    start: int
    end: int
    value: Decimal
    unit: str
    bare: bool = False


def find_durations(asked: Asked) -> Iterator[Candidate]:
    """Every length of time."""
    for length in find_lengths(asked):
        span = (length.start, length.end)
        yield candidate(asked, "duration", span, iso_duration(length.value, length.unit), priority=72 if length.bare else 73)


def find_lengths(asked: Asked) -> Iterator[Length]:
    """Every number with a unit of time."""
    if not asked.han and asked.words.isdisjoint(_OF) and not (asked.digits and re.search(r"[0-9](?:h|min|hrs?|d|days?)\b", asked.low)):
        return
    for amount in measured(asked, UNIT, accept=lambda numeral, unit: _means_time(asked, numeral, unit)):
        yield _length(amount)


def iso_duration(value: Decimal, unit: str) -> str:
    """ "P2W" for 2 and "W"; fractions become smaller units: 1.5 "H" is "PT1H30M"."""
    if unit == "F":
        value, unit = value * 2, "W"
    whole = int(value)
    rest = value - whole
    if not rest:
        return f"{'PT' if unit in 'SMH' else 'P'}{whole}{unit[0]}"
    if unit == "S":
        return f"PT{plain_number(value)}S"
    factor, smaller = _SMALLER[unit]
    if unit == "W":
        return _days_and_hours(value * 7)
    less = int(rest * factor)
    first = f"{whole}{unit[0]}" if whole else ""
    if unit in {"Y", "Mo"}:
        return f"P{first}{less}{smaller[0]}"
    return f"PT{first}{less}{smaller}" if unit != "D" else _days_and_hours(value)


def _days_and_hours(days: Decimal) -> str:
    whole, hours = int(days), int((days - int(days)) * 24)
    return f"P{f'{whole}D' if whole else ''}{f'T{hours}H' if hours else ''}"


def _length(amount: Amount) -> Length:
    unit = _OF[amount.unit["word"] or amount.unit["han"]]
    value = amount.value
    if amount.unit["rest"] and unit == "H":  # "1h30"
        value += Decimal(amount.unit["rest"]) / 60
    return Length(amount.start, amount.end, value, unit, amount.bare)


def _means_time(asked: Asked, numeral: Numeral, unit: re.Match[str]) -> bool:
    low = asked.low
    if unit["han"]:
        return _han_means_time(low, numeral, unit)
    name = _OF[unit["word"]]
    if attached(low, numeral) or (unit["rest"] and unit["word"] != "h"):
        return False
    if unit["word"] == "h" and numeral.kind is Kind.DIGITS:
        return numeral.value < 100
    if numeral.kind is Kind.ARTICLE:
        return _article_means_time(low, numeral, unit, name)
    return not (numeral.kind is Kind.HALF and name == "S")


def _article_means_time(low: str, numeral: Numeral, unit: re.Match[str], name: str) -> bool:
    before = low[max(0, numeral.start - 12) : numeral.start]
    if name == "S" or _TIMES_A.search(before):
        return False
    return name in {"H", "W", "F", "Mo", "Y"} or bool(_WAIT_A.search(before) or _AFTER_A.match(low, unit.end()))


def _han_means_time(low: str, numeral: Numeral, unit: re.Match[str]) -> bool:
    behind, name = low[unit.end() : unit.end() + 1], unit["han"]
    before = low[max(0, numeral.start - 1) : numeral.start]
    if before in {"第", "月", "週", "周", "期"} or (before == "每" and numeral.value == 1):
        return False
    counter = low[numeral.end : unit.start("han")]
    if name == "月":
        return bool(counter)
    if name == "年":
        return numeral.value < 100 and behind not in set("級级前份初底尾") | {"月"}
    if name in {"星期", "禮拜", "礼拜", "週", "周"}:
        return behind not in set("一二三四五六日天末年歲岁")
    if name in {"日", "天"}:
        return behind not in set("本元常圓間间用")
    return not (numeral.value == 1 and name == "天" and behind in set("到從从"))
