"""SIGKILL at random instants while customers write on the simulated WhatsApp: its ledger is compared with the database at the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import psycopg

from benchmarks.killing import Killer, KillPlan
from benchmarks.live import LiveBaton
from benchmarks.whatsapp_crowd import SimulatedWhatsApp, simulated_whatsapp, write
from benchmarks.whatsapp_verdict import WhatsAppVerdict, judge_whatsapp
from kit.db import Database

PATIENCE_SECONDS = 300.0
PROVIDER: dict[str, Any] = {
    "latency": [0.01, 0.3],
    "fail_before": 0.02,
    "fail_after": 0.005,
    "hook_delay": [0.0, 0.1],
    "hook_repeat": 0.15,
    "hook_reorder": 0.1,
    "hook_batch": 20,
    "status_delay": [0.02, 0.4],
    "status_first": 0.02,
    "skip_delivered": 0.1,
    "read_by_itself": True,
}
"""A slow provider that fails, repeats, reorders and batches."""


@dataclass(frozen=True)
class WhatsAppPlan:
    """How many messages, how fast, and who is killed how often."""

    messages: int = 1500
    per_second: float = 8.0
    customers: int = 60
    seed: int = 0
    kills: KillPlan = field(default_factory=KillPlan)


@dataclass
class WhatsAppResult:
    """What happened."""

    verdict: WhatsAppVerdict
    kills: Counter[str]
    collapses: int
    seconds: float
    settle_seconds: float
    posts: int
    unanswered: int

    @property
    def clean(self) -> bool:
        """Whether everything that should be zero is, and unknown sends are no more than the kills."""
        return not self.verdict.faults and not self.collapses and self.verdict.unknown <= max(1, sum(self.kills.values()))

    def as_json(self) -> dict[str, Any]:
        """All figures, the main ones first."""
        counts = {name: value for name, value in asdict(self.verdict).items() if name != "notes"}
        return counts | {
            "kills": sum(self.kills.values()), **{f"kills_{name}": n for name, n in sorted(self.kills.items())},
            "collapses": self.collapses, "webhooks": self.posts, "webhooks_unanswered": self.unanswered,
            "seconds": round(self.seconds, 1), "settle_seconds": round(self.settle_seconds, 1),
        }  # fmt: skip


def whatsapp_chaos(baton: LiveBaton, plan: WhatsAppPlan) -> WhatsAppResult:
    """Runs the plan on a started Baton and compares everything afterwards. Raises StartError."""
    with simulated_whatsapp(baton, **PROVIDER) as simulator:
        return asyncio.run(_run(baton, simulator, plan))


async def _run(baton: LiveBaton, simulator: SimulatedWhatsApp, plan: WhatsAppPlan) -> WhatsAppResult:
    began = time.monotonic()
    killer = Killer(baton, random.Random(plan.seed + 1))
    until = began + plan.messages / plan.per_second
    rng = random.Random(plan.seed)
    await asyncio.gather(
        write(simulator, rng, messages=plan.messages, customers=plan.customers, per_second=plan.per_second),
        killer.rage(replace(plan.kills, least=(*plan.kills.least, "carry")), until=until),
    )
    calm = time.monotonic()
    verdict = await _settle(baton, simulator)
    ledger = await asyncio.to_thread(simulator.ledger)
    now = time.monotonic()
    return WhatsAppResult(verdict, killer.kills, killer.collapses, now - began, now - calm, ledger["posts"], ledger["unanswered"])


async def _settle(baton: LiveBaton, simulator: SimulatedWhatsApp) -> WhatsAppVerdict:
    """Waits until all is answered and told, at most `PATIENCE_SECONDS` without progress; then looks once more."""
    last, deadline = -1, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        await asyncio.sleep(2.0)
        try:
            verdict = await _judge(baton, simulator)
        except psycopg.OperationalError:
            continue
        if verdict.settled() and await asyncio.to_thread(simulator.idle):
            await asyncio.sleep(3.0)
            break
        left = verdict.lost + verdict.waiting + verdict.unsettled
        if left != last:
            last, deadline = left, time.monotonic() + PATIENCE_SECONDS
    return await _judge(baton, simulator)


async def _judge(baton: LiveBaton, simulator: SimulatedWhatsApp) -> WhatsAppVerdict:
    dsn = Database(baton.database_url).dsn
    ledger = await asyncio.to_thread(simulator.ledger)
    return await asyncio.to_thread(judge_whatsapp, dsn, ledger)
