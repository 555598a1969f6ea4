"""SIGKILL to the real processes at random instants loses, doubles and reorders nothing."""

from __future__ import annotations

import shutil

import pytest

from benchmarks.chaos import Plan, chaos
from tests.live import LiveBaton, new_folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_kill_9_of_any_process_loses_doubles_and_reorders_nothing(live: LiveBaton) -> None:
    folder = new_folder(like=live.data_dir, parts=("encoders", "models"))
    baton = LiveBaton(folder)
    baton.start()
    try:
        result = await chaos(baton, Plan(seconds=40, customers=8, seed=20261122, least_kills=12))
    finally:
        baton.stop()
    figures = result.as_json()
    assert result.clean, (figures, result.verdict.notes)
    assert figures["sent"] >= 20, figures  # on a busy machine there are few, but there are some
    assert figures["kills"] >= 12, figures
    shutil.rmtree(folder)
