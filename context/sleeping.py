"""Snoozed conversations: asleep until a time, or until the customer writes; their agent keeps them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, ConversationReopened, ConversationSnoozed
from context.handling import Transition, move
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow
from context.staff.models import StaffRow
from kit.errors import InvalidInputError


async def snooze(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, until: datetime) -> None:
    """The conversation sleeps until a time, or until the customer writes. Raises OwnershipError, InvalidInputError for a time gone by."""
    if until <= ledger.now:
        raise InvalidInputError("This time has gone by", hint="Choose a time to come.")
    move(conversation, Transition.SNOOZE, now=ledger.now, by=staff.id, until=until)
    snoozed = ConversationSnoozed(until=until.isoformat())
    await ledger.append(session, snoozed, actor=Actor("agent", str(staff.id)), conversation=conversation)


async def wake(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, reason: str) -> None:
    """It is awake again; `reason` is `time`, `customer_wrote` or `agent`. Raises OwnershipError unless it sleeps."""
    move(conversation, Transition.WAKE, now=ledger.now)
    await ledger.append(session, ConversationReopened(reason=reason), actor=SYSTEM, conversation=conversation)
