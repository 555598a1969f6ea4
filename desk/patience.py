"""How long the desk waits for people who are gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Patience:
    """`grace` for an agent whose connection is lost; silence until a waiting customer counts as gone, and until what rests is closed.

    Zero for `abandon` or `close`: never.
    """

    grace: timedelta = timedelta(minutes=2)
    abandon: timedelta = timedelta(hours=24)
    close: timedelta = timedelta(days=7)


USUAL = Patience()
