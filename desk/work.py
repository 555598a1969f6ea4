"""What an agent does with a conversation, rights checked: take, answer, note, type, release, hand back, resolve."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import Sending, record_agent_reply, record_note
from context.staff.accounts import check_may, get_staff, may
from context.staff.models import StaffRow
from context.stream import Signal, send_signal
from context.types import MessageView
from desk.presence import is_here, record_action
from kit.db import Database


async def _access(session: AsyncSession, staff_id: UUID, conversation_id: UUID) -> tuple[StaffRow, ConversationRow]:
    staff = await get_staff(session, staff_id)
    check_may(staff, "converse")
    await record_action(session, staff_id)
    return staff, await lock_conversation(session, conversation_id)


@dataclass(frozen=True)
class Desk:
    """The agents' door to conversations. Each method is one transaction and raises NotAllowedError, NotFoundError or OwnershipError."""

    database: Database
    ledger: Ledger

    async def take(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Takes the conversation from the queue or the bot; also from a colleague who is gone, or as a supervisor."""
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            yields = conversation.agent_id is not None and (may(staff, "supervise") or not await is_here(session, conversation.agent_id))
            await ownership.take_over(session, self.ledger, conversation, staff=staff, holder_yields=yields)

    async def reply(
        self, staff_id: UUID, conversation_id: UUID, text: str, *, suggestion_id: UUID | None = None, reference: str | None = None
    ) -> MessageView:
        """Writes to the customer; the conversation must be held. The same `reference` of the same person again stores nothing twice."""
        key = uuid5(conversation_id, f"{staff_id}:{reference}") if reference else None
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            sending = Sending(suggestion_id, key)
            return await record_agent_reply(session, self.ledger, conversation, staff=staff, text=text, sending=sending)

    async def note(self, staff_id: UUID, conversation_id: UUID, text: str) -> MessageView:
        """Writes a private note; anyone who may converse can."""
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            return await record_note(session, self.ledger, conversation, staff=staff, text=text)

    async def typing(self, staff_id: UUID, conversation_id: UUID, *, on: bool) -> None:
        """Shows the customer that a human types."""
        async with self.database.transaction() as session:
            staff = await get_staff(session, staff_id)
            check_may(staff, "converse")
            await send_signal(session, Signal(conversation_id, "agent", staff.name, on))

    async def release(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Puts the conversation back into the queue."""
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            await ownership.release(session, self.ledger, conversation, staff=staff)

    async def hand_back(self, staff_id: UUID, conversation_id: UUID, *, note: str | None = None) -> None:
        """Gives the conversation back to the bot and asks the customer for a rating."""
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            await ownership.hand_back(session, self.ledger, conversation, staff=staff, note=note)

    async def resolve(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Closes the conversation and asks the customer for a rating."""
        async with self.database.transaction() as session:
            staff, conversation = await _access(session, staff_id, conversation_id)
            await ownership.resolve(session, self.ledger, conversation, staff=staff)
