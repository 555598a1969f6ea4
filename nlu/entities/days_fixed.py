"""Days by figures and month names: "25/12/2026", "5th of March", "12 a 14 de dezembro", "the 5th", "dia 5", "in March"."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from nlu.entities.atoms import Form, Found, latin
from nlu.entities.calendar_words import ANY_MONTH, MONTHS, looks_back
from nlu.entities.candidates import Asked
from nlu.entities.iso import Days, add_months, month_of, one_day
from nlu.text import words_of

_HALF_YEAR = 180  # days
_YEAR = r"(?P<y>[12][0-9]{3})"
_TO = r"(?: ?(?:-|to|until|and|through|a|ao|ate|e|ate ao) ?(?:the |dia )?)"
_DAY = r"(?:[12][0-9]|3[01]|0?[1-9])"
_AFTER_DAY = (
    r"(?=[ ]?(?:$|[.,!?;:)/\n]|(?:at|in|until|till|through|for|so|since|as|with|by|or|and|to"
    r"|from|please|is|was|would|works?|will|if|then|morning|afternoon|evening|before|after|of"
    r" (?:this|next|last)|instead|because|when|but|that'?s|around|between|do you|can|i)\b|[^\x00-\x7f]))"
)
_ORDINALS = dict(
    zip(
        words_of(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
            " seventeenth eighteenth nineteenth twentieth thirtieth"
        ),
        (*range(1, 21), 30),
        strict=True,
    )
)
_ORDINALS |= {f"twenty{gap}{word}": 20 + n for word, n in _ORDINALS.items() if n < 10 for gap in "- "}
_ORDINALS |= {f"thirty{gap}first": 31 for gap in "- "}
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_DATE_WORD = r"(?:on|by|before|until|till|since|from|at|dia|dias|em|ate|desde|para|date|data|between|entre|no|a partir de|de|is|was)"
_NO_UNIT = r"(?! ?(?:kg|g|cm|mm|ml|l|m|items?|pieces?|pcs|cups?|x|%|of|hours?|days?|dias|horas|stars|peca|pecas)\b| ?%|/f\b|[个個件盒包])"


@lru_cache(maxsize=2)
def fixed_forms(language: str) -> tuple[Form, ...]:
    """The forms for "en" or "pt"; the names of both languages are known to each, save where they mean something else."""
    names = MONTHS[language]
    month = "(?P<m>" + "|".join(sorted(names, key=len, reverse=True)) + ")"
    return _figure_forms() + _named_forms(names, month) + _day_forms()


def _figure_forms() -> tuple[Form, ...]:
    return (
        Form(latin(rf"(?<![0-9a-z-]){_YEAR}(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?P=s)(?P<d>[0-9]{{1,2}})(?![0-9]|[-/][0-9])"), _iso),
        Form(
            latin(
                r"(?<![0-9a-z./-])(?P<d>[0-9]{1,2})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<y>20[0-9]{2}|19[0-9]{2}"
                r"|(?<=[/.])[1-3][0-9])(?![0-9]|[-/.][0-9])"
            ),
            _figures,
        ),
        Form(latin(rf"(?<![0-9a-z./$-])(?P<d>[0-9]{{1,2}})/(?P<m>[0-9]{{1,2}})(?P<y>)(?![0-9a-z/]|[.,-][0-9]){_NO_UNIT}"), _short_figures),
    )


def _named_forms(names: frozenset[str], month: str) -> tuple[Form, ...]:
    return (
        Form(
            latin(
                rf"(?<![0-9a-z.,/$-])(?:the |dia )?(?P<d>{_DAY})(?:st|nd|rd|th|[º°])?(?:{_TO}(?P<d2>{_DAY})(?:st|nd|rd|th|[º°])?)?"
                rf"(?: of | de |-| )?(?<![0-9]){month}\b\.?(?:,? (?:de |of )?{_YEAR}(?![0-9]))?(?! ?[0-9])"
            ),
            _named,
            names,
        ),
        Form(
            latin(
                rf"\b(?<![0-9-]){month}\.? (?:the )?(?P<d>{_DAY})(?:st|nd|rd|th)?(?:{_TO}(?P<d2>{_DAY})(?:st|nd|rd|th)?)?"
                rf"(?![0-9a-z:%]|\.[0-9]|,(?![12][0-9]{{3}}(?![0-9]))[0-9]){_NO_UNIT}(?:(?: of |, ?| ){_YEAR}(?![0-9]))?"
            ),
            _named,
            names,
        ),
        Form(latin(rf"\b{month} (?:the )?(?P<d>{_ORDINAL})\b(?P<d2>)(?P<y>)"), _named, names),
        Form(latin(rf"\b(?:the )?(?P<d>{_ORDINAL}) of {month}\b(?P<d2>)(?:,? {_YEAR}(?![0-9]))?"), _named, names),
        Form(latin(rf"\b{month},? (?:de |of )?{_YEAR}(?![0-9])"), _month, names),
        Form(
            latin(
                rf"\b(?P<word>in|by|since|until|before|after|during|early|late|mid|em"
                rf"|ate|desde|antes de|depois de) (?P<span>{month})\b(?! ?[0-9])"
            ),
            _month,
            names,
        ),
    )


def _day_forms() -> tuple[Form, ...]:
    return (
        Form(latin(rf"(?<![0-9a-z])(?P<span>the (?P<d>{_DAY})(?:st|nd|rd|th)){_AFTER_DAY}"), _day_of_month),
        Form(latin(rf"\b(?:on|by|before|after|until|till|since|from) (?P<span>(?P<d>{_DAY})(?:st|nd|rd|th)){_AFTER_DAY}"), _day_of_month),
        Form(
            latin(
                rf"\b(?P<d>{_DAY})(?:st|nd|rd|th) of (?P<which>this|next|last) month\b"
                r"|\bdia (?P<d2>[12][0-9]|3[01]|0?[1-9]) d(?:o (?:proximo mes|mes que vem|mes passado)|este mes)\b"
            ),
            _day_of_that_month,
            frozenset({"month", "mes"}),
        ),
        Form(latin(rf"\bdia (?P<d>{_DAY})(?![0-9a-z/]|[.,:-][0-9])(?! (?:de |do |deste ))"), _day_of_month, frozenset({"dia"})),
    )


def answer_forms() -> tuple[Form, ...]:
    """What is a day only because a date was just asked for: "5", "the 5th", "5th"."""
    return (_ANSWER,)


def with_year(asked: Asked, month: int, day: int, year: str | None, *, span: tuple[int, int]) -> date:
    """The day in the year given, else the one nearest to now; in a sentence that looks back, the last one."""
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    today = asked.now.date()
    leap = {today.year, today.year + 1} if (month, day) != (2, 29) else {y for y in range(today.year, today.year + 8) if y % 4 == 0}
    found = date(min(leap), month, day)
    if looks_back(asked.low, *span):
        return add_months(found, -12) if found > today else found
    return add_months(found, 12) if (today - found).days > _HALF_YEAR else found


def day_of_month(asked: Asked, day: int, *, span: tuple[int, int]) -> date:
    """The next such day, today included; in a sentence that looks back, the last one."""
    today = asked.now.date()
    step = -1 if looks_back(asked.low, *span) else 1
    for months in range(4):
        first = add_months(today.replace(day=1), step * months)
        try:
            found = first.replace(day=day)
        except ValueError:
            continue
        if (found >= today) if step > 0 else (found <= today):
            return found
    raise ValueError(day)


def _iso(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return one_day(date(int(match["y"]), int(match["m"]), int(match["d"])))


def _figures(match: re.Match[str], asked: Asked) -> Found:
    day, month = int(match["d"]), int(match["m"])
    if month > 12 >= day or (asked.settings.month_first and asked.language == "en" and day <= 12):
        day, month = month, day
    return one_day(with_year(asked, month, day, match["y"], span=match.span()))


_WORD_BEFORE = re.compile(rf"\b{_DATE_WORD}:? (?:the )?$", re.ASCII)


def _short_figures(match: re.Match[str], asked: Asked) -> Found:
    """ "1/2" may be a half: a day only behind a word such as "on", in the form 05/12, or when a date was asked for. "24/7" never is."""
    if match.group() == "24/7":
        return None
    clear = len(match["d"]) == len(match["m"]) == 2 or asked.expected == "date"
    clear = clear or (len(match["d"]) == 2 and int(match["d"]) > 12 and int(match["m"]) <= 12)
    if not clear and not _WORD_BEFORE.search(asked.low, max(0, match.start() - 18), match.start()):
        return None
    return _figures(match, asked)


def _named(match: re.Match[str], asked: Asked) -> Found:
    month = ANY_MONTH[match["m"]]
    day = _ORDINALS.get(match["d"]) or int(match["d"])
    first = with_year(asked, month, day, match["y"], span=match.span())
    if not match["d2"]:
        return one_day(first)
    last = first.replace(day=int(match["d2"]))
    return Days(first, last) if last > first else None


def _month(match: re.Match[str], asked: Asked) -> Found:
    month, groups = ANY_MONTH[match["m"]], match.groupdict()
    if groups.get("y"):
        return month_of(int(groups["y"]), month)
    today = asked.now.date()
    if match["word"] in {"since", "desde"} or looks_back(asked.low, *match.span()):
        return month_of(today.year - (month > today.month), month)
    return month_of(today.year + (month < today.month), month)


def _day_of_month(match: re.Match[str], asked: Asked) -> Found:
    return one_day(day_of_month(asked, int(match["d"]), span=match.span()))


def _day_of_that_month(match: re.Match[str], asked: Asked) -> Found:
    words = match.group()
    months = 1 if "next" in words or "proximo" in words or "vem" in words else -1 if "last" in words or "passado" in words else 0
    first = add_months(asked.now.date().replace(day=1), months)
    return one_day(first.replace(day=int(match["d"] or match["d2"])))


_ANSWER = Form(latin(rf"(?<![0-9a-z.,:/$#-])(?:the |dia |on )?(?P<d>{_DAY})(?:st|nd|rd|th)?(?![0-9a-z%]|[.,:/-][0-9])"), _day_of_month)
