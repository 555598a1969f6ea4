"""Who holds a conversation: every transition, named. Bot, queue or agent hold it, never two of them; each change raises the epoch.

    open:      bot --hand_off--> queue --take_over--> agent --hand_back--> bot
               bot --take_over--> agent --release--> queue
    any open   --resolve--> resolved        any open --snooze--> snoozed

All of them expect the conversation's row to be locked (`lock_conversation`) and to be open, and raise OwnershipError otherwise.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import (
    Actor,
    AgentAssigned,
    AgentReleased,
    ConversationResolved,
    ConversationSnoozed,
    HandbackDone,
    HandoffAbandoned,
    HandoffAccepted,
    HandoffQueued,
    HandoffRequested,
    RatingAsked,
)
from context.ledger import BOT, SYSTEM, Ledger
from context.models import ConversationRow, HandoffRow, MessageRow, RatingRow
from context.outbound import add_message
from context.packet import build_packet
from context.phrases import phrase
from context.staff.models import StaffRow
from context.types import Author, Content, Handler, HandoffReason, HandoffRequest, Status
from kit.errors import ConflictError

JUST_NOW = timedelta(seconds=3)


class OwnershipError(ConflictError):
    """Someone else holds this conversation now."""


def _change_hands(conversation: ConversationRow, handler: Handler, agent_id: UUID | None = None) -> None:
    conversation.handler, conversation.agent_id = handler, agent_id
    conversation.epoch += 1
    conversation.lease_owner = conversation.lease_until = None


def _expect_open(conversation: ConversationRow) -> None:
    if conversation.status == Status.RESOLVED:
        raise OwnershipError("This conversation is resolved", hint="A new message of the customer opens a new one.")


async def hand_off(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, request: HandoffRequest, actor: Actor = BOT
) -> HandoffRow:
    """The bot passes the baton: the packet is built and the conversation waits in the queue."""
    _expect_open(conversation)
    if conversation.handler != Handler.BOT:
        raise OwnershipError("Only the bot hands over to the queue")
    await ledger.append(session, HandoffRequested(reason=request.reason, by=actor.kind), actor=actor, conversation=conversation)
    return await _queue(session, ledger, conversation, request=request)


async def _queue(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, request: HandoffRequest) -> HandoffRow:
    packet = await build_packet(session, conversation, request)
    handoff = HandoffRow(
        conversation_id=conversation.id, reason=request.reason, urgency=packet.urgency, state="queued", packet=asdict(packet), at=ledger.now
    )
    session.add(handoff)
    await session.flush()
    _change_hands(conversation, Handler.QUEUE)
    conversation.waiting_since = conversation.waiting_since or ledger.now
    conversation.urgency = packet.urgency
    queued = HandoffQueued(handoff_id=str(handoff.id), reason=request.reason, urgency=packet.urgency, team=packet.suggested_team)
    await ledger.append(session, queued, actor=SYSTEM, conversation=conversation)
    return handoff


async def take_over(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, holder_yields: bool = False
) -> None:
    """A human takes the conversation from the bot or the queue. Taking what one already holds changes nothing.

    `holder_yields`: whoever holds it is away, or the taker may overrule; else OwnershipError.
    """
    _expect_open(conversation)
    actor = Actor("agent", str(staff.id))
    if conversation.handler == Handler.AGENT:
        if conversation.agent_id == staff.id:
            return
        if not holder_yields:
            raise OwnershipError("A colleague holds this conversation", hint="Ask them to release it.")
        released = AgentReleased(staff_id=str(conversation.agent_id), reason="taken_over")
        await ledger.append(session, released, actor=actor, conversation=conversation)
    handoff = await find_waiting_handoff(session, conversation.id)
    if conversation.handler == Handler.BOT or handoff is None:
        request = HandoffRequest(HandoffReason.AGENT_TOOK_OVER)
        await ledger.append(session, HandoffRequested(reason=request.reason, by="agent"), actor=actor, conversation=conversation)
        handoff = await _queue(session, ledger, conversation, request=request)
    _change_hands(conversation, Handler.AGENT, staff.id)
    handoff.state, handoff.staff_id, handoff.accepted_at = "accepted", staff.id, ledger.now
    waited = (ledger.now - handoff.at).total_seconds()
    accepted = HandoffAccepted(handoff_id=str(handoff.id), staff_id=str(staff.id), waited_seconds=waited)
    await ledger.append(session, accepted, actor=actor, conversation=conversation)
    await ledger.append(session, AgentAssigned(staff_id=str(staff.id), by=str(staff.id)), actor=actor, conversation=conversation)
    await _say(session, ledger, conversation, "agent_joined", name=staff.name)


async def release(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, reason: str = "released"
) -> None:
    """The agent puts the conversation back into the queue."""
    _expect_held(conversation, staff)
    await ledger.append(
        session, AgentReleased(staff_id=str(staff.id), reason=reason), actor=Actor("agent", str(staff.id)), conversation=conversation
    )
    await _say(session, ledger, conversation, "released")
    before = await find_latest_handoff(session, conversation.id)
    why = HandoffReason(before.reason) if before else HandoffReason.AGENT_TOOK_OVER
    await _queue(session, ledger, conversation, request=HandoffRequest(why))


async def hand_back(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, note: str | None = None
) -> None:
    """The agent gives the conversation back to the bot. What caused the handoff is cleared, so that no loop follows."""
    _expect_held(conversation, staff)
    await _expect_nothing_new(session, ledger, conversation)
    actor = Actor("agent", str(staff.id))
    await _close_handoffs(session, conversation.id, state="returned")
    _change_hands(conversation, Handler.BOT)
    _clear(conversation)
    conversation.dialogue = {"handed_back": True}
    await ledger.append(session, AgentReleased(staff_id=str(staff.id), reason="handed_back"), actor=actor, conversation=conversation)
    await ledger.append(session, HandbackDone(staff_id=str(staff.id), note=note), actor=actor, conversation=conversation)
    await _say(session, ledger, conversation, "handed_back")
    await _ask_rating(session, ledger, conversation, staff.id)
    conversation.answered_seq = conversation.seq  # what the human dealt with is not the bot's to answer


async def resolve(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow) -> None:
    """The conversation is done; the customer is asked for a rating."""
    _expect_held(conversation, staff)
    await _expect_nothing_new(session, ledger, conversation)
    actor = Actor("agent", str(staff.id))
    await _close_handoffs(session, conversation.id, state="returned")
    await _say(session, ledger, conversation, "resolved", name=staff.name)
    await _ask_rating(session, ledger, conversation, staff.id)
    await ledger.append(session, AgentReleased(staff_id=str(staff.id), reason="resolved"), actor=actor, conversation=conversation)
    _change_hands(conversation, Handler.BOT)
    _clear(conversation)
    conversation.status, conversation.resolved_at = Status.RESOLVED, ledger.now
    await ledger.append(session, ConversationResolved(outcome="closed", by="agent"), actor=actor, conversation=conversation)


async def snooze(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, until: datetime) -> None:
    """The conversation sleeps until a time, or until the customer writes."""
    _expect_held(conversation, staff)
    conversation.status, conversation.snoozed_until = Status.SNOOZED, until
    event = ConversationSnoozed(until=until.isoformat())
    await ledger.append(session, event, actor=Actor("agent", str(staff.id)), conversation=conversation)


async def abandon(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> None:
    """The customer left while waiting: the conversation closes, and the handoff counts as abandoned."""
    _expect_open(conversation)
    if conversation.handler != Handler.QUEUE:
        raise OwnershipError("Only a waiting conversation can be abandoned")
    handoff = await find_waiting_handoff(session, conversation.id)
    if handoff is not None:
        handoff.state = "abandoned"
        waited = (ledger.now - handoff.at).total_seconds()
        await ledger.append(
            session, HandoffAbandoned(handoff_id=str(handoff.id), waited_seconds=waited), actor=SYSTEM, conversation=conversation
        )
    _change_hands(conversation, Handler.BOT)
    _clear(conversation)
    conversation.status, conversation.resolved_at = Status.RESOLVED, ledger.now
    await ledger.append(session, ConversationResolved(outcome="abandoned", by="system"), actor=SYSTEM, conversation=conversation)


async def find_waiting_handoff(session: AsyncSession, conversation_id: UUID) -> HandoffRow | None:
    """The handoff that nobody has accepted yet, or None."""
    query = select(HandoffRow).where(HandoffRow.conversation_id == conversation_id, HandoffRow.state == "queued")
    return (await session.execute(query.order_by(HandoffRow.at.desc()).limit(1))).scalar_one_or_none()


async def find_latest_handoff(session: AsyncSession, conversation_id: UUID) -> HandoffRow | None:
    """The newest handoff of the conversation, whatever its state, or None."""
    query = select(HandoffRow).where(HandoffRow.conversation_id == conversation_id).order_by(HandoffRow.at.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


def _expect_held(conversation: ConversationRow, staff: StaffRow) -> None:
    _expect_open(conversation)
    if conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise OwnershipError("You do not hold this conversation", hint="Take it first.")


async def _expect_nothing_new(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> None:
    """Refuses to let go of a conversation while a message comes in that the agent cannot have read: it would be answered by nobody."""
    newest = select(MessageRow.author, MessageRow.at).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author.in_((Author.CUSTOMER, Author.AGENT, Author.SYSTEM))
    )
    found = (await session.execute(newest.order_by(MessageRow.seq.desc()).limit(1))).one_or_none()
    if found is not None and found.author == Author.CUSTOMER and ledger.now - found.at < JUST_NOW:
        raise OwnershipError("The customer has just written", hint="Read it first, then try again.")


def _clear(conversation: ConversationRow) -> None:
    conversation.waiting_since, conversation.urgency, conversation.dialogue = None, 0, {}


async def _close_handoffs(session: AsyncSession, conversation_id: UUID, *, state: str) -> None:
    query = select(HandoffRow).where(HandoffRow.conversation_id == conversation_id, HandoffRow.state.in_(("queued", "accepted")))
    for handoff in (await session.execute(query)).scalars():
        handoff.state = state


async def _say(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, key: str, **values: Any) -> None:
    content = Content(phrase(key, conversation.language, **values))
    await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM)


async def _ask_rating(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, staff_id: UUID) -> None:
    rating = RatingRow(conversation_id=conversation.id, staff_id=staff_id, asked_at=ledger.now)
    session.add(rating)
    await session.flush()
    content = Content(phrase("ask_rating", conversation.language), custom={"rating_id": str(rating.id)})
    await add_message(session, ledger, conversation, content=content, author=Author.SYSTEM)
    await ledger.append(session, RatingAsked(rating_id=str(rating.id)), actor=SYSTEM, conversation=conversation)
