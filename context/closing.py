"""How conversations end: resolved by their agent, closed as nobody says anything, abandoned in the queue, merged into another."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.callbacks import close_callbacks
from context.events import Actor, AgentReleased, ConversationMerged, ConversationResolved, HandoffAbandoned
from context.handling import OwnershipError, Transition, move
from context.handoffs import close_handoffs, find_waiting_handoff
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, MessageRow
from context.saying import ask_rating, say
from context.staff.models import StaffRow
from context.types import Author

JUST_NOW = timedelta(seconds=3)


async def resolve(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow) -> None:
    """The conversation is done; the customer is asked for a rating. Raises OwnershipError."""
    name, actor = staff.name, Actor("agent", str(staff.id))
    await expect_nothing_new(session, ledger, conversation)
    move(conversation, Transition.RESOLVE, now=ledger.now, by=staff.id)
    await close_handoffs(session, conversation.id, state="returned")
    await close_callbacks(session, ledger, conversation, outcome="resolved", actor=actor)
    await say(session, ledger, conversation, "resolved", name=name)
    await ask_rating(session, ledger, conversation, staff.id)
    await ledger.append(session, AgentReleased(staff_id=str(staff.id), reason="resolved"), actor=actor, conversation=conversation)
    clear(conversation)
    await ledger.append(session, ConversationResolved(outcome="closed", by="agent"), actor=actor, conversation=conversation)


async def close_quiet(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> None:
    """Nobody said anything for long, and nobody waits: taken as done, without a word to the customer. Raises OwnershipError."""
    if conversation.waiting_since is not None:
        raise OwnershipError("The customer waits for an answer")
    agent = conversation.agent_id
    move(conversation, Transition.CLOSE, now=ledger.now)
    await close_handoffs(session, conversation.id, state="returned")
    if agent is not None:
        await ledger.append(session, AgentReleased(staff_id=str(agent), reason="quiet"), actor=SYSTEM, conversation=conversation)
    clear(conversation)
    await ledger.append(session, ConversationResolved(outcome="assumed", by="system"), actor=SYSTEM, conversation=conversation)


async def abandon(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, word: bool = False) -> None:
    """The customer left while waiting: the conversation closes, and the handoff counts as abandoned. `word`: they are told.

    Raises OwnershipError.
    """
    move(conversation, Transition.ABANDON, now=ledger.now)
    handoff = await find_waiting_handoff(session, conversation.id)
    if word:
        await say(session, ledger, conversation, "abandoned")
    if handoff is not None:
        handoff.state = "abandoned"
        left = HandoffAbandoned(handoff_id=str(handoff.id), waited_seconds=(ledger.now - handoff.at).total_seconds())
        await ledger.append(session, left, actor=SYSTEM, conversation=conversation)
    await close_callbacks(session, ledger, conversation, outcome="abandoned", actor=SYSTEM)
    clear(conversation)
    await ledger.append(session, ConversationResolved(outcome="abandoned", by="system"), actor=SYSTEM, conversation=conversation)


async def merge_away(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, into: ConversationRow, actor: Actor = SYSTEM
) -> None:
    """The conversation becomes part of another, which goes on; what is moved between them is the caller's. Raises OwnershipError."""
    agent = conversation.agent_id
    move(conversation, Transition.MERGE, now=ledger.now)
    await close_handoffs(session, conversation.id, state="returned")
    if agent is not None:
        await ledger.append(session, AgentReleased(staff_id=str(agent), reason="merged"), actor=actor, conversation=conversation)
    clear(conversation)
    await ledger.append(session, ConversationMerged(into_id=str(into.id)), actor=actor, conversation=conversation)


async def expect_nothing_new(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> None:
    """Refuses to let go of a conversation while a message comes in that the agent cannot have read: it would be answered by nobody."""
    newest = select(MessageRow.author, MessageRow.at).where(
        MessageRow.conversation_id == conversation.id, MessageRow.author.in_((Author.CUSTOMER, Author.AGENT, Author.SYSTEM))
    )
    found = (await session.execute(newest.order_by(MessageRow.seq.desc()).limit(1))).one_or_none()
    if found is not None and found.author == Author.CUSTOMER and ledger.now - found.at < JUST_NOW:
        raise OwnershipError("The customer has just written", hint="Read it first, then try again.")


def clear(conversation: ConversationRow) -> None:
    """Nobody waits any more, and what the bot had in mind is forgotten."""
    conversation.waiting_since, conversation.urgency, conversation.dialogue = None, 0, {}
