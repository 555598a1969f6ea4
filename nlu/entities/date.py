"""Dates, absolute and relative, in English, Chinese and Portuguese; the value is an ISO 8601 day.

A weekday or a day without its year means the next one to come, except with "last"; day comes before month in figures ("3/4" is 3 April).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.number import parse_han
from nlu.text import words_of

_MONTHS = {
    "en": words_of("january february march april may june july august september october november december"),
    "pt": words_of("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
}
_WEEKDAYS = {
    "en": words_of("monday tuesday wednesday thursday friday saturday sunday"),
    "pt": words_of("segunda terça quarta quinta sexta sábado domingo"),
}
_MONTH_OF = {
    name[:n].replace("ç", ch): i + 1 for names in _MONTHS.values() for i, name in enumerate(names) for n in (3, 20) for ch in ("ç", "c")
}
_MONTH_OF |= {"sept": 9}
_DAY_OF = {
    name.replace("ç", a).replace("á", b): i for names in _WEEKDAYS.values() for i, name in enumerate(names) for a in "çc" for b in "áa"
}
_DAY_OF |= {f"{d}-feira": i for d, i in _DAY_OF.items() if i < 5 and not d.endswith("day")} | {
    d[:3]: i for i, d in enumerate(_WEEKDAYS["en"])
}
_MONTH = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DAY = "|".join(sorted((re.escape(d) for d in _DAY_OF if len(d) > 3), key=len, reverse=True))
_HAN_DIGIT = r"[零〇一二三四五六七八九十廿0-9]"
_DAYS_AWAY = {
    -2: ("day before yesterday", "anteontem", "前天", "前日"),
    -1: ("yesterday", "ontem", "昨天", "昨日", "尋日", "寻日", "琴日"),
    0: ("today", "tonight", "hoje", "今天", "今日"),
    1: ("tomorrow", "tmr", "amanhã", "amanha", "明天", "聽日", "听日", "明日"),
    2: ("day after tomorrow", "depois de amanhã", "depois de amanha", "後天", "后天", "後日", "后日"),
}
_RELATIVE = {word: days for days, words in _DAYS_AWAY.items() for word in words}
_WORD = "|".join(sorted((re.escape(w) for w in _RELATIVE), key=len, reverse=True))
_UNITS = {
    "day": 1,
    "days": 1,
    "week": 7,
    "weeks": 7,
    "dia": 1,
    "dias": 1,
    "semana": 7,
    "semanas": 7,
    "天": 1,
    "日": 1,
    "星期": 7,
    "週": 7,
    "周": 7,
    "禮拜": 7,
    "礼拜": 7,
}
_COUNTS = dict(zip(words_of("a one two three four five six seven"), (1, 1, 2, 3, 4, 5, 6, 7), strict=True))
_COUNTS |= dict(zip(words_of("uma um dois duas três tres quatro cinco seis sete"), (1, 1, 2, 2, 3, 3, 4, 5, 6, 7), strict=True))
_COUNT = r"[0-9]{1,3}|" + "|".join(sorted(_COUNTS, key=len, reverse=True))

_Reader = Callable[[re.Match[str], date], date | None]


def find_dates(asked: Asked) -> Iterator[Candidate]:
    """Every date in the text; the longest of overlapping readings wins."""
    for pattern, read in _FORMS:
        for match in pattern.finditer(asked.text):
            try:
                found = read(match, asked.now.date())
            except (ValueError, OverflowError):
                continue
            if found is not None:
                priority = 88 if asked.expected == "date" else 70
                yield candidate(asked, "date", match.span(), found.isoformat(), priority=priority, confidence=0.95)


def _iso(match: re.Match[str], now: date) -> date:  # noqa: ARG001
    return date(int(match["y"]), int(match["m"]), int(match["d"]))


def _figures(match: re.Match[str], now: date) -> date:
    day, month = int(match["d"]), int(match["m"])
    if month > 12 >= day:
        day, month = month, day
    return _with_year(now, month, day, match["y"])


def _named(match: re.Match[str], now: date) -> date:
    return _with_year(now, _MONTH_OF[match["m"].casefold()], int(match["d"]), match["y"])


def _han(match: re.Match[str], now: date) -> date:
    year = match["y"]
    return _with_year(now, _han_number(match["m"]), _han_number(match["d"]), str(_han_number(year)) if year else None)


def _han_number(text: str) -> int:
    return int(text) if text.isdigit() and text.isascii() else parse_han(text)


def _with_year(now: date, month: int, day: int, year: str | None) -> date:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    found = date(now.year, month, day)
    return date(now.year + 1, month, day) if (now - found).days > 180 else found


def _relative(match: re.Match[str], now: date) -> date:
    return now + timedelta(days=_RELATIVE[match["w"].casefold()])


def _weekday(match: re.Match[str], now: date) -> date:
    day = _DAY_OF[match["w"].casefold()]
    word = (match["before"] or match["after"] or "").casefold().strip()
    if word in {"last", "passada", "passado"}:
        return now - timedelta(days=(now.weekday() - day - 1) % 7 + 1)
    ahead = now + timedelta(days=(day - now.weekday() - 1) % 7 + 1)
    if word in {"next", "que vem", "próxima", "proxima", "próximo", "proximo"}:
        return now - timedelta(days=now.weekday()) + timedelta(days=7 + day)
    return ahead


def _han_weekday(match: re.Match[str], now: date) -> date:
    day = "一二三四五六日天".index(match["w"])
    day = min(day, 6)
    monday = now - timedelta(days=now.weekday())
    shift = {"下": 7, "下個": 7, "下个": 7, "上": -7, "上個": -7, "上个": -7}.get(match["before"] or "")
    if shift is not None:
        return monday + timedelta(days=day + shift)
    found = monday + timedelta(days=day)
    return found if match["before"] or found >= now else found + timedelta(days=7)


def _counted(match: re.Match[str], now: date) -> date:
    text = match["n"].casefold()
    count = int(text) if text.isdigit() else _COUNTS[text]
    groups = match.groupdict()
    sign = -1 if groups.get("ago") else 1
    return now + timedelta(days=sign * count * _UNITS[match["u"].casefold()])


def _han_counted(match: re.Match[str], now: date) -> date:
    sign = -1 if match["side"] in {"前", "之前", "以前"} else 1
    count = 2 if match["n"] in {"兩", "两"} else _han_number(match["n"])
    return now + timedelta(days=sign * count * _UNITS[match["u"]])


def _either(match: re.Match[str], now: date) -> date:
    count, unit = match["n"] or match["n2"], match["u"] or match["u2"]
    days = int(count) if count.isdigit() else _COUNTS[count.casefold()]
    return now + timedelta(days=days * _UNITS[unit.casefold()])


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_YEAR = r"(?P<y>[12][0-9]{3})"
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_compile(rf"(?<![0-9A-Za-z-]){_YEAR}[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}})(?![0-9])"), _iso),
    (_compile(r"(?<![0-9A-Za-z./-])(?P<d>[0-9]{1,2})[-/.](?P<m>[0-9]{1,2})[-/.](?P<y>[12][0-9]{3}|[0-9]{2})(?![0-9])"), _figures),
    (_compile(r"(?<![0-9A-Za-z./-])(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})(?P<y>)(?![0-9/])"), _figures),
    (_compile(rf"\b(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|º)?(?: of| de)? (?P<m>{_MONTH})\b\.?(?:,? (?:de )?{_YEAR}\b)?"), _named),
    (_compile(rf"\b(?P<m>{_MONTH})\.? (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?\b(?:,? {_YEAR}\b)?"), _named),
    (
        _compile(
            rf"(?:(?P<y>[12][0-9]{{3}}|[零〇一二三四五六七八九]{{4}})年)?(?P<m>{_HAN_DIGIT}{{1,3}})月(?P<d>{_HAN_DIGIT}{{1,3}})[日號号]?"
        ),
        _han,
    ),
    (_compile(rf"(?<![^\W_\u4e00-\u9fff])(?:the )?(?P<w>{_WORD})(?![^\W_\u4e00-\u9fff])"), _relative),
    (
        _compile(
            rf"\b(?P<before>next |last |this |próxima |proxima |próximo |proximo )?(?P<w>{_DAY})(?P<after> que vem| passada| passado)?\b"
        ),
        _weekday,
    ),
    (
        _compile(r"(?P<before>下個|下个|上個|上个|這個|这个|今個|下|上|這|这|呢|本)?(?:星期|禮拜|礼拜|週|周)(?P<w>[一二三四五六日天])"),
        _han_weekday,
    ),
    (
        _compile(rf"\bin (?P<n>{_COUNT}) (?P<u>days?|weeks?)\b|\b(?:daqui a|dentro de|em) (?P<n2>{_COUNT}) (?P<u2>dias?|semanas?)\b"),
        _either,
    ),
    (_compile(rf"\b(?P<n>{_COUNT}) (?P<u>days?|weeks?|dias?|semanas?) (?P<ago>ago|atrás|atras)\b"), _counted),
    (_compile(rf"\bhá (?P<n>{_COUNT}) (?P<u>dias?|semanas?)(?P<ago>)\b"), lambda m, now: now - (_counted(m, now) - now)),
    (
        _compile(
            r"(?P<n>[0-9]{1,3}|[一二三四五六七八九十兩两]{1,3})[個个]?(?P<u>天|日|星期|禮拜|礼拜|週|周)(?P<side>之前|以前|前|之後|之后|以後|以后|後|后)"
        ),
        _han_counted,
    ),
)
