"""Chinese numerals: "三百零五", "廿四", "一萬二" (12,000), "二零二六", "兩點五"."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGIT = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "兩": 2, "两": 2}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"萬": 10**4, "万": 10**4, "億": 10**8, "亿": 10**8}
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}
_C = "零〇一二三四五六七八九十百千萬万億亿廿卅卌"
HAN_RUN = re.compile(
    rf"(?:[兩两](?:[百千萬万億亿](?:[{_C}]|[兩两](?=[百千萬万]))*)?|[{_C}](?:[{_C}]|[兩两](?=[百千萬万]))*)"
    r"(?:[點点][零〇一二三四五六七八九]+(?![零〇一二三四五六七八九十百分刻個个]))?"
)
_LONGEST = 16


def parse_han(text: str) -> Decimal | None:
    """The value: "十二" gives 12, "三百零五" 305, "三百五" 350, "二零二六" 2026, "兩點五" 2.5; None when it is no number."""
    whole, _, part = text.replace("點", ".").replace("点", ".").partition(".")
    if not whole or len(text) > _LONGEST or not all(c in _DIGIT for c in part):
        return None
    value = _whole(whole)
    if value is None:
        return None
    return Decimal(f"{value}.{''.join(str(_DIGIT[c]) for c in part)}") if part else Decimal(value)


def approximate(text: str) -> bool:
    """Whether it is "three or four": two neighbouring figures."""
    return len(text) == 2 and all(c in _DIGIT for c in text) and _DIGIT[text[1]] == _DIGIT[text[0]] + 1 and _DIGIT[text[0]] > 0


def _whole(text: str) -> int | None:
    text = "".join(_TENS.get(c, c) for c in text)
    if all(c in _DIGIT for c in text):
        return int("".join(str(_DIGIT[c]) for c in text))
    total, section, unit = 0, 0, 1
    digit: int | None = None
    for c in text:
        if c in _DIGIT:
            if digit:
                return None  # "二三百"
            digit = _DIGIT[c]
        elif c in _UNIT:
            unit = _UNIT[c]
            section, digit = section + (1 if digit is None else digit or 1) * unit, None
        elif c in _LARGE:
            unit = _LARGE[c]
            total, section, digit = (total + section + (digit or 0) or 1) * unit, 0, None
        else:
            return None
    if digit and unit >= 100 and not _zero_before_last(text):
        digit *= unit // 10  # "三百五" is 350
    return total + section + (digit or 0)


def _zero_before_last(text: str) -> bool:
    return len(text) > 1 and _DIGIT.get(text[-2]) == 0
