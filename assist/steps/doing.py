"""Carrying out an action for a customer, in two steps: what it would do is tried and taken back, then confirmed with the key of that try.

The key belongs to exactly what was prepared: other arguments, another person or another conversation need a new one. The same key does
nothing twice.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from assist.steps.proposing import NEEDED
from context.actions import ActionContext, ActionRefusedError, failure, perform
from context.conversations import lock_conversation
from context.events import Actor
from context.ledger import Ledger
from context.models import ConversationRow
from context.orders.matching import normalise_number
from context.orders.reading import orders_for_agent
from context.staff.models import StaffRow
from context.staff.rights import check_may
from context.types import Effect, Handler, Status
from kit.db import Database
from kit.errors import BatonError, ConflictError, InvalidInputError


class NotProvedError(ConflictError):
    """This order is not known to be the customer's."""


@dataclass(frozen=True)
class Wanted:
    """An action as an agent wants it. `unproved`: the agent has made sure in another way that the order is the customer's."""

    action: str
    arguments: Mapping[str, Any]
    unproved: bool = False


@dataclass(frozen=True)
class Prepared:
    """What the action would do, and the key with which it is confirmed."""

    key: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Doing:
    """The agents' door to actions. Both steps need the right to converse, and that this agent holds the conversation."""

    database: Database
    ledger: Ledger

    async def prepare(self, staff: StaffRow, conversation_id: UUID, wanted: Wanted) -> Prepared:
        """Tries the action and takes it back. Raises NotAllowedError, ConflictError, InvalidInputError, ActionRefusedError."""
        nonce = secrets.token_urlsafe(12)
        key = _key(staff, conversation_id, wanted, nonce)
        async with self.database.transaction() as session:
            conversation = await _held(session, staff, conversation_id)
            trying = await session.begin_nested()
            try:
                done = await perform(await self._context(session, staff, conversation, wanted=wanted, key=key), _effect(wanted))
            finally:
                await trying.rollback()
        shown = {name: value for name, value in done.data.items() if name not in ("reference", "repeated")}
        return Prepared(key, shown)

    async def confirm(self, staff: StaffRow, conversation_id: UUID, wanted: Wanted, *, key: str) -> dict[str, Any]:
        """Carries the action out, once a key; a refusal is recorded. Raises as `prepare`, and InvalidInputError for another key."""
        if key != _key(staff, conversation_id, wanted, key.partition(":")[0]):
            raise InvalidInputError("That is not what was prepared", hint="Prepare the action again, look at it, then confirm.")
        try:
            async with self.database.transaction() as session:
                conversation = await _held(session, staff, conversation_id)
                context = await self._context(session, staff, conversation, wanted=wanted, key=key)
                done = await perform(context, _effect(wanted))
                for event in done.events:
                    await self.ledger.append(session, event, actor=context.actor, conversation=conversation)
                return done.data
        except ActionRefusedError as error:
            await self._record_failure(staff, conversation_id, wanted, key=key, error=error)
            raise

    async def _record_failure(self, staff: StaffRow, conversation_id: UUID, wanted: Wanted, *, key: str, error: BatonError) -> None:
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            context = self._plain(session, staff, conversation, key=key)
            event = failure(context, _effect(wanted), error)
            await self.ledger.append(session, event, actor=context.actor, conversation=conversation)

    async def _context(
        self, session: AsyncSession, staff: StaffRow, conversation: ConversationRow, *, wanted: Wanted, key: str
    ) -> ActionContext:
        number = wanted.arguments.get("order_number")
        if number is not None and not wanted.unproved:
            known = {order.number for order in await orders_for_agent(session, conversation.contact_id)}
            if normalise_number(str(number)) not in known:
                raise NotProvedError(hint="Ask for the e-mail or phone of the order, or confirm that you made sure otherwise.")
        return self._plain(session, staff, conversation, key=key)

    def _plain(self, session: AsyncSession, staff: StaffRow, conversation: ConversationRow, *, key: str) -> ActionContext:
        actor = Actor("agent", str(staff.id))
        return ActionContext(session, conversation.id, conversation.contact_id, actor, f"agent:{key}", self.ledger.now)


async def _held(session: AsyncSession, staff: StaffRow, conversation_id: UUID) -> ConversationRow:
    check_may(staff, "converse")
    conversation = await lock_conversation(session, conversation_id)
    if conversation.status == Status.RESOLVED or conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise ConflictError("You do not hold this conversation", hint="Take it first.")
    return conversation


def _effect(wanted: Wanted) -> Effect:
    if wanted.action not in NEEDED:
        raise InvalidInputError(f"Agents have no action {wanted.action[:60]!r}", hint=f"There are: {', '.join(NEEDED)}.")
    return Effect(wanted.action, dict(wanted.arguments))


def _key(staff: StaffRow, conversation_id: UUID, wanted: Wanted, nonce: str) -> str:
    said = orjson.dumps([str(staff.id), str(conversation_id), wanted.action, wanted.arguments, nonce], option=orjson.OPT_SORT_KEYS)
    return f"{nonce}:{hashlib.sha256(said).hexdigest()[:32]}"
