"""`make chaos`: SIGKILL at random instants while customers write; prints what was lost, doubled or reordered.

A real `baton run` with its own PostgreSQL; the victims are the real `serve`, `work`, the postmaster, and now and then the supervisor
itself, which is then started anew. The last line is one JSON object; exit code 1 when anything in it that should be zero is not.
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
from benchmarks.live import LiveBaton, StartError, new_folder
from benchmarks.verdict import Verdict, judge
from kit.db import Database

WEIGHTS = {"serve": 5, "work": 5, "postgres": 3, "run": 1}
PAUSE_SECONDS = (0.2, 4.0)
PATIENCE_SECONDS = 120.0
STARTS = 5


@dataclass(frozen=True)
class Plan:
    """How long and how hard. Killing goes on after `seconds` until each of `least` has been killed and there were `least_kills`."""

    seconds: float = 60.0
    customers: int = 12
    seed: int = 0
    least_kills: int = 12
    least: tuple[str, ...] = ("serve", "work", "postgres", "run")


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


class Killer:
    """Kills processes of a Baton at random instants, and starts the whole again when the supervisor is gone."""

    def __init__(self, baton: LiveBaton, rng: random.Random) -> None:
        self.baton, self.rng = baton, rng
        self.kills: Counter[str] = Counter()
        self.collapses = self.failed_starts = 0

    async def rage(self, plan: Plan, *, until: float) -> None:
        """Kills until the time is over and the plan's least is reached."""
        while time.monotonic() < until or self._short_of(plan):
            await asyncio.sleep(self.rng.uniform(*PAUSE_SECONDS))
            await self._mend()
            missing = [name for name in plan.least if not self.kills[name]] if time.monotonic() > until else []
            name = self.rng.choice(missing) if missing else self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if await asyncio.to_thread(self.baton.kill, name):
                self.kills[name] += 1
                if name == "run":
                    await self._start()
        await self._mend()

    def _short_of(self, plan: Plan) -> bool:
        return sum(self.kills.values()) < plan.least_kills or any(not self.kills[name] for name in plan.least)

    async def _mend(self) -> None:
        if self.baton.process is not None and self.baton.process.poll() is not None:
            self.collapses += 1
            await self._start()

    async def _start(self) -> None:
        for _ in range(STARTS):
            try:
                await asyncio.to_thread(self.baton.start)
            except StartError:
                self.failed_starts += 1
                await asyncio.sleep(1.0)
            else:
                return
        raise StartError(f"It does not start again; see {self.baton.log}")


async def chaos(baton: LiveBaton, plan: Plan) -> Result:
    """Runs the plan on a started Baton and compares everything afterwards. Raises RefusedError and StartError."""
    began = time.monotonic()
    until = began + plan.seconds
    killer = Killer(baton, random.Random(plan.seed + 1))
    async with stream_client(baton.url) as streams:
        crowd = Crowd(baton.url, random.Random(plan.seed), streams)
        try:
            await asyncio.gather(crowd.write(plan.customers, until=until, patience=PATIENCE_SECONDS), killer.rage(plan, until=until))
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
    parser.add_argument("--seconds", type=float, default=60.0, help="how long customers write (default 60)")
    parser.add_argument("--customers", type=int, default=12, help="how many at a time (default 12)")
    parser.add_argument("--seed", type=int, default=None, help="of the random choices; default: another each time, printed")
    parser.add_argument("--keep", action="store_true", help="keep the data folder with its log (kept anyway when something is wrong)")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    folder = new_folder(like=read_settings().data_dir)
    baton = LiveBaton(folder)
    print(f"Starting a Baton under {folder} (seed {seed}) ...", flush=True)
    print(f"Ready after {baton.start():.1f} s; {options.customers} customers write for {options.seconds:.0f} s.", flush=True)
    try:
        result = asyncio.run(chaos(baton, Plan(options.seconds, options.customers, seed)))
    finally:
        baton.stop()
    _print(result, seed)
    _clean_up(folder, keep=options.keep or not result.clean)
    print(json.dumps(result.as_json()))
    return 0 if result.clean else 1


def _print(result: Result, seed: int) -> None:
    for name, value in (result.as_json() | {"seed": seed}).items():
        print(f"  {name:<18} {value}")
    for note in result.verdict.notes[:20]:
        print(f"  ! {note}")


def _clean_up(folder: Path, *, keep: bool) -> None:
    if keep:
        print(f"The data folder is kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
