"""Working hours: open or not, the next opening, and working time added and counted, over holidays, nights and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.staff.hours import (
    ALWAYS,
    DAY,
    Hours,
    HoursError,
    add_working,
    closing,
    is_open,
    next_opening,
    parse_hours,
    working_between,
)

LISBON = ZoneInfo("Europe/Lisbon")
NINE_TO_SIX = {str(day): [["09:00", "18:00"]] for day in range(5)}
OFFICE = parse_hours("Europe/Lisbon", NINE_TO_SIX, {date(2026, 12, 25): [], date(2026, 12, 24): [["09:00", "13:00"]]})


def lisbon(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of 2026 in Lisbon."""
    return datetime(2026, month, day, hour, minute, tzinfo=LISBON)


@pytest.mark.parametrize(
    ("at", "open_now", "opens"),
    [
        (lisbon(11, 23, 9), True, lisbon(11, 23, 9)),
        (lisbon(11, 23, 18), False, lisbon(11, 24, 9)),
        (lisbon(11, 27, 18, 30), False, lisbon(11, 30, 9)),  # Friday evening: Monday
        (lisbon(12, 24, 12, 59), True, lisbon(12, 24, 12, 59)),
        (lisbon(12, 24, 13), False, lisbon(12, 28, 9)),  # half a day, a holiday, a weekend
    ],
)
def test_a_team_opens_when_its_week_and_its_holidays_say(at: datetime, open_now: bool, opens: datetime) -> None:
    assert (is_open(OFFICE, at), next_opening(OFFICE, at)) == (open_now, opens)


def test_what_is_open_closes_in_the_evening_and_what_never_closes_does_not() -> None:
    assert closing(OFFICE, lisbon(11, 23, 10)) == lisbon(11, 23, 18)
    assert closing(OFFICE, lisbon(11, 23, 20)) is None
    assert closing(ALWAYS, lisbon(11, 23, 10)) is None


def test_two_hours_from_friday_at_five_end_on_monday_at_ten() -> None:
    assert add_working(OFFICE, lisbon(11, 27, 17), 7200) == lisbon(11, 30, 10)
    assert working_between(OFFICE, lisbon(11, 27, 17), lisbon(11, 30, 10)) == 7200


def test_nothing_is_counted_backwards() -> None:
    assert working_between(OFFICE, lisbon(11, 27, 17), lisbon(11, 27, 9)) == 0


def test_a_night_shift_goes_on_into_the_next_day() -> None:
    night = parse_hours("Asia/Hong_Kong", {"4": [["22:00", "06:00"]]})
    friday = datetime(2026, 11, 27, 22, tzinfo=ZoneInfo("Asia/Hong_Kong"))
    assert is_open(night, friday + timedelta(hours=7, minutes=59))
    assert not is_open(night, friday + timedelta(hours=8))
    assert working_between(night, friday - timedelta(days=1), friday + timedelta(days=2)) == 8 * 3600


@pytest.mark.parametrize(("day", "hours"), [(lisbon(3, 29), 23), (lisbon(10, 25), 25), (lisbon(10, 26), 24)])
def test_a_whole_day_has_as_many_hours_as_the_clock_gives_it(day: datetime, hours: int) -> None:
    around_the_clock = Hours("Europe/Lisbon", (((0, DAY),),) * 7, {date(2026, 1, 1): ()})
    assert working_between(around_the_clock, day, day + timedelta(days=1)) == hours * 3600


def test_a_night_shift_over_the_change_of_the_clock_is_an_hour_shorter() -> None:
    night = parse_hours("Europe/Lisbon", {"5": [["22:00", "06:00"]]})
    assert working_between(night, lisbon(3, 28), lisbon(3, 30)) == 7 * 3600


def test_a_team_that_never_opens_promises_nothing() -> None:
    closed = parse_hours("UTC", {"0": []})
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert (is_open(closed, now), next_opening(closed, now), add_working(closed, now, 60)) == (False, None, None)
    assert working_between(closed, now, now + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("zone", "week"),
    [
        ("Europe/Nowhere", {}),
        ("../etc/passwd", {}),
        ("UTC", {"7": []}),
        ("UTC", {"0": [["9", "18:00"]]}),
        ("UTC", {"0": [["25:00", "26:00"]]}),
        ("UTC", {"0": [["09:00", "09:00"]]}),
        ("UTC", {"0": ["09:00"]}),
        ("UTC", {"0": [["09:00", "12:00"], ["11:00", "18:00"]]}),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_remedy(zone: str, week: dict[str, list[list[str]]]) -> None:
    with pytest.raises(HoursError) as refused:
        parse_hours(zone, week)
    assert refused.value.hint


MINUTES = st.integers(4 * 60, 23 * 60)  # clocks change before four o'clock
SPANS = st.lists(MINUTES, min_size=2, max_size=4, unique=True).map(
    lambda found: tuple((a, b) for a, b in zip(sorted(found)[::2], sorted(found)[1::2], strict=False))
)
WEEKS = st.tuples(*[SPANS | st.just(()) | st.just(((0, DAY),)) | st.just(((20 * 60, DAY + 60),))] * 7)
ZONES = st.sampled_from(("Europe/Lisbon", "Asia/Hong_Kong", "America/Sao_Paulo", "Australia/Lord_Howe", "America/New_York", "UTC"))
HOURS = st.builds(Hours, ZONES, WEEKS, st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 4, 30)), SPANS | st.just(()), max_size=3))
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def by_the_clock_on_the_wall(hours: Hours, at: datetime) -> bool:
    """The same said slowly: what the local clock shows, and the spans of today and yesterday."""
    local = at.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    return any(a <= minute < b for a, b in hours.spans(today)) or any(a <= minute + DAY < b for a, b in hours.spans(yesterday))


@settings(max_examples=150, deadline=None)
@given(hours=HOURS, at=MOMENTS)
def test_open_is_what_the_clock_on_the_wall_says(hours: Hours, at: datetime) -> None:
    assert is_open(hours, at) == by_the_clock_on_the_wall(hours, at)


@settings(max_examples=100, deadline=None)
@given(hours=HOURS, at=MOMENTS, seconds=st.integers(1, 200 * 3600))
def test_what_is_added_is_what_is_counted(hours: Hours, at: datetime, seconds: int) -> None:
    due = add_working(hours, at, seconds)
    if due is not None:
        assert working_between(hours, at, due) == pytest.approx(seconds)
        assert is_open(hours, due - timedelta(microseconds=1))


@settings(max_examples=100, deadline=None)
@given(hours=HOURS, moments=st.lists(MOMENTS, min_size=3, max_size=3))
def test_working_time_adds_up(hours: Hours, moments: list[datetime]) -> None:
    a, b, c = sorted(moments)
    assert working_between(hours, a, c) == pytest.approx(working_between(hours, a, b) + working_between(hours, b, c))


@settings(max_examples=100, deadline=None)
@given(hours=HOURS, at=MOMENTS)
def test_between_now_and_the_next_opening_nobody_works(hours: Hours, at: datetime) -> None:
    opens = next_opening(hours, at)
    if opens is not None:
        assert opens >= at
        assert is_open(hours, opens)
        assert working_between(hours, at, opens) == 0
