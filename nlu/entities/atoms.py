"""The pieces that dates and times are put together from, and the forms that find them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nlu.entities.candidates import Asked
from nlu.entities.iso import Clock, Days

FORWARD, BACKWARD = "from", "until"


@dataclass(frozen=True)
class Atom:
    """A day, a time of day, or both, at a place of the text.

    `weak` counts only beside another ("morning" in "Friday morning"); `weekday` is a day that was told by its name only; `role` is "from"
    or "until" where the words say so.
    """

    start: int
    end: int
    days: Days | None = None
    clock: Clock | None = None
    weak: bool = False
    weekday: bool = False
    role: str | None = None


Found = Days | Clock | tuple[Days, Clock] | None


@dataclass(frozen=True)
class Form:
    """A pattern on the folded text with its reader; looked at only when the text has one of the words of `needs` (if any are given).

    The reader may raise ValueError or OverflowError for days that are in no calendar. The group `span`, if there is one, is the place.
    """

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Asked], Found]
    needs: frozenset[str] = frozenset()
    weak: bool = False
    weekday: bool = False


def latin(pattern: str) -> re.Pattern[str]:
    """Compiled for folded text, with borders of words between Latin and other letters."""
    return re.compile(pattern, re.ASCII)


def find_forms(asked: Asked, forms: tuple[Form, ...]) -> Iterator[Atom]:
    """The atoms of all forms."""
    for form in forms:
        if form.needs and form.needs.isdisjoint(asked.words):
            continue
        for match in form.pattern.finditer(asked.low):
            try:
                found = form.read(match, asked)
            except (ValueError, OverflowError):
                continue
            if found is not None:
                span = match.span("span") if "span" in form.pattern.groupindex else match.span()
                yield _atom(span, found, form)


def _atom(span: tuple[int, int], found: Days | Clock | tuple[Days, Clock], form: Form) -> Atom:
    days, clock = found if isinstance(found, tuple) else (found, None) if isinstance(found, Days) else (None, found)
    return Atom(*span, days, clock, form.weak, form.weekday)
