"""The background work: a step that fails does not keep the others from theirs, and is tried again."""

from __future__ import annotations

import asyncio
import contextlib

from insights.background import BREATH_SECONDS, MOST_REST, REST, rest_after, work_on
from kit.errors import UnavailableError


async def test_a_failing_step_is_tried_again_and_the_others_go_on() -> None:
    calls = {"bad": 0, "good": 0}

    async def bad() -> bool:
        calls["bad"] += 1
        raise UnavailableError

    async def good() -> bool:
        calls["good"] += 1
        return calls["good"] < 3

    task = asyncio.create_task(work_on({"bad": bad, "good": good}, every=0.01))
    await asyncio.sleep(0.5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert min(calls.values()) > 3


def test_a_step_rests_longer_than_it_took_but_not_for_ever() -> None:
    assert rest_after(0.001) == BREATH_SECONDS
    assert rest_after(2.0) == 2.0 * REST
    assert rest_after(600.0) == MOST_REST
