"""What is under way with a customer who is erased: conversations end without a word, what is queued is not sent, requests are refused."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.callbacks import close_callbacks
from context.closing import clear
from context.contacts import lock_identity
from context.conversations import lock_conversation
from context.erasing.person import Person, find_person
from context.events import Actor, AgentReleased, ConversationResolved, MessageFailed
from context.handling import Transition, move
from context.handoffs import close_handoffs
from context.ledger import Ledger, doing_itself
from context.models import ContactRow, ConversationRow, MessageRow
from context.shop.models import ServiceRequestRow
from context.shop.types import RequestStatus
from context.types import Delivery, Status


async def lock_person(session: AsyncSession, person: Person) -> Person:
    """The customer with nobody else at work on them: whoever writes from one of their addresses waits until this transaction ends."""
    for address in sorted(person.addresses):
        await lock_identity(session, *address)
    contacts = select(ContactRow.id).where(ContactRow.id.in_(person.contacts)).order_by(ContactRow.id)
    await session.execute(contacts.with_for_update(key_share=True))
    return await find_person(session, person.contact_id)


async def stop_all(session: AsyncSession, ledger: Ledger, person: Person, *, actor: Actor) -> dict[str, int]:
    """Ends what is under way; how much of what there was."""
    ended = queued = 0
    with doing_itself(*ledger.follows(ConversationResolved.name)):  # nothing is learned from it, and nobody is told how it went
        for conversation_id in person.conversations:
            conversation = await lock_conversation(session, conversation_id)
            queued += await _drop_queued(session, ledger, conversation)
            if conversation.status != Status.RESOLVED:
                await _end(session, ledger, conversation, actor=actor)
                ended += 1
    return {"conversations_ended": ended, "messages_not_sent": queued, "requests_refused": await _refuse_requests(session, person)}


async def _drop_queued(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> int:
    waiting = update(MessageRow).where(MessageRow.conversation_id == conversation.id, MessageRow.delivery == Delivery.QUEUED)
    dropped = (await session.execute(waiting.values(delivery=Delivery.FAILED).returning(MessageRow.id))).scalars().all()
    for message_id in dropped:
        failed = MessageFailed(message_id=str(message_id), reason="erased")
        await ledger.append(session, failed, actor=Actor("system"), conversation=conversation)
    return len(dropped)


async def _end(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, actor: Actor) -> None:
    agent = conversation.agent_id
    move(conversation, Transition.ERASE, now=ledger.now)
    await close_handoffs(session, conversation.id, state="returned")
    await close_callbacks(session, ledger, conversation, outcome="erased", actor=actor)
    if agent is not None:
        await ledger.append(session, AgentReleased(staff_id=str(agent), reason="erased"), actor=actor, conversation=conversation)
    clear(conversation)
    await ledger.append(session, ConversationResolved(outcome="closed", by="erasure"), actor=actor, conversation=conversation)


async def _refuse_requests(session: AsyncSession, person: Person) -> int:
    """Nobody could do them any more: what they ask for is erased with the rest."""
    mine = ServiceRequestRow.contact_id.in_(person.contacts) | ServiceRequestRow.conversation_id.in_(person.conversations)
    still = update(ServiceRequestRow).where(mine, ServiceRequestRow.status == RequestStatus.OPEN).values(status=RequestStatus.REFUSED)
    return len((await session.execute(still.returning(ServiceRequestRow.reference))).all())
