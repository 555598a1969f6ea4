"""Who holds a conversation: what happens at every change of hands. What is allowed stands in `context/handling.py`.

All of these expect the conversation's row to be locked (`lock_conversation`) and raise OwnershipError for what the state machine refuses.
How conversations end is in `context/closing.py`, how they sleep in `context/sleeping.py`; both are found here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.callbacks import close_callbacks
from context.closing import abandon as abandon
from context.closing import close_quiet as close_quiet
from context.closing import expect_nothing_new
from context.closing import merge_away as merge_away
from context.closing import resolve as resolve
from context.events import Actor, AgentAssigned, AgentReleased, HandbackDone, HandoffRequested
from context.handling import OwnershipError as OwnershipError
from context.handling import Transition, move
from context.handoffs import accept, close_handoffs, open_handoff, reason_again, wait_in_queue
from context.handoffs import find_latest_handoff as find_latest_handoff
from context.handoffs import find_waiting_handoff as find_waiting_handoff
from context.ledger import BOT, SYSTEM, Ledger
from context.models import ConversationRow, HandoffRow
from context.outbound import record_note
from context.outside import pass_outside
from context.saying import ask_rating, say
from context.settling import tell_bot
from context.sleeping import snooze as snooze
from context.sleeping import wake as wake
from context.staff.models import StaffRow
from context.threads import COMMENT, kind_of
from context.types import Handler, HandoffReason, HandoffRequest
from kit.errors import ConflictError


@dataclass(frozen=True)
class Settled:
    """What an agent has settled before handing back: intents that are done, and slots as they are now (None clears).

    Without `intents` (None) it is what the customer asked for since the bot held the conversation last.
    """

    intents: tuple[str, ...] | None = None
    slots: dict[str, Any] = field(default_factory=dict)


NOTHING_SETTLED = Settled()


async def hand_off(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, request: HandoffRequest, actor: Actor = BOT
) -> HandoffRow:
    """The bot passes the baton: the packet is built and the conversation waits in the queue."""
    move(conversation, Transition.HAND_OFF, now=ledger.now)
    await ledger.append(session, HandoffRequested(reason=request.reason, by=actor.kind), actor=actor, conversation=conversation)
    handoff = await wait_in_queue(session, ledger, conversation, request=request)
    await pass_outside(session, ledger, conversation)
    return handoff


async def take_over(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, holder_yields: bool = False
) -> None:
    """A human takes the conversation from the bot or the queue. Taking what one already holds changes nothing.

    `holder_yields`: whoever holds it is away, or the taker may overrule; else OwnershipError, which says who holds it.
    """
    actor, before = Actor("agent", str(staff.id)), conversation.agent_id
    if conversation.handler == Handler.AGENT and before is not None:
        if before == staff.id:
            return
        if not holder_yields:
            raise await _held_by(session, before)
        move(conversation, Transition.TAKE_FROM, now=ledger.now, to=staff.id)
        released = AgentReleased(staff_id=str(before), reason="taken_over")
        await ledger.append(session, released, actor=actor, conversation=conversation)
    else:
        move(conversation, Transition.TAKE, now=ledger.now, to=staff.id)
    handoff = await find_waiting_handoff(session, conversation.id)
    if handoff is None:
        request = HandoffRequest(HandoffReason.AGENT_TOOK_OVER)
        await ledger.append(session, HandoffRequested(reason=request.reason, by="agent"), actor=actor, conversation=conversation)
        handoff = await wait_in_queue(session, ledger, conversation, request=request)
    await accept(session, ledger, conversation, handoff=handoff, staff=staff, by=actor)
    await say(session, ledger, conversation, "agent_joined", name=staff.name)


async def assign(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, by: Actor = SYSTEM) -> None:
    """Routing, or a supervisor (`by`), gives a waiting conversation to an agent. Only of those that still wait in the queue."""
    move(conversation, Transition.ASSIGN, now=ledger.now, to=staff.id)
    handoff = await find_waiting_handoff(session, conversation.id)
    if handoff is None:
        handoff = await open_handoff(session, ledger, conversation, request=HandoffRequest(await reason_again(session, conversation.id)))
    await accept(session, ledger, conversation, handoff=handoff, staff=staff, by=by)
    await say(session, ledger, conversation, "agent_joined", name=staff.name)


async def release(
    session: AsyncSession,
    ledger: Ledger,
    conversation: ConversationRow,
    *,
    staff: StaffRow,
    reason: str = "released",
    request: HandoffRequest | None = None,
) -> None:
    """The agent puts the conversation back into the queue; `request` says for whom and why, with a note."""
    move(conversation, Transition.RELEASE, now=ledger.now, by=staff.id)
    actor = Actor("agent", str(staff.id))
    await _back_to_queue(session, ledger, conversation, request=request, event=AgentReleased(str(staff.id), reason), actor=actor)


async def reclaim(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, reason: str, actor: Actor = SYSTEM) -> None:
    """The conversation goes back to the queue without its agent's doing; `reason` is `connection_lost` or `disabled`."""
    before = conversation.agent_id
    move(conversation, Transition.RECLAIM, now=ledger.now)
    await _back_to_queue(session, ledger, conversation, request=None, event=AgentReleased(str(before), reason), actor=actor)


