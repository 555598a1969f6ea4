"""What an agent does with a conversation, rights checked: take, answer, note, type, pass on, let sleep, call back, resolve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.callbacks import Outcome, close_callbacks
from context.conversations import lock_conversation
from context.events import Actor
from context.handoffs import reason_again
from context.inbound import check_text
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import Sending, record_agent_reply, record_note
from context.ownership import NOTHING_SETTLED, Settled
from context.staff.accounts import check_may, get_staff, may
from context.staff.models import StaffRow
from context.staff.teams import get_team
from context.stream import Signal, send_signal
from context.types import HandoffRequest, MessageView
from desk.presence import is_here, record_action
from kit.db import Database
from kit.errors import ConflictError, NotFoundError


class NotThereError(ConflictError):
    """This colleague is not here now."""


def _note(text: str | None) -> str | None:
    return check_text(text) if text and text.strip() else None


@dataclass(frozen=True)
class Desk:
    """The agents' door to conversations. Each method is one transaction and raises NotAllowedError, NotFoundError or OwnershipError."""

    database: Database
    ledger: Ledger

    async def _access(self, session: AsyncSession, staff_id: UUID, conversation_id: UUID) -> tuple[StaffRow, ConversationRow]:
        staff = await get_staff(session, staff_id)
        check_may(staff, "converse")
        await record_action(session, staff_id, clock=self.ledger.clock)
        return staff, await lock_conversation(session, conversation_id)

    async def take(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Takes the conversation from the queue or the bot; also from a colleague who is gone, or as a supervisor."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            yields = conversation.agent_id is not None and (
                may(staff, "supervise") or not await is_here(session, conversation.agent_id, clock=self.ledger.clock)
            )
            await ownership.take_over(session, self.ledger, conversation, staff=staff, holder_yields=yields)

    async def reply(
        self,
        staff_id: UUID,
        conversation_id: UUID,
        text: str,
        *,
        suggestion_id: UUID | None = None,
        reference: str | None = None,
        channel: str | None = None,
    ) -> MessageView:
        """Writes to the customer; the conversation must be held. The same `reference` of the same person again stores nothing twice.

        `channel`: on which of the customer's channels it goes; else where the customer last wrote.
        """
        key = uuid5(conversation_id, f"{staff_id}:{reference}") if reference else None
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            sending = Sending(suggestion_id, key, channel)
            return await record_agent_reply(session, self.ledger, conversation, staff=staff, text=text, sending=sending)

    async def note(self, staff_id: UUID, conversation_id: UUID, text: str) -> MessageView:
        """Writes a private note; anyone who may converse can."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
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
            staff, conversation = await self._access(session, staff_id, conversation_id)
            await ownership.release(session, self.ledger, conversation, staff=staff)

    async def hand_back(
        self, staff_id: UUID, conversation_id: UUID, *, note: str | None = None, settled: Settled = NOTHING_SETTLED
    ) -> None:
        """Gives the conversation back to the bot, with a note and what was settled, and asks the customer for a rating."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            await ownership.hand_back(session, self.ledger, conversation, staff=staff, note=_note(note), settled=settled)

    async def transfer(self, staff_id: UUID, conversation_id: UUID, *, to: UUID, note: str | None = None) -> None:
        """Gives the conversation to a colleague who is here, with a note that they see. Raises NotThereError."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            colleague = await session.get(StaffRow, to)
            if colleague is None or not colleague.active or not may(colleague, "converse"):
                raise NotFoundError("There is no such colleague")
            if not await is_here(session, to, clock=self.ledger.clock):
                raise NotThereError(f"{colleague.name} is not here now", hint="Choose somebody who is, or a team.")
            await ownership.transfer(session, self.ledger, conversation, to=colleague, by=staff, note=_note(note))

    async def transfer_to_team(self, staff_id: UUID, conversation_id: UUID, *, team: UUID, note: str | None = None) -> None:
        """Puts the conversation into the queue of a team, with a note that whoever takes it sees. Raises NotFoundError."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            found = await get_team(session, team)
            reason = await reason_again(session, conversation.id)
            request = HandoffRequest(reason, suggested_team=found.key, note=_note(note), given_by=staff.name)
            conversation.team_id = found.id
            await ownership.release(session, self.ledger, conversation, staff=staff, reason="transferred", request=request)
            if request.note:
                await record_note(session, self.ledger, conversation, staff=staff, text=request.note)

    async def snooze(self, staff_id: UUID, conversation_id: UUID, *, until: datetime) -> None:
        """Lets the conversation sleep until a time, or until the customer writes."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            await ownership.snooze(session, self.ledger, conversation, staff=staff, until=until)

    async def wake(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Ends a snooze by hand."""
        async with self.database.transaction() as session:
            _staff, conversation = await self._access(session, staff_id, conversation_id)
            await ownership.wake(session, self.ledger, conversation, reason="agent")

    async def called_back(self, staff_id: UUID, conversation_id: UUID, *, outcome: Outcome) -> None:
        """The customer who left an address was reached, or was not. Raises NotFoundError when nobody asked, or it is done already."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            done = await close_callbacks(session, self.ledger, conversation, outcome=outcome, actor=Actor("agent", str(staff.id)))
            if done is None:
                raise NotFoundError("No call-back is asked for here")

    async def resolve(self, staff_id: UUID, conversation_id: UUID) -> None:
        """Closes the conversation and asks the customer for a rating."""
        async with self.database.transaction() as session:
            staff, conversation = await self._access(session, staff_id, conversation_id)
            await ownership.resolve(session, self.ledger, conversation, staff=staff)
