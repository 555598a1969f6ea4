"""The handoffs of a conversation: put into the queue with a packet, accepted, closed, found."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, AgentAssigned, HandoffAccepted, HandoffQueued
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, HandoffRow
from context.packet import build_packet
from context.staff.models import StaffRow
from context.types import HandoffReason, HandoffRequest

_GOING_ON = ("queued", "accepted")


async def open_handoff(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, request: HandoffRequest, state: str = "queued"
) -> HandoffRow:
    """A new handoff of a locked conversation, with its packet; one that still waited is replaced by it."""
    packet = await build_packet(session, conversation, request)
    await close_handoffs(session, conversation.id, state="returned")
    handoff = HandoffRow(
        conversation_id=conversation.id, reason=request.reason, urgency=packet.urgency, state=state, packet=asdict(packet), at=ledger.now
    )
    session.add(handoff)
    await session.flush()
    return handoff


async def wait_in_queue(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, request: HandoffRequest) -> HandoffRow:
    """Opens the handoff of a conversation that has just come into the queue, and says so."""
    handoff = await open_handoff(session, ledger, conversation, request=request)
    conversation.waiting_since = conversation.waiting_since or ledger.now
    conversation.urgency = handoff.urgency
    team = handoff.packet.get("suggested_team")
    queued = HandoffQueued(handoff_id=str(handoff.id), reason=request.reason, urgency=handoff.urgency, team=team)
    await ledger.append(session, queued, actor=SYSTEM, conversation=conversation)
    return handoff


async def accept(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, handoff: HandoffRow, staff: StaffRow, by: Actor
) -> None:
    """The handoff has found its person. `by` is who gave it: themselves, a supervisor, or the system."""
    handoff.state, handoff.staff_id, handoff.accepted_at = "accepted", staff.id, ledger.now
    waited = (ledger.now - handoff.at).total_seconds()
    accepted = HandoffAccepted(handoff_id=str(handoff.id), staff_id=str(staff.id), waited_seconds=waited)
    await ledger.append(session, accepted, actor=by, conversation=conversation)
    await ledger.append(session, AgentAssigned(staff_id=str(staff.id), by=by.id or by.kind), actor=by, conversation=conversation)


async def find_waiting_handoff(session: AsyncSession, conversation_id: UUID) -> HandoffRow | None:
    """The handoff that nobody has accepted yet, or None."""
    return await _newest(session, HandoffRow.conversation_id == conversation_id, HandoffRow.state == "queued")


async def find_latest_handoff(session: AsyncSession, conversation_id: UUID) -> HandoffRow | None:
    """The newest handoff of the conversation, whatever its state, or None."""
    return await _newest(session, HandoffRow.conversation_id == conversation_id)


async def reason_again(session: AsyncSession, conversation_id: UUID) -> HandoffReason:
    """Why a conversation that comes back to the queue was handed over at first."""
    before = await find_latest_handoff(session, conversation_id)
    return HandoffReason(before.reason) if before else HandoffReason.AGENT_TOOK_OVER


async def close_handoffs(session: AsyncSession, conversation_id: UUID, *, state: str) -> None:
    """Nobody waits in or works on the handoffs of this conversation any more."""
    query = select(HandoffRow).where(HandoffRow.conversation_id == conversation_id, HandoffRow.state.in_(_GOING_ON))
    for handoff in (await session.execute(query)).scalars():
        handoff.state = state


def newest_first() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order in which a conversation's latest handoff stands first; of two at the same moment the one that still counts."""
    return HandoffRow.at.desc(), HandoffRow.state.in_(_GOING_ON).desc()


async def _newest(session: AsyncSession, *where: Any) -> HandoffRow | None:
    return (await session.execute(select(HandoffRow).where(*where).order_by(*newest_first()).limit(1))).scalar_one_or_none()
