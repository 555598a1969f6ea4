"""Sends what is due: signed, within a time limit, to public addresses only, again with growing pauses when it fails.

At least once: a process that dies between sending and storing sends it again, with the same `webhook-id`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from context.webhooks.keeping import BACKOFF, STOP_AFTER, plan
from context.webhooks.models import WebhookDeliveryRow, WebhookRow, WebhookTryRow
from context.webhooks.signing import sign
from kit.clock import Clock, utc_now
from kit.db import Database
from kit.log import get_logger
from kit.outside import Answer, OutsideError, Post

AT_ONCE = 8
CLAIM = timedelta(seconds=60)  # longer than a try takes: who claimed it and died is followed by another
LOOK_SECONDS = 1.0
SLOW = {429, 502, 503, 504}
LONGEST_WAIT = 86_400.0

log = get_logger("webhooks")


@dataclass(frozen=True)
class _Due:
    id: str
    url: str
    secrets: tuple[str, ...]
    body: bytes
    tries: int


@dataclass
class WebhookSender:
    """Sends in the background of a worker; any number of workers may."""

    database: Database
    post: Post
    clock: Clock = utc_now
    jitter: Callable[[], float] = field(default=random.random)

    async def run(self) -> None:
        """Looks every second until cancelled."""
        while True:
            try:
                while await self.step():
                    pass
            except (SQLAlchemyError, OSError) as error:
                log.warning("webhooks rest", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> int:
        """Plans, and sends what is due at once; how many were tried."""
        async with self.database.transaction() as session:
            await plan(session, at=self.clock())
            due = await self._claim(session)
        await asyncio.gather(*(self._send(one) for one in due))
        return len(due)

    async def _claim(self, session: AsyncSession) -> list[_Due]:
        now = self.clock()
        query = (
            select(WebhookDeliveryRow, WebhookRow)
            .join(WebhookRow, WebhookRow.id == WebhookDeliveryRow.webhook_id)
            .where(WebhookDeliveryRow.state == "pending", WebhookDeliveryRow.next_at <= now, WebhookRow.active)
            .order_by(WebhookDeliveryRow.next_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True, of=WebhookDeliveryRow)
            .execution_options(populate_existing=True)
        )
        due = []
        for delivery, webhook in (await session.execute(query)).all():
            delivery.next_at = now + CLAIM
            due.append(_Due(delivery.id, webhook.url, tuple(webhook.secrets), orjson.dumps(delivery.payload), delivery.tries))
        return due

    async def _send(self, due: _Due) -> None:
        stamp, began = int(self.clock().timestamp()), time.monotonic()
        headers = {
            "webhook-id": due.id, "webhook-timestamp": str(stamp), "webhook-signature": sign(due.secrets, due.id, stamp, due.body),
            "content-type": "application/json", "user-agent": "Baton-Webhooks/1.0",
        }  # fmt: skip
        answer, error = None, None
        try:
            answer = await self.post(due.url, due.body, headers)
        except OutsideError as refused:
            error = refused.message
        took = round((time.monotonic() - began) * 1000)
        async with self.database.transaction() as session:
            await self._settle(session, due, answer, error=error, took=took)

    async def _settle(self, session: AsyncSession, due: _Due, answer: Answer | None, *, error: str | None, took: int) -> None:
        row = await session.get(WebhookDeliveryRow, due.id, with_for_update=True)
        if row is None:
            return
        webhook = await session.get(WebhookRow, row.webhook_id, with_for_update=True)
        assert webhook is not None
        now, status = self.clock(), answer.status if answer else None
        session.add(WebhookTryRow(delivery_id=due.id, status=status, error=error, milliseconds=took, at=now))
        row.tries = due.tries + 1
        if answer is not None and 200 <= answer.status < 300:
            row.state, row.next_at, row.done_at, webhook.failing_since = "sent", None, now, None
            return
        webhook.failing_since = webhook.failing_since or now
        wait = self._wait(row.tries, answer)
        if status == 410 or wait is None:
            row.state, row.next_at, row.done_at = "failed", None, now
        else:
            row.next_at = now + timedelta(seconds=wait)
        if status == 410 or now - webhook.failing_since > STOP_AFTER:
            webhook.active, webhook.stopped_for = False, "gone" if status == 410 else "failed for 5 days"
            log.warning("a webhook was stopped", webhook=str(webhook.id), reason=webhook.stopped_for)

    def _wait(self, tries: int, answer: Answer | None) -> float | None:
        """Seconds until the next try, at least what the other side asked for; None when there were enough."""
        if tries > len(BACKOFF):
            return None
        asked = answer.retry_after if answer is not None and answer.status in SLOW else 0.0
        return max(BACKOFF[tries - 1] * (1 + 0.2 * self.jitter()), min(asked, LONGEST_WAIT))
