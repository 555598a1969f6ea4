"""Looks for customers whose message got no turn although nobody is working on it, and sees to it that they get one, or a human.

A job can be used up: its attempts, or the life of its worker. What is waiting stands in the database, so it is found here. So are talks
in which a reminder is due.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.turn import TAKE_TURN
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.outbound import add_message
from context.ownership import hand_off
from context.phrases import phrase
from context.types import Author, Content, Handler, HandoffReason, HandoffRequest, Status
from kit.db import Database
from kit.errors import BatonError
from kit.jobs import Enqueuer
from kit.log import get_logger

EVERY_SECONDS = 5.0
PATIENCE = timedelta(seconds=20)
LAST = timedelta(minutes=5)
_LOCK = 0x6261746F6E03

_STUCK = text("""
SELECT conversation.id, oldest.id AS message_id, oldest.understood, oldest.at
FROM conversation
JOIN LATERAL (
    SELECT message.id, message.understanding IS NOT NULL AS understood, message.at FROM message
    WHERE message.conversation_id = conversation.id AND message.author = 'customer' AND message.seq > conversation.answered_seq
    ORDER BY message.seq LIMIT 1
) AS oldest ON true
WHERE conversation.handler = 'bot' AND conversation.status <> 'resolved' AND oldest.at < :since
  AND (conversation.lease_until IS NULL OR conversation.lease_until < :now)
  AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS job
    WHERE job.status IN ('todo', 'doing') AND job.task_name IN ('understand', 'take_turn')
      AND job.args ->> 'conversation_id' = conversation.id::text)
ORDER BY oldest.at LIMIT 100
""")

_DUE = text("""
SELECT id FROM conversation
WHERE handler = 'bot' AND status = 'open' AND (dialogue ->> 'wake_at')::timestamptz <= :now AND (lease_until IS NULL OR lease_until < :now)
  AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS job
    WHERE job.status IN ('todo', 'doing') AND job.task_name = 'take_turn' AND job.args ->> 'conversation_id' = conversation.id::text)
LIMIT 200
""")

log = get_logger("sweeper")


@dataclass(frozen=True)
class Sweeper:
    """Finds conversations that wait for the bot with no job left. One process at a time does it."""

    database: Database
    ledger: Ledger
    enqueuer: Enqueuer

    async def run(self) -> None:
        """Sweeps every few seconds until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.sweep()
            except (BatonError, SQLAlchemyError, OSError) as error:
                log.warning("sweep failed", reason=type(error).__name__)

    async def sweep(self) -> int:
        """One sweep; returns how many conversations it saw to: a new job at first, a human after five minutes."""
        now = self.ledger.now
        async with self.database.transaction() as session:
            if not (await session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one():
                return 0
            stuck = (await session.execute(_STUCK, {"since": now - PATIENCE, "now": now})).all()
            for conversation_id, message_id, understood, at in stuck:
                if now - at > LAST:
                    continue
                name = TAKE_TURN if understood else "understand"
                data = {"message_id": str(message_id)}
                await self.enqueuer.enqueue(session, name, conversation_id=str(conversation_id), event_data=data)
            for (due,) in (await session.execute(_DUE, {"now": now})).all():
                await self.enqueuer.enqueue(session, TAKE_TURN, conversation_id=str(due), event_data={})
        for conversation_id, _message_id, _understood, at in stuck:
            if now - at > LAST:
                await self._hand_over(conversation_id)
        if stuck:
            log.warning("waiting messages without a job", conversations=len(stuck))
        return len(stuck)

    async def _hand_over(self, conversation_id: UUID) -> None:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            if conversation.handler != Handler.BOT or conversation.status == Status.RESOLVED:
                return
            content = Content(phrase("bot_failed", conversation.language))
            await add_message(session, self.ledger, conversation, content=content, author=Author.BOT)
            conversation.answered_seq = conversation.seq
            await hand_off(session, self.ledger, conversation, request=HandoffRequest(HandoffReason.TOOL_FAILED, urgency=1))
