"""Desks outside Baton: people who answer in another system. Towards the state machine such a desk is one colleague who is always there.

A conversation of an account with such a desk never waits in Baton's queue: what the bot hands over is theirs in the same transaction.
Switching off the desk's colleague ends that: from then on Baton's own people get what is handed over.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from context.callbacks import close_callbacks
from context.closing import clear
from context.events import Actor, AgentReleased, ConversationResolved, HandbackDone
from context.handling import Transition, move
from context.handoffs import accept, close_handoffs, find_waiting_handoff
from context.ledger import SYSTEM, Ledger
from context.models import NOW, ConversationRow, MessageRow
from context.settling import tell_bot
from context.staff.models import StaffRow
from context.types import Author, Handler, Role, Status
from kit.db import Base, care


class OutsideDeskRow(Base):
    """The colleague who stands for the people of an outside desk; they cannot log in."""

    __tablename__ = "outside_desk"
    __table_args__ = ({"info": care(keep="until its colleague is deleted")},)

    channel: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)


async def find_desk(session: AsyncSession, channel: str, account: str) -> StaffRow | None:
    """The colleague who stands for the desk of an account, or None where there is no such desk."""
    query = select(StaffRow).join(OutsideDeskRow, OutsideDeskRow.staff_id == StaffRow.id)
    return (await session.execute(query.where(OutsideDeskRow.channel == channel, OutsideDeskRow.account == account))).scalar_one_or_none()


async def ensure_desk(session: AsyncSession, channel: str, account: str, *, name: str) -> StaffRow:
    """The same, made when it is not there yet."""
    found = await find_desk(session, channel, account)
    if found is not None:
        return found
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"outside {channel} {account}"})
    found = await find_desk(session, channel, account)
    if found is not None:
        return found
    row = StaffRow(email=f"{channel}.{account}@outside.invalid".lower(), name=name, role=str(Role.AGENT), password_hash="", active=True)
    session.add(row)
    await session.flush()
    session.add(OutsideDeskRow(channel=channel, account=account, staff_id=row.id))
    await session.flush()
    return row


async def desk_holds(session: AsyncSession, conversation: ConversationRow) -> StaffRow | None:
    """The outside desk's colleague, if they hold the conversation."""
    desk = await find_desk(session, conversation.channel, conversation.account)
    return desk if desk is not None and conversation.handler == Handler.AGENT and conversation.agent_id == desk.id else None


async def pass_outside(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> bool:
    """A locked conversation that has just come into the queue goes to its outside desk, without a word; False where there is none."""
    desk = await find_desk(session, conversation.channel, conversation.account)
    if desk is None or not desk.active or conversation.handler != Handler.QUEUE:
        return False
    handoff = await find_waiting_handoff(session, conversation.id)
    if handoff is None:
        return False
    move(conversation, Transition.ASSIGN, now=ledger.now, to=desk.id)
    await accept(session, ledger, conversation, handoff=handoff, staff=desk, by=SYSTEM)
    return True


async def return_to_bot(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, desk: StaffRow) -> None:
    """The outside desk gave the conversation back. What the customer wrote after its last answer is the bot's to answer now."""
    move(conversation, Transition.HAND_BACK, now=ledger.now, by=desk.id)
    actor = Actor("agent", str(desk.id))
    await close_handoffs(session, conversation.id, state="returned")
    await close_callbacks(session, ledger, conversation, outcome="handed_back", actor=actor)
    await tell_bot(session, conversation)
    answered = select(func.max(MessageRow.seq)).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author != Author.CUSTOMER, MessageRow.visibility == "public"
    )
    conversation.answered_seq = max(conversation.answered_seq, (await session.execute(answered)).scalar() or 0)
    await ledger.append(session, AgentReleased(staff_id=str(desk.id), reason="handed_back"), actor=actor, conversation=conversation)
    await ledger.append(session, HandbackDone(staff_id=str(desk.id)), actor=actor, conversation=conversation)


async def close_outside(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> bool:
    """Outside it was marked as resolved: so it is here, without a word to the customer. Not what one of Baton's own people holds."""
    if conversation.status == Status.RESOLVED:
        return False
    desk = await desk_holds(session, conversation)
    if desk is None and conversation.handler != Handler.BOT:
        return False
    actor = Actor("agent", str(desk.id)) if desk else SYSTEM
    if desk is not None:
        move(conversation, Transition.RESOLVE, now=ledger.now, by=desk.id)
        await close_handoffs(session, conversation.id, state="returned")
        await ledger.append(session, AgentReleased(staff_id=str(desk.id), reason="resolved"), actor=actor, conversation=conversation)
    else:
        move(conversation, Transition.CLOSE, now=ledger.now)
    await close_callbacks(session, ledger, conversation, outcome="resolved", actor=actor)
    clear(conversation)
    await ledger.append(session, ConversationResolved(outcome="closed", by="outside"), actor=actor, conversation=conversation)
    return True


async def is_desk(session: AsyncSession, staff_id: uuid.UUID) -> bool:
    """Whether a colleague stands for an outside desk."""
    return (await session.execute(select(OutsideDeskRow.staff_id).where(OutsideDeskRow.staff_id == staff_id).limit(1))).first() is not None
