"""Times of day in English and Portuguese: "3pm", "15:30", "half past two", "at 3", "às 15h30", "das 9 às 18h", "de manhã"."""

from __future__ import annotations

import re
from datetime import time

from nlu.entities.atoms import Form, Found, latin
from nlu.entities.candidates import Asked
from nlu.entities.clock_words import AFTERNOON, MORNING, NIGHT, SMALL_HOURS, clock
from nlu.entities.iso import Clock
from nlu.text import words_of

_HOURS = {w: n for n, w in enumerate(words_of("one two three four five six seven eight nine ten eleven twelve"), 1)}
_HORAS = {w: n for n, w in enumerate(words_of("uma duas tres quatro cinco seis sete oito nove dez onze doze"), 1)}
_MINUTES = {"quarter": 15, "half": 30, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25, "twenty five": 25}
_MINUTOS = {"meia": 30, "um quarto": 15, "quinze": 15, "dez": 10, "vinte": 20, "cinco": 5}
_PARTS = {"morning": MORNING, "manha": MORNING, "madrugada": SMALL_HOURS, "afternoon": AFTERNOON, "tarde": AFTERNOON}
_PARTS |= {"evening": NIGHT, "night": NIGHT, "noite": NIGHT}

_H12 = r"(?:1[0-2]|0?[1-9])"
_H24 = r"(?:2[0-4]|1[0-9]|0?[0-9])"
_M = r"[0-5][0-9]"
_AP = r"(?: ?(?P<ap>[ap])\.? ?m\b\.?)"
_NO_DIGIT = r"(?<![0-9a-z:.,$€£/#-])"
_IN_THE = r"(?: in the (?P<part>morning|afternoon|evening)| at (?P<part2>night))?"
_DA = r"(?: (?:d[ae] )(?P<part>manha|tarde|noite|madrugada))?"
_END = (
    r"(?= ?(?:$|[.,!?;)\n]|(?:on|for|ish|today|tomorrow|tmr|tonight|please|if|sharp|or"
    r"|and|instead|because|but|next|this|when|is|was|works|would|thanks"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|hoje|amanha|na"
    r"|no|ou|se|por favor|pode|de|da|do|em|esta|para)\b|[^\x00-\x7f]))"
)
_HOUR_WORD = "|".join(_HOURS)
_MINUTE_WORDS = {"ten": 10, "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50}
_MINUTE_WORDS |= {name.replace("-", " "): n for name, n in _MINUTE_WORDS.items() if "-" in name}
_MINUTE_WORD = "|".join(sorted(_MINUTE_WORDS, key=len, reverse=True))
_HORA_WORD = "|".join(_HORAS)


def _minute(text: str | None) -> int:
    return (_MINUTE_WORDS.get(text) or int(text)) if text else 0


def _digital(match: re.Match[str], asked: Asked) -> Found:
    """ "15:30", "3:30 pm", "03:30"; a bare "3:30" is in the afternoon."""
    groups = match.groupdict()
    part = _PARTS.get(groups.get("part") or "") or _half_of_day(groups.get("ap"))
    return clock(asked, int(match["h"]), _minute(match["m"]), part=part, exact=match["h"].startswith("0"))


def _half_of_day(letter: str | None) -> Clock | None:
    return {"a": SMALL_HOURS, "p": AFTERNOON}.get(letter or "")


def _twelve(match: re.Match[str], asked: Asked) -> Found:
    hour = _HOURS.get(match["h"]) or int(match["h"])
    return clock(asked, hour % 12 + (12 if match["ap"] == "p" else 0), _minute(match["m"]), exact=True)


def _at(match: re.Match[str], asked: Asked) -> Found:
    groups = match.groupdict()
    part = _PARTS.get(groups.get("part") or groups.get("part2") or "")
    hour = _HOURS.get(match["h"]) or int(match["h"])
    return clock(asked, hour, _minute(groups.get("m")), part=part)


def _past(match: re.Match[str], asked: Asked) -> Found:
    hour, minute = _HOURS.get(match["h"]) or int(match["h"]), _MINUTES.get(match["m"]) or int(match["m"])
    part = _PARTS.get(match["part"] or match["part2"] or "") or _half_of_day(match["ap"])
    if match["to"] == "to":
        earlier = clock(asked, hour, part=part).start
        return Clock(time((earlier.hour - 1) % 24, 60 - minute))
    return clock(asked, hour, minute, part=part)


def _horas(match: re.Match[str], asked: Asked) -> Found:
    """ "às 15h30", "às três e meia da tarde". Without the accent "as 3" needs an "h", a colon or a part of the day."""
    groups = match.groupdict()
    accented = not asked.text[match.start()].isascii() or match.group().startswith(("pelas", "ate", "depois", "antes"))
    if match.group().startswith("a ") and not accented:
        return None
    more = groups.get("unit") or groups.get("m") or groups.get("half") or groups.get("part")
    if not accented and not more:
        return None
    hour = _HORAS.get(match["h"]) or int(match["h"])
    minute = _minute(groups.get("m")) or _MINUTOS.get(groups.get("half") or "", 0)
    return clock(asked, hour, minute, part=_PARTS.get(groups.get("part") or ""), exact=match["h"].startswith("0"))


def _hours_h(match: re.Match[str], asked: Asked) -> Found:
    """ "15h30", "18h": from 7 to 23 a time; "2h" is a length."""
    hour = int(match["h"])
    if hour < 7 or (not match["m"] and hour in {12, 24}) or hour > 23:
        return None
    return clock(asked, hour, _minute(match["m"]), part=_PARTS.get(match["part"] or ""), exact=True)


def _noon(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return Clock(time(0 if match.group()[:3] in {"mid", "mei"} and ("night" in match.group() or "noite" in match.group()) else 12))


def _part(match: re.Match[str], asked: Asked) -> Found:
    """ "à tarde" is in the afternoon, "a tarde" only beside a day."""
    if match.group().startswith("a ") and asked.text[match.start()].isascii():
        return None
    return _PARTS[match["p"]]


def _between(match: re.Match[str], asked: Asked) -> Found:
    """ "from 9am to 5pm", "2-4pm", "between 2 and 4": what is said of the end holds for the start, as far as it stays before it."""
    last = _bound(match, asked, "2", _half_of_day(match["ap2"]))
    ap = match["ap"] or (match["ap2"] if match["ap2"] and int(match["h"]) % 12 <= int(match["h2"]) % 12 else None)
    ap = ap or ("a" if match["ap2"] == "p" and int(match["h"]) > int(match["h2"]) % 12 else None)
    first = _bound(match, asked, "", _half_of_day(ap))
    return Clock(first, last) if first < last else None


def _entre(match: re.Match[str], asked: Asked) -> Found:
    part = _PARTS.get(match["part"] or "")
    first, last = _bound(match, asked, "", part), _bound(match, asked, "2", part)
    return Clock(first, last) if first < last else None


def _bound(match: re.Match[str], asked: Asked, which: str, part: Clock | None) -> time:
    minute = match[f"m{which}"]
    return clock(asked, int(match[f"h{which}"]), _minute(minute), part=part).start


_FIRST = rf"(?P<h>{_H24})(?:[:.h](?P<m>{_M}))?"
_LAST = rf"(?P<h2>{_H24})(?:[:.h](?P<m2>{_M}))?"
_MANY = frozenset({"in", "at", "by", "about", "around", "before", "after", "until", "till"})
LATIN_CLOCKS: tuple[Form, ...] = (
    Form(
        latin(
            rf"{_NO_DIGIT}(?P<h>{_H24}):(?P<m>{_M})(?::{_M})?(?:{_AP}| ?h(?:rs|oras)?\b"
            rf"| horas\b)?(?: d[ae] (?P<part>manha|tarde|noite))?(?![0-9:])"
        ),
        _digital,
    ),
    Form(latin(rf"{_NO_DIGIT}(?P<h>{_H12})(?:[:. ]?(?P<m>{_M}))?{_AP}(?!(?<=am) i\b)"), _twelve),
    Form(latin(rf"\b(?P<h>{_HOUR_WORD})(?:[ -](?P<m>{_MINUTE_WORD}))?{_AP}(?!(?<=am) i\b)"), _twelve, frozenset(_HOURS)),
    Form(latin(rf"{_NO_DIGIT}(?P<h>{_H12}) ?ish\b{_IN_THE}"), _at),
    Form(
        latin(rf"\b(?:at|around|about|by|until|till|to) (?P<span>(?P<h>{_HOUR_WORD})[ -](?P<m>{_MINUTE_WORD})\b{_IN_THE}){_END}"),
        _at,
        frozenset(_MINUTE_WORDS) | {"forty"},
    ),
    Form(
        latin(rf"\b(?:at|around|about|by|until|till|before|after) (?P<span>(?P<h>{_H12}|{_HOUR_WORD})(?:\.(?P<m>{_M}))?{_IN_THE}){_END}"),
        _at,
        _MANY,
    ),
    Form(latin(rf"(?<![0-9a-z])(?P<h>{_H12}|{_HOUR_WORD}) o'? ?clock\b{_IN_THE}"), _at, frozenset({"clock"})),
    Form(
        latin(
            rf"(?<![0-9a-z])(?P<h>{_H12}"
            rf"|{_HOUR_WORD})(?:\.(?P<m>{_M}))? (?:in the (?P<part>morning"
            rf"|afternoon|evening)|at (?P<part2>night))\b"
        ),
        _at,
        frozenset(_PARTS),
    ),
    Form(
        latin(
            rf"\b(?P<m>half|quarter|twenty[- ]five|five|ten|twenty|[1-5]?[05]) (?P<to>past|to) (?P<h>{_H12}|{_HOUR_WORD})\b"
            rf"(?! ?(?:%|[a-z]*(?:s|days|items))\b){_AP}?{_IN_THE}"
        ),
        _past,
        frozenset({"half", "quarter", "past"}),
    ),
    Form(
        latin(
            rf"\b(?:as|a|pelas|ate as|depois das|antes das|das) (?P<span>(?P<h>{_H24}"
            rf"|{_HORA_WORD})(?: e (?P<half>{'|'.join(_MINUTOS)})| e (?P<m>{_M}))?(?P<unit> ?horas?| ?hrs?"
            rf"| ?h)?\b{_DA})(?![0-9:]|[.,][0-9])(?! ?[%€$])"
        ),
        _horas,
        frozenset({"as", "pelas", "das", "a"}),
    ),
    Form(
        latin(rf"\b(?:as|pelas|ate as|das) (?P<span>(?P<h>{_H24})h(?P<m>{_M})(?P<unit>){_DA})\b"), _horas, frozenset({"as", "pelas", "das"})
    ),
    Form(latin(rf"{_NO_DIGIT}(?P<h>{_H24})h(?P<m>{_M})?\b{_DA}"), _hours_h),
    Form(latin(rf"\b(?P<h>{_HORA_WORD}) e (?P<half>meia|um quarto)\b{_DA}(?=(?: da|[.,!?]|$))"), _horas, frozenset({"meia", "quarto"})),
    Form(
        latin(r"\b(?:noon|midday|midnight|meio[ -]dia|meia[ -]noite)\b"), _noon, frozenset({"noon", "midday", "midnight", "meio", "meia"})
    ),
    Form(latin(r"\b(?:in the (?P<span>(?P<p>morning|afternoon|evening)))s?\b"), _part, frozenset(_PARTS)),
    Form(
        latin(r"\b(?<!boa )(?:de|da parte da|pela|a|durante a|na parte da|ao fim da|ao final da) (?P<p>manha|tarde|noite)\b"),
        _part,
        frozenset(_PARTS),
    ),
    Form(latin(r"\b(?<!good )(?<!boa )(?P<p>morning|afternoon|evening|night|manha|tarde|noite)\b"), _part, frozenset(_PARTS), weak=True),
    Form(
        latin(
            rf"(?:\bbetween "
            rf"|\bfrom )?{_NO_DIGIT}{_FIRST} ?(?:(?P<ap>[ap])\.?m\.?)? ?(?:-|to"
            rf"|and|until|till) ?{_LAST} ?(?P<ap2>[ap])\.?m\b\.?"
        ),
        _between,
    ),
    Form(
        latin(rf"\b(?:between|from) {_FIRST} ?(?P<ap>[ap]m)?(?P<ap2>) ?(?:-|to|and|until|till) {_LAST}{_END}"),
        _between,
        frozenset({"between", "from"}),
        weak=True,
    ),
    Form(
        latin(
            rf"\b(?:das|entre as) (?P<h>{_H24})(?:[:h](?P<m>{_M}))? ?h?(?:oras)? (?:e |a|ate "
            rf"|-)* ?(?:as )?(?P<h2>{_H24})(?:[:h](?P<m2>{_M}))? ?h?(?:oras)?\b{_DA}(?! ?[%€$])"
        ),
        _entre,
        frozenset({"das", "entre"}),
    ),
)
CLOCK_ANSWER = Form(latin(rf"{_NO_DIGIT}(?P<h>{_H24}|{_HOUR_WORD})[.]?(?P<m>{_M})?(?![0-9a-z:%]|[.,/-][0-9])"), _at)
