"""What a sentence says in numbers and in yes or no: amounts with their units, in English, Portuguese and Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.chinese import to_simplified
from knowledge.terms import family

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8, "nove": 9, "dez": 10,
    "doze": 12, "catorze": 14, "quinze": 15, "vinte": 20, "trinta": 30, "sessenta": 60, "noventa": 90,
}  # fmt: skip
_HAN = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS: Mapping[str, str] = {
    "working days": r"(?:working|business) days?|dias? úteis|dia útil|个?工作[天日]",
    "days": r"(?:calendar )?days?|dias?|[天日](?!元|币)",
    "weeks": r"weeks?|semanas?|个?星期|周",
    "months": r"months?|m[êe]s(?:es)?|个?月",
    "years": r"years?|anos?|年",
    "hours": r"hours?|horas?|个?小时",
    "minutes": r"minutes?|minutos?|分钟",
    "%": r"%|per ?cent|por cento",
    "pieces": r"(?:pieces?|items?|units?|copies)|(?:peças?|artigos?|unidades?)|[件个只]",
    "people": r"people|persons?|guests?|pessoas?|[人位]",
    "kg": r"kgs?|kilos?|quilos?|公斤",
    "g": r"g(?:rams?)?|gramas?|克",
    "cm": r"cm|centimet(?:re|er)s?|centímetros?|厘米",
    "ml": r"ml|毫升",
    "characters": r"characters|cara[c]teres|字",
    "points": r"points?|pontos?|积分|分(?!钟)",
}
_MONEY = r"MOP|HKD|HK\$|USD|US\$|EUR|CNY|RMB|€|\$|£|¥|patacas?|澳门元|澳门币|港元|港币|元"
_CURRENCY = {
    "patacas": "mop",
    "pataca": "mop",
    "澳门元": "mop",
    "澳门币": "mop",
    "港元": "hkd",
    "港币": "hkd",
    "hk$": "hkd",
    "us$": "usd",
    "rmb": "cny",
}
_NUMBER = r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_ANY = rf"(?:{_NUMBER}|(?:{_WORD})(?![^\W\d_])|[一二两三四五六七八九十百]+)"
_RANGE = rf"(?P<first>{_ANY})(?:\s*(?:-|–|to|and|or|a|e|ou|至|到)\s*(?P<second>{_ANY}))?"
_AMOUNTS = [
    (unit, re.compile(rf"(?<![A-Za-zÀ-ÿ\d.,]){_RANGE}\s*-?(?:{words})(?![a-zà-ÿ])", re.IGNORECASE)) for unit, words in _UNITS.items()
]
_PRICES = (
    re.compile(rf"(?P<currency>{_MONEY})\s*(?P<first>{_NUMBER})", re.IGNORECASE),
    re.compile(rf"(?P<first>{_NUMBER})\s*(?P<currency>{_MONEY})(?![a-z])", re.IGNORECASE),
)
_CLOCK = re.compile(r"(?<!\d)(?P<hour>[01]?\d|2[0-3])(?::|h|點|点)(?P<minute>[0-5]\d)(?!\d)")
_FIRST_WORD = re.compile(r"\s*(?:no|yes|não|sim|不可以|不能|不是|可以|是的|不)\s*[,.，。:]\s*", re.IGNORECASE)
_ASIDE = {  # conditions, and what is only set against something: their "not" denies nothing of what is said
    "en": re.compile(
        r"\b(?:if|unless|when|where)\b[^,;.]*,|,\s*(?:and )?not (?:on|at|in|by|from|to|for|the|an?|just|only)\b[^,;.]*", re.IGNORECASE
    ),
    "pt": re.compile(r"\b(?:se|caso|quando)\b[^,;.]*,|,\s*e não (?:no|na|em|de|do|da|por|para|o|a|só)\b[^,;.]*", re.IGNORECASE),
    "zh": re.compile(r"(?:如果?|若|假如|倘)[^，；。]*，|[^，；。]*的话，|没有[^，；。]*(?:亦|也|仍)可|，?而(?:不是|非)[^，；。]*"),
}
_NO = {
    "en": re.compile(r"\b(?:not|never|cannot|no|none|nobody|nothing)\b|n['’]t\b", re.IGNORECASE),
    "pt": re.compile(r"\b(?:não|nunca|nem|jamais|nenhuma?|ninguém)\b", re.IGNORECASE),
    "zh": re.compile(r"不(?!但|仅|过|如|同|少|妨)|没有|无法|毋须"),
}


@dataclass(frozen=True)
class Difference:
    """What two sentences say differently of one thing: `kind` is a unit, a currency, or yes_no; `one` and `other` what each says."""

    kind: str
    one: str
    other: str


@lru_cache(maxsize=20_000)
def amounts(sentence: str) -> Mapping[str, frozenset[float]]:
    """The amounts of a sentence by unit: "3 to 5 working days" is {"working days": {3, 5}}. Traditional Chinese counts as Simplified."""
    text = to_simplified(sentence)
    found: dict[str, set[float]] = {}
    taken: list[tuple[int, int]] = []
    for unit, start, end, values in _amounts(text):
        if any(a < end and start < b for a, b in taken):
            continue
        taken.append((start, end))
        found.setdefault(unit, set()).update(values)
    return {unit: frozenset(values) for unit, values in found.items()}


def says_no(sentence: str, language: str) -> bool:
    """Whether a sentence denies something; "no, ..." before it is an answer and denies nothing by itself, nor does a condition."""
    plain = _FIRST_WORD.sub("", to_simplified(sentence), count=1) if _FIRST_WORD.match(sentence) else to_simplified(sentence)
    return _NO[family(language)].search(_ASIDE[family(language)].sub(" ", plain)) is not None


def differences(one: str, other: str) -> tuple[Difference, ...]:
    """Units of which both sentences speak and share no amount."""
    first, second = amounts(one), amounts(other)
    return tuple(
        Difference(unit, _said(first[unit]), _said(second[unit]))
        for unit in sorted(first.keys() & second.keys())
        if not first[unit] & second[unit]
    )


def _amounts(text: str) -> Iterator[tuple[str, int, int, list[float]]]:
    for pattern in _PRICES:
        for match in pattern.finditer(text):
            currency = match["currency"].lower()
            yield _CURRENCY.get(currency, currency), *match.span(), [_number(match["first"])]
    for match in _CLOCK.finditer(text):
        yield "time of day", *match.span(), [int(match["hour"]) + int(match["minute"]) / 60]
    for unit, pattern in _AMOUNTS:
        for match in pattern.finditer(text):
            yield unit, *match.span(), [_number(part) for part in (match["first"], match["second"]) if part]


def _number(text: str) -> float:
    folded = text.lower()
    if folded in _WORDS:
        return float(_WORDS[folded])
    if not folded[0].isdigit():
        return float(_han_number(folded))
    if re.fullmatch(r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?", folded):
        return float(re.sub("[, ]", "", folded))
    return float(folded.replace(",", "."))


def _han_number(text: str) -> int:
    total, held = 0, 0
    for sign in text:
        if sign in "十百":
            total += (held or 1) * (10 if sign == "十" else 100)
            held = 0
        else:
            held = held * 10 + _HAN[sign]
    return total + held


def _said(values: frozenset[float]) -> str:
    return ", ".join(f"{value:g}" for value in sorted(values))
