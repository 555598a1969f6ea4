"""A small desk for tests: people, conversations and a clock that is moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from app.wiring import CONSEQUENCES
from context import ownership
from context.conversations import get_conversation, list_messages, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow, EventRow
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import HandoffReason, HandoffRequest, Inbound, Role
from desk.presence import PresenceState, record_presence
from desk.waiting import WaitingTeller
from desk.watch import DeskWatch
from desk.work import Desk
from kit.clock import FixedClock
from kit.db import Database
from kit.jobs import RecordingEnqueuer

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class House:
    """Everything on one database and one clock."""

    database: Database
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))

    @property
    def ledger(self) -> Ledger:
        """A ledger that keeps jobs to itself."""
        return Ledger(RecordingEnqueuer(), CONSEQUENCES, self.clock)

    @property
    def desk(self) -> Desk:
        """The agents' door."""
        return Desk(self.database, self.ledger)

    @property
    def watch(self) -> DeskWatch:
        """Looks after it."""
        return DeskWatch(self.database, self.ledger)

    @property
    def teller(self) -> WaitingTeller:
        """Tells those who wait."""
        return WaitingTeller(self.database, self.ledger)

    def later(self, **times: float) -> None:
        """Moves the clock on."""
        self.clock.advance(timedelta(**times).total_seconds())

    async def person(self, name: str, *, role: Role = Role.AGENT, here: bool = True) -> StaffRow:
        """A colleague, whose console is open."""
        async with self.database.transaction() as session:
            row = await create_staff(session, email=f"{name}@example.com", name=name.title(), role=role, password="long enough")
            if here:
                await record_presence(session, row.id, PresenceState.ONLINE, clock=self.clock)
        return row

    async def alive(self, staff: StaffRow) -> None:
        """A sign of life of their console."""
        async with self.database.transaction() as session:
            await record_presence(session, staff.id, clock=self.clock)

    async def writes(self, visitor: str, text: str = "hello", *, language: str = "en") -> UUID:
        """A customer writes; returns the conversation."""
        async with self.database.transaction() as session:
            inbound = Inbound("web", "shop", visitor, uuid4().hex, text, language=language)
            return (await record_inbound(session, self.ledger, inbound)).message.conversation_id

    async def waits(self, visitor: str, *, language: str = "en", reason: HandoffReason = HandoffReason.CUSTOMER_ASKED) -> UUID:
        """A customer who waits for a person."""
        found = await self.writes(visitor, language=language)
        async with self.database.transaction() as session:
            row = await lock_conversation(session, found)
            await ownership.hand_off(session, self.ledger, row, request=HandoffRequest(reason))
        return found

    async def row(self, conversation: UUID) -> ConversationRow:
        """How it stands."""
        async with self.database.transaction() as session:
            return await get_conversation(session, conversation)

    async def said(self, conversation: UUID) -> list[str]:
        """All that was said aloud, in order."""
        async with self.database.transaction() as session:
            return [m.content.text for m in await list_messages(session, [conversation], public_only=True)]

    async def events(self, conversation: UUID, name: str) -> list[dict[str, object]]:
        """The data of its events of one name."""
        query = select(EventRow.data).where(EventRow.conversation_id == conversation, EventRow.name == name).order_by(EventRow.seq)
        async with self.database.transaction() as session:
            return list((await session.execute(query)).scalars())
