"""Messages in threads that are no chat: which thread they belong to, who may answer there, and what machines wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from channels.happenings import Automatic, CustomerMessage, Thread
from channels.models import ChannelSendRow, WebMailingRow
from context.contacts import find_identity, get_contact, lock_identity
from context.conversations import MESSAGING_THREAD, lock_conversation
from context.inbound import Recorded, record_answer_of, record_inbound
from context.ledger import Ledger
from context.models import ConversationRow, IdentityRow, MessageRow
from context.outbound import Writer, add_message
from context.ownership import hand_off
from context.types import Author, Content, Direction, Handler, HandoffReason, HandoffRequest, Inbound, Visibility

MOST_IN_AN_HOUR = 5  # answers of the bot to one address: two machines that write to each other stop here
STRANGER = "Somebody else answers in this thread ({address}). What was written with others is not shown here, and not to them."


BESIDE = (
    "{who} was named in a mail of this thread and writes in it. They are a contact of their own. Answers go to {customer}, "
    "with a copy to those whom the last mail names."
)


async def record_in_thread(session: AsyncSession, ledger: Ledger, happening: CustomerMessage, inbound: Inbound) -> Recorded:
    """Stores a message in its thread; a person gets it where the bot must not answer, or has answered too often."""
    thread = happening.thread
    assert thread is not None
    mailed = await find_mailed(session, inbound, thread)
    if mailed is not None:
        return await record_answer_of(session, ledger, inbound, contact_id=mailed)
    known = await find_thread(session, inbound, thread)
    stranger = known is not None and await _is_stranger(session, inbound, known[1])
    if known is not None and stranger and await _was_named(session, inbound, known):
        return await _record_beside(session, ledger, inbound, known)
    if stranger:
        inbound = replace(inbound, metadata=inbound.metadata | {"stranger": True})
    recorded = await record_inbound(session, ledger, inbound, thread_key=known[0] if known else thread.key)
    if recorded.repeat:
        return recorded
    conversation = await lock_conversation(session, recorded.message.conversation_id)
    if stranger:
        await add_note(session, ledger, conversation, text=STRANGER.format(address=inbound.identity))
    loops = not thread.people and await _answered_too_often(session, ledger, inbound)
    if conversation.handler == Handler.BOT and (thread.people or loops):
        request = HandoffRequest(HandoffReason.POLICY, suggested_team=thread.team)
        await hand_off(session, ledger, conversation, request=request)
    return recorded


async def _record_beside(session: AsyncSession, ledger: Ledger, inbound: Inbound, known: tuple[str, UUID]) -> Recorded:
    """Stores what somebody beside the customer writes in their thread. People see to it: a machine cannot know what it may say to whom."""
    key, contact_id = known[0], (await get_contact(session, known[1])).id
    said = replace(inbound, profile_name=inbound.profile_name or inbound.identity, metadata=inbound.metadata | {"beside": True})
    customer = await _address_in_thread(session, inbound, (key, contact_id))
    recorded = await record_answer_of(session, ledger, said, contact_id=contact_id, thread_key=key)
    if recorded.repeat:
        return recorded
    conversation = await lock_conversation(session, recorded.message.conversation_id)
    conversation.address = customer or conversation.address
    earlier = (MessageRow.conversation_id == conversation.id, MessageRow.address == inbound.identity, MessageRow.id != recorded.message.id)
    if (await session.execute(select(MessageRow.id).where(*earlier).limit(1))).first() is None:
        note = BESIDE.format(who=inbound.identity, customer=conversation.address)
        await add_note(session, ledger, conversation, text=note)
    if conversation.handler == Handler.BOT:
        await hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.POLICY))
    return recorded


async def note_automatic(session: AsyncSession, ledger: Ledger, happening: Automatic) -> str | None:
    """A note in the thread that a machine answered; a sentence for people where there is none, as then nothing of it is stored."""
    inbound = happening.inbound
    known = await find_thread(session, inbound, happening.thread)
    if known is None:
        return f"automatic mail, not answered: {happening.reason}"
    mine = (MessageRow.channel == inbound.channel, MessageRow.account == inbound.account, MessageRow.external_id == inbound.external_id)
    if (await session.execute(select(MessageRow.id).where(*mine))).first() is not None:
        return None
    query = select(ConversationRow.id).where(ConversationRow.contact_id == known[1], ConversationRow.thread_key == known[0])
    latest = (await session.execute(query.order_by(ConversationRow.opened_at.desc()).limit(1))).scalar_one()
    conversation = await lock_conversation(session, latest)
    note = await add_note(session, ledger, conversation, text=f"{happening.reason}: {inbound.text}"[:3900])
    await session.flush()
    row = await session.get(MessageRow, note)
    assert row is not None
    row.external_id = inbound.external_id
    return None


async def find_thread(session: AsyncSession, inbound: Inbound, thread: Thread) -> tuple[str, UUID] | None:
    """The key and the contact of the thread in which one of the answered messages stands: of theirs or of ours, nearest first."""
    for external_id in thread.answers:
        here = (MessageRow.channel == inbound.channel, MessageRow.account == inbound.account, MessageRow.external_id == external_id)
        sent = (
            ChannelSendRow.channel == inbound.channel, ChannelSendRow.account == inbound.account, ChannelSendRow.provider_id == external_id,
        )  # fmt: skip
        for query in (
            _THREADS.join(MessageRow, MessageRow.conversation_id == ConversationRow.id).where(*here),
            _THREADS.join(MessageRow, MessageRow.conversation_id == ConversationRow.id)
            .join(ChannelSendRow, ChannelSendRow.message_id == MessageRow.id)
            .where(*sent),
        ):
            found = (await session.execute(query.limit(1))).first()
            if found is not None:
                return found.thread_key, found.contact_id
    return None


async def find_mailed(session: AsyncSession, inbound: Inbound, thread: Thread) -> UUID | None:
    """Whose chat is answered: that of a visitor who got our replies by mail at this very address. Nobody else knows the mail's id."""
    if inbound.metadata.get("dmarc") == "fail" or not thread.answers:
        return None
    sent = (ChannelSendRow.channel == inbound.channel, ChannelSendRow.account == inbound.account)
    mailed = aliased(ConversationRow)
    theirs = select(WebMailingRow.message_id).join(mailed, mailed.id == WebMailingRow.conversation_id)
    query = (
        select(ConversationRow.contact_id)
        .join(MessageRow, MessageRow.conversation_id == ConversationRow.id)
        .join(ChannelSendRow, ChannelSendRow.message_id == MessageRow.id)
        .where(*sent, ChannelSendRow.provider_id.in_(thread.answers), MessageRow.address == inbound.identity)
        .where(ConversationRow.thread_key == MESSAGING_THREAD)
        .where(theirs.where(mailed.contact_id == ConversationRow.contact_id, WebMailingRow.address == inbound.identity).exists())
    )
    found = (await session.execute(query.limit(1))).scalar()
    return (await get_contact(session, found)).id if found else None


