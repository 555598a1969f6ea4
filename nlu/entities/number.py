"""Numbers in digits and in words: English, Chinese, Portuguese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.text import words_of

_DIGITS = re.compile(
    r"(?<![\w.,])[-+]?[0-9]+(?:[.,][0-9]+)*(?![\w]|[.,][0-9])|(?<=[\u4e00-\u9fff])[0-9]+(?:[.,][0-9]+)*(?![0-9A-Za-z])|(?<![\w.,])[0-9]+(?=[\u4e00-\u9fff])"
)
_WORDS = {
    "en": words_of(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen twenty"
    ),
    "pt": words_of(
        "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove vinte"
    ),
}
_MORE = {
    "pt": {"uma": 1, "duas": 2, "tres": 3, "quatorze": 14, "dezesseis": 16, "dezessete": 17, "dezenove": 19},
    "en": {"dozen": 12, "thirty": 30},
}
_AMBIGUOUS = frozenset({"one", "um", "uma"})
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "兩": 2, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "萬": 10_000, "万": 10_000}
_HAN_NUMBER = re.compile(
    r"[零〇一二三四五六七八九十百千萬万兩两廿]+(?=[個个件份盒包罐張张隻只位次套樽瓶塊块元蚊])|^[零〇一二三四五六七八九十百千萬万兩两廿]+$"
)


def find_numbers(asked: Asked) -> Iterator[Candidate]:
    """Value in plain decimal notation.

    "one" and "um" count only when a number was just asked for; Chinese numerals before a measure word or alone.
    """
    wanted = asked.expected in {"number", "quantity"}
    for match in _DIGITS.finditer(asked.text):
        value = parse_digits(match.group(), asked.language)
        if value is not None:
            yield candidate(asked, "number", match.span(), value, priority=60 if wanted else 20)
    for match in re.finditer(r"[^\W\d_]+", asked.text):
        number = _word_value(match.group().casefold(), asked.language)
        if number is not None and (wanted or match.group().casefold() not in _AMBIGUOUS):
            yield candidate(asked, "number", match.span(), str(number), priority=60 if wanted else 20, confidence=0.9)
    for match in _HAN_NUMBER.finditer(asked.text):
        yield candidate(asked, "number", match.span(), str(parse_han(match.group())), priority=60 if wanted else 20, confidence=0.9)


def parse_digits(text: str, language: str) -> str | None:
    """ "1,299.50" (in Portuguese "1.299,50") as "1299.5"; None when it is none."""
    decimal_mark = _decimal_mark(text, language)
    plain = "".join("." if c == decimal_mark else c for c in text if c == decimal_mark or c not in ".,")
    try:
        return format(Decimal(plain).normalize(), "f")
    except InvalidOperation:
        return None


def parse_han(text: str) -> int:
    """ "十二" gives 12, "三百零五" 305, "二零二六" 2026."""
    text = text.replace("廿", "二十")
    if not any(c in _HAN_UNITS for c in text):
        return int("".join(str(_HAN[c]) for c in text))
    total, section, digit = 0, 0, 0
    for c in text:
        if c in _HAN:
            digit = _HAN[c]
        elif _HAN_UNITS[c] == 10_000:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section += max(digit, 1) * _HAN_UNITS[c]
            digit = 0
    return total + section + digit


def _decimal_mark(text: str, language: str) -> str | None:
    marks = [c for c in text if c in ".,"]
    if not marks:
        return None
    last, tail = marks[-1], text[max(text.rfind("."), text.rfind(",")) + 1 :]
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return None
    thousands = "." if language == "pt" else ","
    return None if last == thousands and len(tail) == 3 else last


def _word_value(word: str, language: str) -> int | None:
    if word in _MORE.get(language, {}):
        return _MORE[language][word]
    words = _WORDS.get(language, [])
    return words.index(word) if word in words else None
