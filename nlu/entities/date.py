"""Dates and times, absolute and relative, in English, Chinese and Portuguese.

Entities: `date` when a day is known, also with a time ("tomorrow at 3"), a part of the day, or as a range; `time` when only the time of day
is. The values are ISO 8601 as tabled in iso.py: "2026-11-24", "2026-11-24T15:30", "2026-11-24/2026-11-26". They are local to the shop and
have no offset. `role` is "until" ("by Friday", 星期五之前) or "from" ("since Monday", "a partir de sexta") where the words say so.

A weekday or a day without its month or year means the next one to come, or the last one in a sentence that looks back ("I ordered on
Monday"); day comes before month in figures ("3/4" is 3 April) unless the shop says otherwise. The grammar is our own: dateparser reads
"may", "second" and prices as dates, and the precision of ordinary sentences matters more here than rare forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from nlu.entities.atoms import BACKWARD, FORWARD, Atom, find_forms, latin
from nlu.entities.candidates import Asked, Candidate, candidate
from nlu.entities.clock_words import AFTERNOON, MORNING, NIGHT, NOON
from nlu.entities.clocks_latin import CLOCK_ANSWER, LATIN_CLOCKS
from nlu.entities.days_away import find_away
from nlu.entities.days_fixed import answer_forms, fixed_forms
from nlu.entities.days_relative import RELATIVE_FORMS
from nlu.entities.han_time import HAN_FORMS
from nlu.entities.iso import Clock, Days, write_clock, write_days, write_moment

_JOIN = latin(
    r",? ?(?:(?:at|around|about|at about|at around|by|on|in|in the|@|from|between|(?P<until>before|until|till|antes das|ate as|ate a)"
    r"|(?P<from>after|depois das|a partir das)|a|as|ao|pelas|por volta das"
    r"|por volta d[ao]|de|da|na|no|no dia|do dia|do|entre as|entre|das|the) )?"
    r"|t|[嘅的嗰個个,， ]{0,2}(?:大約|大概|約|约|喺|在|於)?"
)
_SAME_DAY = latin(r"[ ,(]{1,2}(?:the |dia |day )?|[,， (（]?")
_TO = latin(r" ?(?:-|~|to|until|till|through|up to|[至到]) ?(?:the )?")
_AND = latin(r" (?:and|a|ao?|e|ate|ate (?:a|ao)|e a|e o|to|until|till|-) (?:the |dia )?")
_BETWEEN = latin(r"\b(?:between|from|entre|de|da|do|das|desde)(?: the| o| a| as| os| dia)? $")
_AMONG = latin(r" ?[同和與与跟] ?")
_AMONG_BEHIND = latin(r"之間|之间|中間|中间")
_UNTIL = latin(
    r"\b(?:(?<!come )(?<!drop )(?<!stop )(?<!pass )by|before|until|till|up to"
    r"|no later than|by the|before the|ate|ate ao?|ate as|antes d[eao]s?)(?: dia"
    r"| end of)? $"
)
_FROM = latin(r"\b(?:after|since|from|starting|as of|after the|desde|desde [oa]|a partir d[eao]s?|apos|depois d[eao]s?)(?: dia)? $")
_UNTIL_BEHIND = latin(r" ?(?:之前|以前|前(?!面|台|臺)|为止|為止)")
_FROM_BEHIND = latin(r" ?(?:之後|之后|以後|以后|後(?!面)|后(?!面)|起|開始|开始)")
_LONGEST_WORD = 22


def find_dates(asked: Asked) -> Iterator[Candidate]:
    """Every date and time of day in the text."""
    atoms = _ranges(asked, _joined(asked, _longest(_atoms(asked))))
    answers = asked.expected in {"date", "time"}
    for atom in atoms:
        if atom.weak and not answers:
            continue
        name = "date" if atom.days else "time"
        priority = 88 if asked.expected == name else 75
        found = _with_role(asked, atom)
        confidence = 0.7 if atom.weak else 0.95
        yield candidate(
            asked, name, (atom.start, atom.end), _value(atom), priority=priority, confidence=confidence, extractor="date", role=found
        )


def _atoms(asked: Asked) -> list[Atom]:
    found: list[Atom] = []
    if asked.words or asked.digits:
        found += find_forms(asked, fixed_forms("pt" if asked.language == "pt" else "en"))
        found += find_forms(asked, RELATIVE_FORMS)
        found += find_forms(asked, LATIN_CLOCKS)
    if asked.han:
        found += find_forms(asked, HAN_FORMS)
    found += find_away(asked)
    if not found and asked.expected == "date":
        found += find_forms(asked, answer_forms())
    if not found and asked.expected == "time":
        found += find_forms(asked, (CLOCK_ANSWER,))
    return found


def _longest(atoms: list[Atom]) -> list[Atom]:
    kept: list[Atom] = []
    for atom in sorted(atoms, key=lambda a: (a.start - a.end, a.weak, a.start)):
        if all(atom.end <= other.start or other.end <= atom.start for other in kept):
            kept.append(atom)
    return sorted(kept, key=lambda a: a.start)


def _joined(asked: Asked, atoms: list[Atom]) -> list[Atom]:
    """Days with the times beside them: "tomorrow" and "at 3pm"; "Friday" and "27 November"."""
    joined: list[Atom] = []
    for atom in atoms:
        one = _join(asked, joined[-1], atom) if joined else None
        joined[-1:] = [one] if one else [*joined[-1:], atom]
    return joined


def _join(asked: Asked, a: Atom, b: Atom) -> Atom | None:
    if b.start - a.end > _LONGEST_WORD:
        return None
    gap = asked.low[a.end : b.start]
    if a.days and b.days:
        return _same_day(a, b, gap)
    match = _JOIN.fullmatch(gap)
    if match is None or ((a.weak or b.weak) and "," in gap):
        return None
    role = BACKWARD if match["until"] else FORWARD if match["from"] else None
    clock = b.clock if a.clock is None else a.clock if b.clock is None else _inside(a.clock, b.clock)
    if clock is None or not (a.days or b.days or (a.clock and b.clock and not match["until"])):
        return None
    return Atom(a.start, b.end, a.days or b.days, clock, role=role)


def _same_day(a: Atom, b: Atom, gap: str) -> Atom | None:
    """A weekday beside a date that falls on it."""
    if not (a.days and b.days) or a.weekday == b.weekday or not _SAME_DAY.fullmatch(gap):
        return None
    named, exact = (a.days, b.days) if a.weekday else (b.days, a.days)
    if not exact.single or exact.first.weekday() != named.first.weekday():
        return None
    return Atom(a.start, b.end, exact, a.clock or b.clock)


def _inside(part: Clock, exact: Clock) -> Clock | None:
    """The exact time in a part of the day, whichever comes first: "tonight at 8", "8.30 in the morning"."""
    if part.end is None:
        part, exact = exact, part
    if part.end is None or exact.end is not None:
        return None
    if part is MORNING:
        return Clock(exact.start.replace(hour=exact.start.hour % 12))
    if part in (AFTERNOON, NIGHT, NOON) and 1 <= exact.start.hour < 12:
        return Clock(time(exact.start.hour + 12, exact.start.minute))
    return exact


def _ranges(asked: Asked, atoms: list[Atom]) -> list[Atom]:
    """ "between Monday and Wednesday", 星期一至星期三, "de segunda a quarta"."""
    found: list[Atom] = []
    for atom in atoms:
        one = _range(asked, found[-1], atom) if found else None
        found[-1:] = [one] if one else [*found[-1:], atom]
    return found


def _range(asked: Asked, a: Atom, b: Atom) -> Atom | None:
    if b.start - a.end > _LONGEST_WORD or a.weak or b.weak or not _links(asked, a, b):
        return None
    if a.clock is None and b.clock is None and a.days and b.days:
        days = _from_to(a, b)
        return Atom(a.start, b.end, days) if days else None
    if not (a.clock and b.clock) or a.clock.end or b.clock.end:
        return None
    if a.days is None or b.days is None:
        whole = Clock(a.clock.start, b.clock.start) if a.clock.start < b.clock.start else None
        return Atom(a.start, b.end, a.days or b.days, whole) if whole else None
    if b.days.first < a.days.first:
        return None
    return Atom(a.start, b.end, Days(a.days.first, b.days.first), Clock(a.clock.start, b.clock.start))


def _links(asked: Asked, a: Atom, b: Atom) -> bool:
    gap = asked.low[a.end : b.start]
    if _TO.fullmatch(gap):
        return True
    if _AMONG.fullmatch(gap):
        return _AMONG_BEHIND.match(asked.low, b.end) is not None
    return _AND.fullmatch(gap) is not None and _BETWEEN.search(asked.low, max(0, a.start - _LONGEST_WORD), a.start) is not None


def _from_to(a: Atom, b: Atom) -> Days | None:
    if not (a.days and b.days):
        return None
    last = b.days.last
    if last < a.days.first and b.weekday:
        last = last.fromordinal(last.toordinal() + 7)
    return Days(a.days.first, last) if last > a.days.first else None


def _with_role(asked: Asked, atom: Atom) -> str | None:
    if atom.role:
        return atom.role
    before = max(0, atom.start - _LONGEST_WORD)
    if _UNTIL.search(asked.low, before, atom.start) or _UNTIL_BEHIND.match(asked.low, atom.end):
        return BACKWARD
    if atom.days and not atom.days.single and atom.days.grain == "day":
        return None
    if _FROM.search(asked.low, before, atom.start) or _FROM_BEHIND.match(asked.low, atom.end):
        return FORWARD
    return None


def _value(atom: Atom) -> str:
    if atom.days and atom.clock:
        return write_moment(atom.days, atom.clock)
    return write_days(atom.days) if atom.days else write_clock(atom.clock or Clock(time()))
