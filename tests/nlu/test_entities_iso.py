"""The values of dates, and what they mean."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from nlu.entities.iso import Grain, add_months, bounds, grain_of


@pytest.mark.parametrize(
    ("value", "grain", "first", "last"),
    [
        ("2026-11-24", Grain.DAY, datetime(2026, 11, 24), datetime(2026, 11, 25)),  # noqa: DTZ001
        ("2026-11-28/2026-11-29", Grain.DAY, datetime(2026, 11, 28), datetime(2026, 11, 30)),  # noqa: DTZ001
        ("2026-11-24T15:30", Grain.MINUTE, datetime(2026, 11, 24, 15, 30), datetime(2026, 11, 24, 15, 30)),  # noqa: DTZ001
        ("2026-11-24T12:00/2026-11-24T18:00", Grain.MINUTE, datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 18)),  # noqa: DTZ001
        ("2026-W53", Grain.WEEK, datetime(2026, 12, 28), datetime(2027, 1, 4)),  # noqa: DTZ001
        ("2028-02", Grain.MONTH, datetime(2028, 2, 1), datetime(2028, 3, 1)),  # noqa: DTZ001
        ("2026", Grain.YEAR, datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    ],
)
def test_a_value_says_how_exact_it_is_and_what_it_covers(value: str, grain: Grain, first: datetime, last: datetime) -> None:
    assert grain_of(value) == grain
    assert bounds(value) == (first, last)


@pytest.mark.parametrize("value", ["", "soon", "2026-13-01", "15:30", "2026-W60"])
def test_a_text_that_is_no_date_has_no_bounds(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        bounds(value)


def test_months_are_counted_to_the_last_day_that_there_is() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
