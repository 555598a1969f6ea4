"""SIGKILL to the real processes at random instants loses, doubles and reorders nothing, on the web and on WhatsApp."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from benchmarks.chaos import Plan, chaos
from benchmarks.killing import KillPlan
from benchmarks.whatsapp_chaos import WhatsAppPlan, whatsapp_chaos
from tests.live import LiveBaton, whole_copy

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_kill_9_of_any_process_loses_doubles_and_reorders_nothing(prepared: Path) -> None:
    folder = whole_copy(prepared)
    baton = LiveBaton(folder)
    baton.start()
    try:
        whatsapp_plan = WhatsAppPlan(messages=120, per_second=6, customers=20, seed=20261122, kills=KillPlan(least_kills=6))
        whatsapp = await asyncio.to_thread(whatsapp_chaos, baton, whatsapp_plan)
        web = await chaos(baton, Plan(seconds=20, customers=8, seed=20261122, kills=KillPlan(least_kills=6)))
    finally:
        baton.stop()
    figures = {"whatsapp": whatsapp.as_json(), "web": web.as_json()}
    assert whatsapp.clean, (figures, whatsapp.verdict.notes)
    assert web.clean, (figures, web.verdict.notes)
    assert whatsapp.as_json()["sent"] == 120, figures
    assert web.as_json()["sent"] >= 10, figures  # on a busy machine there are few, but there are some
    assert whatsapp.as_json()["kills"] + web.as_json()["kills"] >= 12, figures
    shutil.rmtree(folder)
