"""Kills processes of a live Baton at random instants."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass

from benchmarks.live import LiveBaton, StartError

WEIGHTS = {"serve": 5, "work": 5, "carry": 5, "postgres": 3, "run": 1}
STARTS = 5


@dataclass(frozen=True)
class KillPlan:
    """Killing goes on after the time is over until each of `least` has been killed and there were `least_kills`."""

    pause_seconds: tuple[float, float] = (0.2, 4.0)
    least_kills: int = 12
    least: tuple[str, ...] = ("serve", "work", "postgres", "run")


class Killer:
    """Kills processes of a Baton at random instants, and starts the whole again when the supervisor is gone."""

    def __init__(self, baton: LiveBaton, rng: random.Random) -> None:
        self.baton, self.rng = baton, rng
        self.kills: Counter[str] = Counter()
        self.collapses = self.failed_starts = 0

    async def rage(self, plan: KillPlan, *, until: float) -> None:
        """Kills until the time is over and the plan's least is reached."""
        while time.monotonic() < until or self._short_of(plan):
            await asyncio.sleep(self.rng.uniform(*plan.pause_seconds))
            await self._mend()
            missing = [name for name in plan.least if not self.kills[name]] if time.monotonic() > until else []
            name = self.rng.choice(missing) if missing else self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if await asyncio.to_thread(self.baton.kill, name):
                self.kills[name] += 1
                if name == "run":
                    await self._start()
        await self._mend()

    def _short_of(self, plan: KillPlan) -> bool:
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
