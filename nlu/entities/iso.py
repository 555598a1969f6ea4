"""Days and times of day as ISO 8601, and back.

| what | value |
|---|---|
| a day | `2026-11-24` |
| a day and a time | `2026-11-24T15:30` |
| from day to day (both are meant), a weekend | `2026-11-24/2026-11-26` |
| part of a day, from time to time | `2026-11-24T12:00/2026-11-24T18:00` |
| a week, a month, a year | `2026-W48`, `2026-12`, `2026` |
| a time of day, a part of any day | `15:30`, `06:00/12:00` |
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class Grain(StrEnum):
    """How exact a date is."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    MINUTE = "minute"


@dataclass(frozen=True)
class Days:
    """A day, or all from `first` to `last`; `grain` is YEAR, MONTH, WEEK or DAY."""

    first: date
    last: date
    grain: Grain = Grain.DAY

    @property
    def single(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last


@dataclass(frozen=True)
class Clock:
    """A time of day, or a part of the day up to `end`."""

    start: time
    end: time | None = None


def one_day(day: date) -> Days:
    """A single day."""
    return Days(day, day)


def week_of(day: date) -> Days:
    """The ISO week, Monday to Sunday, that `day` is in."""
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + timedelta(days=6), Grain.WEEK)


def month_of(year: int, month: int) -> Days:
    """A whole month."""
    return Days(date(year, month, 1), date(year, month, monthrange(year, month)[1]), Grain.MONTH)


def year_of(year: int) -> Days:
    """A whole year."""
    return Days(date(year, 1, 1), date(year, 12, 31), Grain.YEAR)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last. Raises ValueError or OverflowError beyond the calendar."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def write_days(days: Days) -> str:
    """The value of days with no time."""
    if days.grain is Grain.YEAR:
        return f"{days.first.year:04d}"
    if days.grain is Grain.MONTH:
        return f"{days.first.year:04d}-{days.first.month:02d}"
    if days.grain is Grain.WEEK:
        year, week, _ = days.first.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return days.first.isoformat() if days.single else f"{days.first.isoformat()}/{days.last.isoformat()}"


def write_clock(clock: Clock) -> str:
    """The value of a time with no day."""
    return f"{clock.start:%H:%M}" + (f"/{clock.end:%H:%M}" if clock.end else "")


def write_moment(days: Days, clock: Clock) -> str:
    """The value of a day with a time."""
    start = f"{days.first.isoformat()}T{clock.start:%H:%M}"
    if clock.end is None:
        return start
    last = days.last if not days.single or clock.end > clock.start else days.last + timedelta(days=1)
    return f"{start}/{last.isoformat()}T{clock.end:%H:%M}"


def grain_of(value: str) -> Grain:
    """How exact the value of a `date` is."""
    first = value.partition("/")[0]
    if "T" in first:
        return Grain.MINUTE
    if "W" in first:
        return Grain.WEEK
    return {4: Grain.YEAR, 7: Grain.MONTH}.get(len(first), Grain.DAY)


def bounds(value: str) -> tuple[datetime, datetime]:
    """First and last moment (exclusive) of the value of a `date`; both the same for a point in time. Raises ValueError on other texts."""
    first, _, last = value.partition("/")
    start, end = _bounds(first), _bounds(last or first)
    return start[0], end[1]


def _bounds(one: str) -> tuple[datetime, datetime]:
    if "T" in one:
        moment = datetime.fromisoformat(one)
        return moment, moment
    if re.fullmatch("[0-9]{4}", one):
        days = year_of(int(one))
    elif re.fullmatch("[0-9]{4}-[0-9]{2}", one):
        days = month_of(int(one[:4]), int(one[5:]))
    elif "W" in one:
        days = week_of(date.fromisocalendar(int(one[:4]), int(one[6:]), 1))
    else:
        days = one_day(date.fromisoformat(one))
    midnight = time()
    return datetime.combine(days.first, midnight), datetime.combine(days.last + timedelta(days=1), midnight)
