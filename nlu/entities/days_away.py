"""Days and times counted from now: "in 3 days", "two weeks ago", 三日後, 半個鐘後, "daqui a 3 dias", "há duas semanas"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from nlu.entities.atoms import Atom, latin
from nlu.entities.candidates import Asked
from nlu.entities.duration import Length, find_lengths
from nlu.entities.iso import Clock, add_months, one_day

_ABOUT = (
    r"(?:(?:about|around|approximately|more than|over|almost|nearly|like|just|only|mais de|cerca de|quase|uns|umas|so|aproximadamente) )*"
)
_IN = latin(rf"\b(?P<in>in|daqui a|dentro de|em) {_ABOUT}$|(?P<over>過多?|过多?|再過|再过)$")
_HA = latin(rf"\b(?:ha(?: ja)?|ja ha|faz(?: ja)?) {_ABOUT}$")
_AGO = latin(r"(?:'? (?:ago|earlier|back|atras|before now)\b|(?:之前|以前|前(?!面|臺|台|後|后|往)))")
_LATER = latin(r"(?: (?:from now|later|from today|a contar de hoje)\b|'? time\b|(?:之後|之后|以後|以后|後(?!面)|后(?!面))(?:嘅|的)?)")
_WINDOW = 34


def find_away(asked: Asked) -> Iterator[Atom]:
    """Every length of time with a word that turns it into a day or a moment."""
    for length in find_lengths(asked):
        sign, start, end = _direction(asked, length)
        if not sign or length.bare:
            continue
        try:
            yield _atom(asked, length, sign, (start, end))
        except (ValueError, OverflowError):
            continue


def _direction(asked: Asked, length: Length) -> tuple[int, int, int]:
    """1, -1 or 0 (no direction), with the place from the word before to the word behind."""
    low, earliest = asked.low, max(0, length.start - _WINDOW)
    ago, later = _AGO.match(low, length.end), _LATER.match(low, length.end)
    inside = _IN.search(low, earliest, length.start)
    if ago:
        return -1, length.start, ago.end()
    if inside and (inside["over"] is None or later or not asked.low[length.end : length.end + 1].startswith("期")):
        return 1, inside.start(), later.end() if later else length.end
    since = _HA.search(low, earliest, length.start)
    if since:
        return -1, since.start(), length.end
    return (1, length.start, later.end()) if later else (0, 0, 0)


def _atom(asked: Asked, length: Length, sign: int, span: tuple[int, int]) -> Atom:
    today, value = asked.now.date(), length.value
    if length.unit in {"H", "M", "S"}:
        seconds = {"H": 3600, "M": 60, "S": 1}[length.unit] * float(value)
        moment: datetime = asked.now + timedelta(seconds=sign * round(seconds))
        return Atom(*span, one_day(moment.date()), Clock(moment.time().replace(second=0, microsecond=0)))
    if length.unit in {"Mo", "Y"}:
        months = float(value) * (12 if length.unit == "Y" else 1)
        day = add_months(today, sign * int(months)) + timedelta(days=sign * round(30 * (months - int(months))))
    else:
        day = today + timedelta(days=sign * round(float(value) * {"D": 1, "W": 7, "F": 14}[length.unit]))
    return Atom(*span, one_day(day))
