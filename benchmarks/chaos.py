"""`make chaos`: SIGKILL at random instants while customers write; prints what was lost, doubled or reordered.

A real `baton run` with its own PostgreSQL; the victims are the real `serve`, `work`, the postmaster, and now and then the supervisor
itself, which is then started anew. Customers write on a simulated WhatsApp that is slow, fails, repeats, batches and reorders, and then on
the web chat. The last line is one JSON object, of WhatsApp with `web` inside; exit code 1 when anything that should be zero is not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from app.settings import read_settings
from benchmarks.customers import Crowd, stream_client
from benchmarks.killing import WEIGHTS, Killer, KillPlan
from benchmarks.live import LiveBaton, new_folder
from benchmarks.verdict import Verdict, judge
from benchmarks.whatsapp_chaos import WhatsAppPlan, whatsapp_chaos
from kit.db import Database

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Plan:
    """How long and how hard customers write on the web chat, and who is killed meanwhile."""

    seconds: float = 60.0
    customers: int = 12
    seed: int = 0
    kills: KillPlan = field(default_factory=KillPlan)


@dataclass
class Result:
    """What happened. `collapses`: times that the supervisor ended by itself."""

    verdict: Verdict
    kills: Counter[str] = field(default_factory=Counter)
    collapses: int = 0
    failed_starts: int = 0
    retries: int = 0
    seconds: float = 0.0
    settle_seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether everything that should be zero is."""
        return not self.verdict.faults and not self.collapses

    def as_json(self) -> dict[str, Any]:
        """All figures, the four main ones first."""
        counts = {name: value for name, value in asdict(self.verdict).items() if name != "notes"}
        return counts | {
            "kills": sum(self.kills.values()), **{f"kills_{name}": self.kills[name] for name in WEIGHTS}, "collapses": self.collapses,
            "failed_starts": self.failed_starts, "retries": self.retries, "seconds": round(self.seconds, 1),
            "settle_seconds": round(self.settle_seconds, 1),
        }  # fmt: skip


async def chaos(baton: LiveBaton, plan: Plan) -> Result:
    """Runs the plan on a started Baton and compares everything afterwards. Raises RefusedError and StartError."""
    began = time.monotonic()
    until = began + plan.seconds
    killer = Killer(baton, random.Random(plan.seed + 1))
    async with stream_client(baton.url) as streams:
        crowd = Crowd(baton.url, random.Random(plan.seed), streams)
        try:
            await asyncio.gather(crowd.write(plan.customers, until=until, patience=PATIENCE_SECONDS), killer.rage(plan.kills, until=until))
            calm = time.monotonic()
            verdict = await _settle(baton, crowd)
        finally:
            await crowd.leave()
    now = time.monotonic()
    retries = sum(v.retries for v in crowd.visits)
    return Result(verdict, killer.kills, killer.collapses, killer.failed_starts, retries, now - began, now - calm)


async def _settle(baton: LiveBaton, crowd: Crowd) -> Verdict:
    """Waits until all is answered and shown, at most `PATIENCE_SECONDS`; then once more, since what is doubled may come late."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        await asyncio.sleep(1.0)
        try:
            if (await _judge(baton, crowd)).settled():
                await asyncio.sleep(2.0)
                break
        except psycopg.OperationalError:
            continue
    return await _judge(baton, crowd)


async def _judge(baton: LiveBaton, crowd: Crowd) -> Verdict:
    dsn = Database(baton.database_url).dsn
    return await asyncio.to_thread(judge, dsn, list(crowd.visits))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--messages", type=int, default=1500, help="how many on WhatsApp (default 1500; the full run: 20000); 0: none")
    parser.add_argument("--per-second", type=float, default=8.0, help="how many of them a second (default 8)")
    parser.add_argument("--seconds", type=float, default=45.0, help="how long customers write on the web chat (default 45); 0: not at all")
    parser.add_argument("--customers", type=int, default=12, help="how many at a time on the web chat (default 12)")
    parser.add_argument("--seed", type=int, default=None, help="of the random choices; default: another each time, printed")
    parser.add_argument("--keep", action="store_true", help="keep the data folder with its log (kept anyway when something is wrong)")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    folder = new_folder(like=read_settings().data_dir)
    baton = LiveBaton(folder)
    print(f"Starting a Baton under {folder} (seed {seed}) ...", flush=True)
    print(f"Ready after {baton.start():.1f} s.", flush=True)
    try:
        figures, clean = _both(baton, options, seed)
    finally:
        baton.stop()
    _clean_up(folder, keep=options.keep or not clean)
    print(json.dumps(figures))
    return 0 if clean else 1


def _both(baton: LiveBaton, options: argparse.Namespace, seed: int) -> tuple[dict[str, Any], bool]:
    figures: dict[str, Any] = {}
    clean = True
    if options.messages:
        customers = max(20, options.messages // 40)
        print(f"WhatsApp: {customers} customers write {options.messages} messages, {options.per_second:g} a second.", flush=True)
        whatsapp = whatsapp_chaos(baton, WhatsAppPlan(options.messages, options.per_second, customers, seed))
        figures, clean = whatsapp.as_json(), whatsapp.clean
        _print(figures, whatsapp.verdict.notes)
    if options.seconds:
        print(f"Web chat: {options.customers} customers write for {options.seconds:.0f} s.", flush=True)
        web = asyncio.run(chaos(baton, Plan(options.seconds, options.customers, seed)))
        clean = clean and web.clean
        _print(web.as_json(), web.verdict.notes)
        figures = figures | {"web": web.as_json()} if figures else web.as_json()
    return figures | {"seed": seed}, clean


def _print(figures: dict[str, Any], notes: list[str]) -> None:
    for name, value in figures.items():
        print(f"  {name:<20} {value}")
    for note in notes[:20]:
        print(f"  ! {note}", flush=True)


def _clean_up(folder: Path, *, keep: bool) -> None:
    if keep:
        print(f"The data folder is kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
