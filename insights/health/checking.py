"""Checks the links that lead outside, a few at a time, slowly for each host, again after a while."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select, update

from insights.health.asking import Fate, LinkAsker
from insights.health.models import LinkCheckRow
from kit.clock import Clock, utc_now
from kit.db import Database

BATCH, HOSTS_AT_ONCE = 12, 4
HOST_SECONDS = 1.0  # between two questions to one host
CLAIM = timedelta(minutes=10)  # a worker that dies leaves its links to others after this
FINE, FAILED = timedelta(days=7), timedelta(days=1)
TRIES = (timedelta(minutes=5), timedelta(hours=1))  # what may be a bad moment is tried again before it counts as broken


@dataclass(frozen=True)
class LinkChecker:
    """The job. Several workers share the work: each claims its links."""

    database: Database
    asker: LinkAsker
    clock: Clock = utc_now
    pause: float = HOST_SECONDS

    async def step(self) -> bool:
        """Checks up to `BATCH` links that are due; False when none is."""
        targets = await self._claim()
        by_host: dict[str, list[str]] = {}
        for target in targets:
            by_host.setdefault(_host(target), []).append(target)
        places = asyncio.Semaphore(HOSTS_AT_ONCE)

        async def one(group: Sequence[str]) -> None:
            async with places:
                await self._ask_slowly(group)

        await asyncio.gather(*(one(group) for group in by_host.values()))
        return bool(targets)

    async def _claim(self) -> list[str]:
        async with self.database.transaction() as session:
            due = select(LinkCheckRow).where(LinkCheckRow.next_at <= self.clock()).order_by(LinkCheckRow.next_at, LinkCheckRow.target)
            rows = (await session.execute(due.limit(BATCH).with_for_update(skip_locked=True))).scalars().all()
            for row in rows:
                row.next_at = self.clock() + CLAIM
            return [row.target for row in rows]

    async def _ask_slowly(self, targets: Sequence[str]) -> None:
        for number, target in enumerate(targets):
            if number:
                await asyncio.sleep(self.pause)
            await self._record(target, await self.asker.ask(target))

    async def _record(self, target: str, fate: Fate) -> None:
        async with self.database.transaction() as session:
            failures = (await session.execute(select(LinkCheckRow.failures).where(LinkCheckRow.target == target))).scalar() or 0
            values = judge(fate, failures=failures, now=self.clock())
            await session.execute(update(LinkCheckRow).where(LinkCheckRow.target == target).values(values))


def judge(fate: Fate, *, failures: int, now: datetime) -> dict[str, object]:
    """What is noted of a link after `failures` tries that failed: it is broken when that is sure, or after three tries."""
    known: dict[str, object] = {"status": fate.status, "detail": fate.detail, "checked_at": now}
    if fate.state != "broken":
        return known | {"state": fate.state, "failures": 0, "next_at": now + FINE}
    if not fate.sure and failures < len(TRIES):
        return {"failures": failures + 1, "detail": fate.detail, "next_at": now + TRIES[failures]}
    return known | {"state": "broken", "failures": failures + 1, "next_at": now + FAILED}


def _host(target: str) -> str:
    try:
        return urlsplit(target).netloc
    except ValueError:
        return ""
