"""The one door for everything that is said to a customer: a bot's reply, an agent's reply, a system sentence, a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.addresses import Address, choose_address
from context.attachments.keeping import claim, settle
from context.conversations import dump_content, view_message
from context.events import Actor, AgentReplied, MessageQueued, MessageSent
from context.inbound import preview_of, said_with_files
from context.ledger import BOT, SYSTEM, Ledger
from context.models import ConversationRow, MessageRow
from context.staff.models import StaffRow
from context.threads import is_chat
from context.types import Author, Content, Delivery, Direction, Handler, MessageView, Status, Visibility
from kit.errors import ConflictError


@dataclass(frozen=True)
class Writer:
    """Who writes a message, beyond the kind of author; `to` where it goes when that is not where the customer last wrote."""

    id: str | None = None
    name: str | None = None
    turn_id: UUID | None = None
    ordinal: int | None = None
    sent_key: UUID | None = None
    visibility: Visibility = Visibility.PUBLIC
    to: Address | None = None


PLAIN = Writer()


@dataclass(frozen=True)
class Sending:
    """How an agent's reply came about: with which suggestion and files, and by which `key` a repeat of the same sending is known."""

    suggestion_id: UUID | None = None
    key: UUID | None = None
    channel: str | None = None  # the agent chose it; else where the customer last wrote
    files: tuple[UUID, ...] = ()


TYPED = Sending()


async def add_message(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, content: Content, author: Author, writer: Writer = PLAIN
) -> MessageView:
    """Stores an outbound message or note of a locked conversation; its delivery follows from the event.

    Where the conversation is no chat, a sentence of the system is a note: nobody wants it by mail, or under a public post.
    """
    by_mail_or_in_public = author == Author.SYSTEM and not is_chat(conversation.thread_key)
    visibility = Visibility.NOTE if by_mail_or_in_public else writer.visibility
    public, to = visibility == Visibility.PUBLIC, writer.to
    row = MessageRow(
        id=uuid4(),
        conversation_id=conversation.id,
        seq=conversation.seq + 1,
        direction=Direction.OUT,
        author=author,
        author_id=writer.id,
        author_name=writer.name,
        visibility=visibility,
        text=content.text,
        body=dump_content(content),
        channel=to.channel if to else conversation.channel,
        account=to.account if to else conversation.account,
        address=to.external_id if to else conversation.address,
        turn_id=writer.turn_id,
        ordinal=writer.ordinal,
        sent_key=writer.sent_key,
        delivery=Delivery.QUEUED if public else Delivery.DELIVERED,
        at=ledger.now,
    )
    session.add(row)
    if public and author == Author.AGENT:  # the inbox shows what people wrote, not what the bot said to it
        conversation.preview = preview_of(content)
    turn_id = str(writer.turn_id) if writer.turn_id else None
    queued = MessageQueued(message_id=str(row.id), author=author, visibility=visibility, turn_id=turn_id)
    actor = {Author.BOT: BOT, Author.AGENT: Actor("agent", writer.id)}.get(author, SYSTEM)
    await ledger.append(session, queued, actor=actor, conversation=conversation)
    return view_message(row)


async def mark_sent(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, message_id: UUID, *, external_id: str) -> None:
    """A queued message of a locked conversation is on its way: for channels on which storing a message is sending it."""
    new = (row for row in session.new if isinstance(row, MessageRow) and row.id == message_id)
    row = next(new, None) or await session.get(MessageRow, message_id)
    if row is not None and row.delivery == Delivery.QUEUED:
        row.delivery = Delivery.SENT
        sent = MessageSent(message_id=str(message_id), external_id=external_id)
        await ledger.append(session, sent, actor=SYSTEM, conversation=conversation)


def fill_results(content: Content, results: Mapping[str, Any]) -> Content:
    """The content with `{effect:KEY}` replaced by what the effects returned."""
    text = content.text
    for key, value in results.items():
        text = text.replace("{effect:" + key + "}", str(value))
    return replace(content, text=text)


async def record_agent_reply(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, text: str, sending: Sending = TYPED
) -> MessageView:
    """An agent writes to the customer. Raises ConflictError unless this agent holds the (locked) conversation.

    The same sending again stores nothing and returns what was stored first, whoever holds the conversation by then.
    """
    if (known := await _find_sent(session, conversation, sending.key)) is not None:
        return view_message(known)
    if conversation.status == Status.RESOLVED or conversation.handler != Handler.AGENT or conversation.agent_id != staff.id:
        raise ConflictError("You do not hold this conversation", hint="Take it first, then send again.")
    to = await choose_address(session, conversation, sending.channel)
    writer = Writer(id=str(staff.id), name=staff.name, sent_key=sending.key, to=to)
    view = await _with_files(session, ledger, conversation, text=text, files=sending.files, writer=writer)
    conversation.waiting_since = None
    conversation.answered_seq = conversation.seq
    suggestion = str(sending.suggestion_id) if sending.suggestion_id else None
    replied = AgentReplied(message_id=str(view.id), staff_id=str(staff.id), suggestion_id=suggestion)
    await ledger.append(session, replied, actor=Actor("agent", str(staff.id)), conversation=conversation)
    return view


async def _find_sent(session: AsyncSession, conversation: ConversationRow, key: UUID | None) -> MessageRow | None:
    if key is None:
        return None
    query = select(MessageRow).where(MessageRow.sent_key == key, MessageRow.conversation_id == conversation.id)
    return (await session.execute(query)).scalar_one_or_none()


async def record_note(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, staff: StaffRow, text: str, sending: Sending = TYPED
) -> MessageView:
    """A private note for colleagues; it never leaves the house. The same sending again stores nothing."""
    if (known := await _find_sent(session, conversation, sending.key)) is not None:
        return view_message(known)
    writer = Writer(id=str(staff.id), name=staff.name, sent_key=sending.key, visibility=Visibility.NOTE)
    return await _with_files(session, ledger, conversation, text=text, files=sending.files, writer=writer)


async def _with_files(
    session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, text: str, files: tuple[UUID, ...], writer: Writer
) -> MessageView:
    claimed = await claim(session, files, owner=f"staff:{writer.id}")
    content = Content(said_with_files(text, claimed), attachments=claimed)
    view = await add_message(session, ledger, conversation, content=content, author=Author.AGENT, writer=writer)
    await settle(session, claimed, message_id=view.id, conversation_id=conversation.id)
    return view
