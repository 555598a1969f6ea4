"""Names of months, weekdays and near days, folded (no capitals, no accents), and whether a sentence looks back."""

from __future__ import annotations

import re

from nlu.text import words_of

_MONTHS_EN = words_of("january february march april may june july august september october november december")
_MONTHS_PT = words_of("janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro")
MONTH_OF = {w: n for names in (_MONTHS_EN, _MONTHS_PT) for n, w in enumerate(names, 1)}
_SHORT_EN = {w[:3]: n for n, w in enumerate(_MONTHS_EN, 1)} | {"sept": 9}
_SHORT_PT = {w[:3]: n for n, w in enumerate(_MONTHS_PT, 1)}
ANY_MONTH = MONTH_OF | _SHORT_EN | _SHORT_PT
MONTHS = {
    "en": frozenset({*_MONTHS_EN, *_SHORT_EN, *_MONTHS_PT} - {"marco"}),
    "pt": frozenset({*_MONTHS_PT, *_SHORT_PT, *_MONTHS_EN} - {"may", "march"}),
}
WEEKDAY_OF = {w: n for n, w in enumerate(words_of("monday tuesday wednesday thursday friday saturday sunday"))}
WEEKDAY_OF |= {"tue": 1, "tues": 1, "thu": 3, "thurs": 3, "fri": 4}
DOUBTFUL_WEEKDAY = {"mon": 0, "wed": 2, "sat": 5, "sun": 6}
DIA_OF = {w: n for n, w in enumerate(words_of("segunda terca quarta quinta sexta sabado domingo"))}
HAN_WEEKDAYS = "一二三四五六日天"

_PAST = (
    "ordered bought paid arrived received placed shipped sent returned came"
    " got delivered purchased called emailed wrote was were been since"
    " dropped picked cancelled did had asked contacted collected posted opened never didn hasn haven"
    " encomendei comprei paguei chegou chegaram recebi fiz enviei enviaram foi foram desde devolvi pedi entregaram mandei liguei vieram fui"
)
_AHEAD = (
    "will can could would shall want need by before until gonna ll may might should please quero preciso podem pode posso vou vai ate antes"
    " queria gostaria consigo entregam chega vem"
)
_CUE = re.compile(rf"\b(?:(?P<past>{'|'.join(_PAST.split())})|(?:{'|'.join(_AHEAD.split())}))\b", re.ASCII)
_CLAUSE_END = re.compile("[.!?;,，。！？；\n]")
_HAN_PAST = re.compile(
    "[沒没](?:有)?[收到扣送寄發发還还來来嚟打]|未[收到送]|點解|为什么|為什麼|(?:借|申[請请]|存|提)[了咗嘅的]"
    "|(?:[落下訂订買买付收寄退送叫][單单]?|[單单])[咗了]|(?:買|买|訂|订|落|付)[嘅的]|到而家|至今|已[經经]"
)
_WINDOW = 60


def looks_back(low: str, start: int, end: int) -> bool:
    """Whether the clause around `start` to `end` tells of something past: the nearest verb before it decides, else one behind it."""
    before = _CLAUSE_END.split(low[max(0, start - _WINDOW) : start])[-1]
    cues = list(_CUE.finditer(before))
    if cues:
        return cues[-1]["past"] is not None
    after = _CLAUSE_END.split(low[end : end + _WINDOW])[0]
    first = _CUE.search(after)
    return bool(first and first["past"]) or _HAN_PAST.search(after) is not None or _HAN_PAST.search(before) is not None
