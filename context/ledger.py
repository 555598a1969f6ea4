"""Appends events and starts what follows from them. Consequences stand in one table, given at start (`app/wiring.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, EventData
from context.models import ConversationRow, EventRow
from kit.clock import Clock, utc_now
from kit.jobs import Enqueuer

_own: ContextVar[frozenset[str]] = ContextVar("own", default=frozenset())


@contextmanager
def doing_itself(*jobs: str) -> Iterator[None]:
    """Within it these jobs are not started by events, as the running job goes on to do what they would do.

    It must do so also when it runs again after a crash: then nothing is lost, and a message needs one job in place of five.
    """
    token = _own.set(frozenset(jobs))
    try:
        yield
    finally:
        _own.reset(token)


SYSTEM = Actor("system")
CUSTOMER = Actor("customer")
BOT = Actor("bot")


@dataclass(frozen=True)
class Ledger:
    """Writes events. `consequences` maps an event name to the names of jobs that follow it.

    A job gets `event_data` (the fields of the event) and `conversation_id` (str or None), and starts only after commit.
    """

    enqueuer: Enqueuer
    consequences: Mapping[str, tuple[str, ...]]
    clock: Clock = utc_now

    @property
    def now(self) -> datetime:
        """The present moment by this ledger's clock."""
        return self.clock()

    def follows(self, name: str) -> tuple[str, ...]:
        """The jobs that follow an event of this name, without those that the running job does itself."""
        return tuple(job for job in self.consequences.get(name, ()) if job not in _own.get())

    async def append(
        self,
        session: AsyncSession,
        event: EventData,
        *,
        actor: Actor,
        conversation: ConversationRow | None = None,
        channel: str | None = None,
    ) -> EventRow:
        """Appends one event. The conversation's row must be locked by the caller (see `lock_conversation`), which makes `seq` dense."""
        seq: int | None = None
        if conversation is not None:
            conversation.seq += 1
            conversation.updated_at = self.now
            seq = conversation.seq
        row = EventRow(
            name=event.name,
            version=event.schema,
            at=self.now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            conversation_id=conversation.id if conversation is not None else None,
            channel=channel or (conversation.channel if conversation is not None else None),
            seq=seq,
            data=event.as_json(),
        )
        session.add(row)
        for job in self.follows(event.name):
            await self.enqueuer.enqueue(session, job, conversation_id=_text(row.conversation_id), event_data=row.data)
        return row


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
