"""Days told from today: "tomorrow", "next Tuesday", "last month", "próxima terça-feira", "fim de semana", "before Christmas"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.entities.atoms import Form, Found, latin
from nlu.entities.calendar_words import DIA_OF, DOUBTFUL_WEEKDAY, WEEKDAY_OF, looks_back
from nlu.entities.candidates import Asked
from nlu.entities.clock_words import AFTERNOON, MORNING, NIGHT
from nlu.entities.iso import Days, add_months, month_of, one_day, week_of, year_of

_AWAY = {
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "anteontem": -2,
    "yesterday": -1,
    "ontem": -1,
    "today": 0,
    "tdy": 0,
    "hoje": 0,
    "tomorrow": 1,
    "tomorow": 1,
    "tommorow": 1,  # codespell:ignore tommorow
    "tommorrow": 1,  # codespell:ignore tommorrow
    "tmr": 1,
    "tmrw": 1,
    "tmw": 1,
    "2moro": 1,
    "amanha": 1,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
    "depois de amanha": 2,
}
_PARTS = {
    "morning": MORNING,
    "manha": MORNING,
    "afternoon": AFTERNOON,
    "tarde": AFTERNOON,
    "evening": NIGHT,
    "night": NIGHT,
    "noite": NIGHT,
}
_ENGLISH_DAYS = WEEKDAY_OF | DOUBTFUL_WEEKDAY
_EVERY = r"(?<!every )(?<!each )(?<!todas as )(?<!todos os )(?<!cada )(?<!\btoda )(?<!\btodo )(?<!aos )(?<!\bao )"
_WEEKDAY = latin(
    rf"{_EVERY}\b(?P<before>(?:(?:the )?(?:next|last|this|coming|past)|this coming"
    rf"|this past) )?(?P<w>{'|'.join(sorted(WEEKDAY_OF, key=len, reverse=True))})\b"
    r"(?P<week> (?:next|last|this) week)?"
)
_DOUBTFUL = latin(
    rf"\b(?:on|by|until|till|before|after|to|from|or|and) (?P<span>(?P<before>(?:next|last|this) )?(?P<w>{'|'.join(DOUBTFUL_WEEKDAY)})\b)"
)
_DOUBTFUL_ALONE = latin(rf"\b(?P<before>(?:next|last|this) )(?P<w>{'|'.join(DOUBTFUL_WEEKDAY)})\b")
_NOT_NOUN = (
    r"(?! (?:encomenda|pedido|compra|peca|caixa|opcao|linha|fatura|pergunta"
    r"|entrega|tentativa|unidade|mensagem|chavena|vez|via|morada|mao|parte"
    r"|loja|resposta)s?\b)"
)
_DIA = latin(
    rf"{_EVERY}\b(?P<before>(?:n?a |n?o |d[ao] |pel[ao] )?(?:proxim[ao]|ultim[ao]|passad[ao]|est[ae]|ness?[ae]|dest[ae]) |logo )?"
    rf"(?:(?P<w>{'|'.join(DIA_OF)})(?P<feira>[ -]feira)?"
    rf"|(?P<n>[2-6])[ºª°a]?[ -]?feira)\b{_NOT_NOUN}(?P<after> (?:que vem|que passou|passad[ao]"
    rf"|da (?:proxima|outra) semana|seguinte))?"
)
_LAST = frozenset({"last", "past", "this past", "ultima", "ultimo", "passada", "passado", "que passou"})
_NEXT = frozenset({"next", "proxima", "proximo", "que vem", "da proxima semana", "da outra semana", "seguinte"})
_SHIFTS = {"next": 1, "last": -1, "past": -1, "this": 0, "coming": 1, "the current": 0}
_PERIOD = latin(r"\b(?P<which>next|last|this|past|coming) (?P<unit>week|month|year|weekend)\b(?!ly|s)")
_WEEKEND = latin(r"\b(?:at|over|for|on|by|before|after|during|until) (?P<span>the weekend)\b")
_FIM_DE_SEMANA = latin(r"\b(?:no|neste|este|durante o|para o|ate ao|antes do) (?P<span>fim[ -]de[ -]semana)\b")
_PERIODO = latin(
    r"\b(?:(?P<before>est[ea]|nest[ea]|dest[ea]|proxim[oa]|ultim[oa]|passad[oa]"
    r"|para [oa]) (?P<unit>semana|mes|ano|fim[ -]de[ -]semana)\b(?: passad[oa])?"
    r"|(?P<unit2>semana|mes|ano|fim[ -]de[ -]semana) (?P<after>passad[oa]|que vem|seguinte|que passou)\b)"
)
_MONTH_END = latin(
    r"\b(?:end of (?:the|this) month|(?:fim|final) d(?:o|este) mes)\b"
    r"|\b(?P<next>end of next month|(?:fim|final) do (?:proximo mes"
    r"|mes que vem))\b"
)
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "new year's eve": (12, 31),
    "new year": (1, 1),
    "vespera de natal": (12, 24),
}
_FEASTS |= {"natal": (12, 25), "ano novo": (1, 1), "passagem de ano": (12, 31)}
_FEAST = latin(
    r"\b(?:by|before|after|until|on|at|for|over|since|ate ao?|antes do|antes da|depois do|no|para o|na|a tempo do)"
    r" (?P<span>(?P<f>christmas eve|christmas|xmas|new year's eve|new year"
    r"|vespera de natal|natal|ano novo|passagem de ano)(?: day|'s day|'s)?)\b"
    r"(?! (?:gifts?|box(?:es)?|hampers?|sales?|cards?|offers?|presents?|party|tree|edition|tea|blend))"
)


def _away(match: re.Match[str], asked: Asked) -> Found:
    return one_day(asked.now.date() + timedelta(days=_AWAY[match["w"]]))


def _part(match: re.Match[str], asked: Asked) -> Found:
    days = -1 if match.group().startswith("last") else 0
    return one_day(asked.now.date() + timedelta(days=days)), _PARTS[match["p"]]


def _tonight(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return one_day(asked.now.date()), NIGHT


def _weekday(match: re.Match[str], asked: Asked) -> Found:
    before = (match["before"] or "").strip().removeprefix("the ")
    day = _ENGLISH_DAYS[match["w"]]
    week = match.groupdict().get("week")
    if week:
        return one_day(_monday(asked, _SHIFTS[week.split()[0]]) + timedelta(days=day))
    return one_day(_near_weekday(asked, day, before, match))


def _dia(match: re.Match[str], asked: Asked) -> Found:
    before = (match["before"] or "").strip().rpartition(" ")[2]
    after = (match["after"] or "").strip()
    day = DIA_OF[match["w"]] if match["w"] else int(match["n"]) - 2
    return one_day(_near_weekday(asked, day, after or before, match))


def _near_weekday(asked: Asked, day: int, word: str, match: re.Match[str]) -> date:
    """ "next" is the day in the week to come, "last" the latest past; else the next one, or the last in a sentence that looks back."""
    today = asked.now.date()
    if word in _LAST or (
        word not in _NEXT and looks_back(asked.low, *match.span()) and word not in {"this", "this coming", "coming", "esta", "este"}
    ):
        return today - timedelta(days=(today.weekday() - day - 1) % 7 + 1)
    if word in _NEXT:
        return _monday(asked, 1) + timedelta(days=day)
    if word in {"this", "esta", "este"} and day == today.weekday():
        return today
    return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _monday(asked: Asked, weeks: int) -> date:
    today = asked.now.date()
    return today + timedelta(days=7 * weeks - today.weekday())


def period(asked: Asked, unit: str, shift: int) -> Days:
    """This (0), next (1) or last (-1) "week", "month", "year" or "weekend"."""
    today = asked.now.date()
    if unit == "week":
        return week_of(_monday(asked, shift))
    if unit == "month":
        first = add_months(today.replace(day=1), shift)
        return month_of(first.year, first.month)
    if unit == "year":
        return year_of(today.year + shift)
    saturday = _monday(asked, shift) + timedelta(days=5)
    return Days(saturday, saturday + timedelta(days=1))


def _period(match: re.Match[str], asked: Asked) -> Found:
    return period(asked, match["unit"], _SHIFTS[match["which"]])


def _weekend(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return period(asked, "weekend", 0)


def _periodo(match: re.Match[str], asked: Asked) -> Found:
    unit = {"semana": "week", "mes": "month", "ano": "year"}.get(match["unit"] or match["unit2"], "weekend")
    word = match["before"] or match["after"]
    if word.startswith("para ") and unit != "week":
        return None
    past = word in {"ultimo", "ultima", "que passou"} or word.startswith("passad") or "passad" in match.group()
    return period(asked, unit, -1 if past else 0 if word[:3] in {"est", "nes", "des"} else 1)


def _month_end(match: re.Match[str], asked: Asked) -> Found:
    days = period(asked, "month", 1 if match["next"] else 0)
    return one_day(days.last)


def _feast(match: re.Match[str], asked: Asked) -> Found:
    month, day = _FEASTS[match["f"]]
    today = asked.now.date()
    found = date(today.year, month, day)
    if looks_back(asked.low, *match.span()) and found > today:
        return one_day(add_months(found, -12))
    return one_day(found if found >= today else add_months(found, 12))


_NEAR = "|".join(sorted(_AWAY, key=len, reverse=True))
RELATIVE_FORMS: tuple[Form, ...] = (
    Form(latin(rf"(?<![a-z])(?P<w>{_NEAR})(?![a-z])"), _away, frozenset(w.split()[-1] for w in _AWAY) | {"moro"}),
    Form(
        latin(r"\b(?:this|last|est[ae]|hoje) (?:de |a )?(?P<p>morning|afternoon|evening|night|manha|tarde|noite)\b"),
        _part,
        frozenset(_PARTS),
    ),
    Form(latin(r"\b(?:tonight|2nite|tonite|logo a noite)\b"), _tonight, frozenset({"tonight", "tonite", "nite", "noite"})),
    Form(_WEEKDAY, _weekday, frozenset(WEEKDAY_OF), weekday=True),
    Form(_DOUBTFUL, _weekday, frozenset(DOUBTFUL_WEEKDAY), weekday=True),
    Form(_DOUBTFUL_ALONE, _weekday, frozenset(DOUBTFUL_WEEKDAY), weekday=True),
    Form(_DIA, _dia, frozenset(DIA_OF) | {"feira", "afeira"}, weekday=True),
    Form(_PERIOD, _period, frozenset({"week", "month", "year", "weekend"})),
    Form(_WEEKEND, _weekend, frozenset({"weekend"})),
    Form(_FIM_DE_SEMANA, _weekend, frozenset({"fim"})),
    Form(_PERIODO, _periodo, frozenset({"semana", "mes", "ano"})),
    Form(_MONTH_END, _month_end, frozenset({"end", "fim", "final"})),
    Form(_FEAST, _feast, frozenset({"christmas", "xmas", "year", "natal", "ano"})),
)
