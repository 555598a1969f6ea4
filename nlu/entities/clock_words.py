"""Parts of the day, and which half of the day an hour is in."""

from __future__ import annotations

from datetime import time

from nlu.entities.candidates import Asked
from nlu.entities.iso import Clock

MORNING = Clock(time(6), time(12))
NOON = Clock(time(12), time(14))
AFTERNOON = Clock(time(12), time(18))
NIGHT = Clock(time(18), time(23, 59))
SMALL_HOURS = Clock(time(0), time(6))
_LATE = (AFTERNOON, NIGHT, NOON)


def clock(asked: Asked, hour: int, minute: int = 0, *, part: Clock | None = None, exact: bool = False) -> Clock:
    """A time of day from a spoken hour.

    `part` is the part of the day that was named; without one, an hour of twelve below the shop's `first_hour` is in the afternoon, unless
    the form is `exact` ("03:00", "3h" of 24). Raises ValueError on an hour that no clock has.
    """
    if hour == 24 and minute == 0:
        hour = 0
    late = part in _LATE and not (part is NIGHT and hour < 5)
    if 1 <= hour < 12 and (late or (part is None and not exact and hour < asked.settings.first_hour)):
        hour += 12
    elif hour == 12 and part in (NIGHT, SMALL_HOURS):
        hour = 0
    return Clock(time(hour, minute))