async def _back_to_queue(
    session: AsyncSession,
    ledger: Ledger,
    conversation: ConversationRow,
    *,
    request: HandoffRequest | None,
    event: AgentReleased,
    actor: Actor,
) -> None:
    await ledger.append(session, event, actor=actor, conversation=conversation)
    await say(session, ledger, conversation, "released")
    if request is None:
        request = HandoffRequest(await reason_again(session, conversation.id))
    await wait_in_queue(session, ledger, conversation, request=request)
    await pass_outside(session, ledger, conversation)


async def transfer(
    session: AsyncSession,
    ledger: Ledger,
    conversation: ConversationRow,
    *,
    to: StaffRow,
    by: StaffRow,
    note: str | None = None,
) -> None:
    """The conversation goes to another person with a note; `by` holds it. Whether `to` is there and may, the desk has checked."""
    before = conversation.agent_id
    move(conversation, Transition.TRANSFER, now=ledger.now, by=by.id, to=to.id)
    actor = Actor("agent", str(by.id))
    if note:
        await record_note(session, ledger, conversation, staff=by, text=note)
    request = HandoffRequest(await reason_again(session, conversation.id), note=note, given_by=by.name)
    handoff = await open_handoff(session, ledger, conversation, request=request, state="accepted")
    handoff.staff_id, handoff.accepted_at = to.id, ledger.now
    await ledger.append(session, AgentReleased(staff_id=str(before), reason="transferred"), actor=actor, conversation=conversation)
    await ledger.append(session, AgentAssigned(staff_id=str(to.id), by=str(by.id)), actor=actor, conversation=conversation)
    await say(session, ledger, conversation, "agent_joined", name=to.name)


async def hand_back(
    session: AsyncSession,
    ledger: Ledger,
    conversation: ConversationRow,
    *,
    staff: StaffRow,
    note: str | None = None,
    settled: Settled = NOTHING_SETTLED,
) -> None:
    """The agent gives the conversation back to the bot. What caused the handoff is cleared, so that no loop follows.

    The bot learns from `conversation.dialogue` what was settled (`context/settling.py`, bot/repair/settled.py).
    """
    if kind_of(conversation.thread_key) == COMMENT:
        raise ConflictError("Public comments are answered by people", hint="Answer it, pass it on, or resolve it.")
    await expect_nothing_new(session, ledger, conversation)
    move(conversation, Transition.HAND_BACK, now=ledger.now, by=staff.id)
    actor = Actor("agent", str(staff.id))
    await close_handoffs(session, conversation.id, state="returned")
    await close_callbacks(session, ledger, conversation, outcome="handed_back", actor=actor)
    if note:
        await record_note(session, ledger, conversation, staff=staff, text=note)
    conversation.slots = {**conversation.slots, **settled.slots}
    await tell_bot(session, conversation, settled=settled.intents)
    await ledger.append(session, AgentReleased(staff_id=str(staff.id), reason="handed_back"), actor=actor, conversation=conversation)
    await ledger.append(session, HandbackDone(staff_id=str(staff.id), note=note), actor=actor, conversation=conversation)
    await say(session, ledger, conversation, "handed_back")
    await ask_rating(session, ledger, conversation, staff.id)
    conversation.answered_seq = conversation.seq  # what the human dealt with is not the bot's to answer


async def _held_by(session: AsyncSession, agent_id: UUID) -> OwnershipError:
    holder = await session.get(StaffRow, agent_id)
    name = holder.name if holder else "A colleague"
    return OwnershipError(f"{name} holds this conversation", hint="Ask them to release or transfer it.")
