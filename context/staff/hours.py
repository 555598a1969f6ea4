"""Arithmetic of working hours: when a team is open, and how much working time lies between two moments.

Hours are local times of a time zone; every moment that goes in or out is aware. Days on which clocks change have 23 or 25 hours here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.errors import InvalidInputError

DAY = 24 * 60
HORIZON = timedelta(days=400)  # a team that does not open within it is closed for good
Span = tuple[int, int]  # minutes after local midnight; an end beyond 24 hours lies on the next day


class HoursError(InvalidInputError):
    """These opening hours cannot be read."""


@dataclass(frozen=True)
class Hours:
    """The working hours of a team: spans for each weekday, Monday first, and other spans (or none) on single days."""

    time_zone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] = (((0, DAY),),) * 7
    holidays: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return not self.holidays and all(spans == ((0, DAY),) for spans in self.week)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The spans of one local day."""
        found = self.holidays.get(day)
        return self.week[day.weekday()] if found is None else found


ALWAYS = Hours()


def parse_hours(time_zone: str, week: Mapping[str, Any], holidays: Mapping[date, Sequence[Sequence[str]]] | None = None) -> Hours:
    """Hours as they are stored: spans ["09:00", "18:00"] for each weekday "0" (Monday) to "6". No day at all: always open.

    Raises HoursError.
    """
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise HoursError(f"There is no time zone {time_zone!r}", hint="Use a name such as Europe/Lisbon or Asia/Hong_Kong.") from None
    if unknown := set(week) - {str(n) for n in range(7)}:
        raise HoursError(f"There is no weekday {sorted(unknown)[0]!r}", hint="Weekdays are 0 (Monday) to 6 (Sunday).")
    days = tuple(parse_spans(week.get(str(n), ())) for n in range(7)) if week else ALWAYS.week
    return Hours(time_zone, days, {day: parse_spans(spans) for day, spans in (holidays or {}).items()})


def parse_spans(spans: Sequence[Sequence[str]]) -> tuple[Span, ...]:
    """The spans of a day, in order. One that ends before it begins goes on until that time of the next day. Raises HoursError."""
    found = sorted(_parse_span(span) for span in spans)
    for before, after in pairwise(found):
        if after[0] < before[1]:
            raise HoursError("Two spans of one day overlap", hint="Write one span, or leave a pause between them.")
    return tuple(found)


def _parse_span(span: Sequence[str]) -> Span:
    if isinstance(span, str) or len(span) != 2:
        raise HoursError(f"{span!r} is not a span", hint='Write two times, as in ["09:00", "18:00"].')
    start, end = (_minutes(part) for part in span)
    if start == end or start >= DAY:
        raise HoursError(f"{span[0]} to {span[1]} is no time at all", hint="A whole day is 00:00 to 24:00.")
    return (start, end) if start < end else (start, end + DAY)


def _minutes(clock: str) -> int:
    hours, colon, minutes = clock.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and int(minutes) < 60 and int(hours) * 60 + int(minutes) <= DAY):
        raise HoursError(f"{clock!r} is not a time of day", hint="Write 09:00; midnight at the end of a day is 24:00.")
    return int(hours) * 60 + int(minutes)


def clock_text(minutes: int) -> str:
    """Minutes after midnight as people write them."""
    return f"{minutes // 60 % 24 if minutes != DAY else 24:02}:{minutes % 60:02}"


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether it is open at this moment."""
    return hours.always or next(((start <= at) for start, _ in _open_from(hours, at)), False)


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first open moment from `at` on (`at` itself when it is open); None when it does not open within 400 days."""
    return at if hours.always else next((max(start, at) for start, _ in _open_from(hours, at)), None)


def closing(hours: Hours, at: datetime) -> datetime | None:
    """When what is open at `at` closes; None when it is closed, or never closes within 400 days."""
    if hours.always:
        return None
    return next((end if start <= at and end - at.astimezone(UTC) < HORIZON else None for start, end in _open_from(hours, at)), None)


def add_working(hours: Hours, at: datetime, seconds: float) -> datetime | None:
    """The moment at which `seconds` of working time have gone since `at`; None when it closes for good before."""
    at = at.astimezone(UTC)
    if hours.always:
        return at + timedelta(seconds=seconds)
    left = timedelta(seconds=seconds)
    for start, end in _open_from(hours, at):
        begin = max(start, at)
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def working_between(hours: Hours, start: datetime, end: datetime) -> float:
    """Seconds of working time from `start` to `end`; 0 when `end` is not later."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)  # within one zone, datetime counts by the clock on the wall
    if end <= start:
        return 0.0
    if hours.always:
        return (end - start).total_seconds()
    total = timedelta()
    for opens, closes in _open_from(hours, start):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total.total_seconds()


def _open_from(hours: Hours, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches that end after `at`, in order and apart from each other, until the horizon; in UTC."""
    at = at.astimezone(UTC)
    kept: tuple[datetime, datetime] | None = None
    for start, end in _pieces(hours, at):
        if kept is not None and start <= kept[1]:
            kept = (kept[0], max(kept[1], end))
            if kept[1] - at > HORIZON:
                break
            continue
        if kept is not None and kept[1] > at:
            yield kept
        kept = (start, end)
    if kept is not None and kept[1] > at:
        yield kept


def _pieces(hours: Hours, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans of each day as moments, by their beginning: two days before `at`, as a span may reach into the next day."""
    day = at.astimezone(hours.zone).date() - timedelta(days=2)
    last = day + HORIZON
    while day <= last:
        moments = ((_moment(hours.zone, day, start), _moment(hours.zone, day, end)) for start, end in hours.spans(day))
        yield from sorted((start, end) for start, end in moments if start < end)
        day += timedelta(days=1)


def _moment(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)  # wall time: zoneinfo adds no offset
    return local.astimezone(UTC)
