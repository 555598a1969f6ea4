"""The background work of insights in a worker: small steps of several kinds, each for as long as there is something to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from kit.errors import BatonError
from kit.log import get_logger

EVERY_SECONDS = 3.0
BREATH_SECONDS = 0.05
REST = 3.0
"""For each second of a step so many of rest, up to `MOST_REST`: customers and agents come first, and share the worker with this."""
MOST_REST = 20.0

Step = Callable[[], Awaitable[bool]]  # does a part of the work; False when nothing is left to do

log = get_logger("insights")


async def work_on(steps: Mapping[str, Step], *, every: float = EVERY_SECONDS) -> None:
    """Takes the steps of each kind until cancelled. What fails is logged and tried again later; the other kinds go on meanwhile."""
    await asyncio.gather(*(_forever(name, step, every=every) for name, step in steps.items()))


async def _forever(name: str, step: Step, *, every: float) -> None:
    while True:
        began = time.monotonic()
        busy = await _one(name, step)
        await asyncio.sleep(rest_after(time.monotonic() - began) if busy else every)


def rest_after(seconds: float) -> float:
    """How long to rest after a step that took `seconds` and left something to do."""
    return min(max(BREATH_SECONDS, REST * seconds), MOST_REST)


async def _one(name: str, step: Step) -> bool:
    try:
        return await step()
    except (BatonError, SQLAlchemyError, OSError, ValueError, LookupError) as error:
        log.warning("a step of insights failed and is tried again", step=name, reason=type(error).__name__, error=str(error)[:200])
        return False