_THREADS = select(ConversationRow.thread_key, ConversationRow.contact_id)


async def add_note(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, text: str) -> UUID:
    """A note for colleagues in a locked conversation."""
    writer = Writer(visibility=Visibility.NOTE)
    return (await add_message(session, ledger, conversation, content=Content(text), author=Author.SYSTEM, writer=writer)).id


async def link_elsewhere(session: AsyncSession, happening: CustomerMessage) -> None:
    """A new address belongs to the contact that is known on another channel, where the provider says that it is the same person."""
    inbound = happening.inbound
    places = [(inbound.channel, inbound.identity), *happening.elsewhere]
    for channel, address in sorted(places):
        await lock_identity(session, channel, inbound.account, address)
    if await find_identity(session, inbound.channel, inbound.account, inbound.identity) is not None:
        return
    for channel, address in happening.elsewhere:
        known = await find_identity(session, channel, inbound.account, address)
        if known is not None:
            place = {"channel": inbound.channel, "account": inbound.account, "external_id": inbound.identity}
            session.add(IdentityRow(contact_id=known.contact_id, **place))
            await session.flush()
            return


def _in_thread(inbound: Inbound, known: tuple[str, UUID]) -> tuple[ColumnElement[bool], ...]:
    """What customers wrote in a thread, with `MessageRow` joined to its conversation."""
    return (
        ConversationRow.thread_key == known[0], ConversationRow.contact_id == known[1], MessageRow.direction == Direction.IN,
        MessageRow.channel == inbound.channel, MessageRow.account == inbound.account,
    )  # fmt: skip


async def _was_named(session: AsyncSession, inbound: Inbound, known: tuple[str, UUID]) -> bool:
    """Whether somebody of this thread named the sender in a mail, so that they may take part in it."""
    if inbound.metadata.get("dmarc") == "fail":
        return False
    named = MessageRow.body["metadata"]["cc"].contains([inbound.identity])
    query = select(MessageRow.id).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    return (await session.execute(query.where(*_in_thread(inbound, known), named).limit(1))).first() is not None


async def _address_in_thread(session: AsyncSession, inbound: Inbound, known: tuple[str, UUID]) -> str | None:
    """Where the customer, whose thread it is, last wrote from."""
    theirs = select(IdentityRow.external_id).filter_by(contact_id=known[1], channel=inbound.channel, account=inbound.account)
    query = select(MessageRow.address).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    mine = (*_in_thread(inbound, known), MessageRow.address.in_(theirs))
    return (await session.execute(query.where(*mine).order_by(MessageRow.at.desc(), MessageRow.seq.desc()).limit(1))).scalar()


async def _is_stranger(session: AsyncSession, inbound: Inbound, contact_id: UUID) -> bool:
    known = await find_identity(session, inbound.channel, inbound.account, inbound.identity)
    return known is None or known.contact_id != contact_id


async def _answered_too_often(session: AsyncSession, ledger: Ledger, inbound: Inbound) -> bool:
    mine = (MessageRow.channel == inbound.channel, MessageRow.account == inbound.account, MessageRow.address == inbound.identity)
    by_bot = (MessageRow.author == Author.BOT, MessageRow.at > ledger.now - timedelta(hours=1))
    count = (await session.execute(select(func.count(MessageRow.turn_id.distinct())).where(*mine, *by_bot))).scalar_one()
    return count >= MOST_IN_AN_HOUR
