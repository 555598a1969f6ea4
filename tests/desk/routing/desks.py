"""A desk in the database for the tests of routing: people, teams, rules, customers who wait."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.contacts import get_contact
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.staff.models import StaffRow
from context.staff.teams import save_team, set_capacity, set_members
from context.types import HandoffReason, HandoffRequest, Inbound, Role
from desk.presence import PresenceState, record_presence
from kit.clock import FixedClock
from kit.jobs import RecordingEnqueuer


def ledger_at(at: datetime = datetime(2026, 11, 23, 10, tzinfo=UTC)) -> tuple[Ledger, FixedClock]:
    """A ledger whose clock stands still, on a Monday morning."""
    clock = FixedClock(at)
    return Ledger(RecordingEnqueuer(), {}, clock), clock


async def agent(
    session: AsyncSession, name: str, *, role: Role = Role.AGENT, most: int | None = None, clock: FixedClock | None = None
) -> StaffRow:
    """Somebody who works here, online when a clock is given. Without a password: nobody logs in as them."""
    row = StaffRow(email=f"{name}@example.com", name=name, role=role, password_hash="-", active=True)
    session.add(row)
    await session.flush()
    if most is not None:
        await set_capacity(session, row.id, {"*": most})
    if clock is not None:
        await record_presence(session, row.id, PresenceState.ONLINE, clock=clock)
    return row


async def team(session: AsyncSession, key: str, *people: StaffRow) -> UUID:
    """A team, always open, that assigns by itself."""
    team_id = await save_team(session, key=key, name=key.title())
    await set_members(session, team_id, {p.id: 1 for p in people})
    return team_id


async def customer(
    session: AsyncSession, ledger: Ledger, name: str, *, request: HandoffRequest | None = None, **attributes: object
) -> UUID:
    """A customer whose conversation waits for a human; its id."""
    found = await record_inbound(session, ledger, Inbound("web", "shop", name, uuid4().hex, f"hello from {name}"))
    if attributes:
        (await get_contact(session, found.contact_id)).attributes = attributes
    row = await lock_conversation(session, found.message.conversation_id)
    await ownership.hand_off(session, ledger, row, request=request or HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    return row.id
