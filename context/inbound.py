"""One short transaction for each inbound message: drop repeats, find the person and the conversation, store, tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.attachments.keeping import claim, customer_owner, settle
from context.contacts import erased_name, find_or_create_identity, lock_identity
from context.conversations import MESSAGING_THREAD, dump_content, lock_conversation, view_message
from context.events import ConversationOpened, MessageReceived
from context.ledger import CUSTOMER, Ledger
from context.models import ContactRow, ConversationRow, IdentityRow, MessageRow
from context.sleeping import wake
from context.types import Author, Content, Delivery, Direction, Handler, Inbound, MessageView, Status, Visibility
from kit.errors import InvalidInputError

MAX_TEXT = 4000
PREVIEW = 120


class MessageEmptyError(InvalidInputError):
    """The message is empty."""


class MessageTooLongError(InvalidInputError):
    """The message is longer than 4,000 characters."""

    status = 413


@dataclass(frozen=True)
class Recorded:
    """What became of an inbound message: `repeat` says that it was stored before."""

    message: MessageView
    contact_id: UUID
    repeat: bool


def check_text(text: str) -> str:
    """The text as it may be stored: without control characters, surrogates and surrounding space.

    Raises MessageEmptyError and MessageTooLongError.
    """
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    if not kept:
        raise MessageEmptyError(hint="Write something before sending.")
    if len(kept) > MAX_TEXT:
        raise MessageTooLongError(f"The message has {len(kept):,} characters; at most {MAX_TEXT:,} can be sent", hint="Send it in parts.")
    return kept


def preview_of(content: Content) -> str:
    """What the inbox shows of a message: its text, else the names of its files."""
    return (content.text or ", ".join(file.name for file in content.attachments))[:PREVIEW]


def said_with_files(text: str, attachments: Sequence[object]) -> str:
    """The text as it may be stored; beside files it may be empty. Raises MessageEmptyError and MessageTooLongError."""
    try:
        return check_text(text)
    except MessageEmptyError:
        if not attachments:
            raise
        return ""


async def record_inbound(session: AsyncSession, ledger: Ledger, inbound: Inbound, *, thread_key: str = MESSAGING_THREAD) -> Recorded:
    """Stores an inbound message. Raises InvalidInputError on empty or overlong text; a repeat returns the message stored first.

    A repeat of what was erased with its customer returns what is left of it, and nobody comes to be by it.
    """
    text = said_with_files(inbound.text, inbound.attachments)
    await lock_identity(session, inbound.channel, inbound.account, inbound.identity)
    known = await _find_repeat(session, inbound)
    if known is not None:
        return Recorded(view_message(known), await _contact_of(session, inbound, known), repeat=True)
    address = (inbound.channel, inbound.account, inbound.identity)
    identity = await find_or_create_identity(session, ledger, address=address, name=inbound.profile_name, language=inbound.language)
    conversation = await _find_or_open(session, ledger, identity.contact_id, inbound=inbound, thread_key=thread_key)
    message = await _store(session, ledger, conversation, inbound=inbound, text=text)
    return Recorded(view_message(message), conversation.contact_id, repeat=False)


async def record_answer_of(
    session: AsyncSession, ledger: Ledger, inbound: Inbound, *, contact_id: UUID, thread_key: str = MESSAGING_THREAD
) -> Recorded:
    """Stores a message of a contact who is known by what they answer, not by where they write from: that address stays whose it was.

    Raises as `record_inbound`.
    """
    text = said_with_files(inbound.text, inbound.attachments)
    await lock_identity(session, inbound.channel, inbound.account, inbound.identity)
    known = await _find_repeat(session, inbound)
    if known is not None:
        return Recorded(view_message(known), contact_id, repeat=True)
    await session.execute(select(ContactRow.id).where(ContactRow.id == contact_id).with_for_update(key_share=True))
    conversation = await _open_of(session, ledger, contact_id, inbound=inbound, thread_key=thread_key)
    message = await _store(session, ledger, conversation, inbound=inbound, text=text)
    return Recorded(view_message(message), contact_id, repeat=False)


async def find_or_open_conversation(session: AsyncSession, ledger: Ledger, inbound: Inbound) -> ConversationRow:
    """The open conversation at the address of `inbound`, its row locked, for what is noted there without a message of the customer."""
    await lock_identity(session, inbound.channel, inbound.account, inbound.identity)
    identity = await find_or_create_identity(session, ledger, address=(inbound.channel, inbound.account, inbound.identity))
    return await _find_or_open(session, ledger, identity.contact_id, inbound=inbound, thread_key=MESSAGING_THREAD)


async def _find_repeat(session: AsyncSession, inbound: Inbound) -> MessageRow | None:
    names = (inbound.external_id, erased_name(inbound.channel, inbound.account, inbound.external_id))
    query = select(MessageRow).where(
        MessageRow.channel == inbound.channel, MessageRow.account == inbound.account, MessageRow.external_id.in_(names)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _contact_of(session: AsyncSession, inbound: Inbound, known: MessageRow) -> UUID:
    """Who writes from there now; else whose the message was."""
    writer = select(IdentityRow.contact_id).filter_by(channel=inbound.channel, account=inbound.account, external_id=inbound.identity)
    owner = select(ConversationRow.contact_id).where(ConversationRow.id == known.conversation_id)
    found: UUID | None = (await session.execute(writer)).scalar_one_or_none()
    return found if found is not None else (await session.execute(owner)).scalar_one()


async def _find_or_open(session: AsyncSession, ledger: Ledger, contact_id: UUID, *, inbound: Inbound, thread_key: str) -> ConversationRow:
    # The contact's row serialises openings; the partial unique index is what guarantees a single one. NO KEY UPDATE: a plain FOR UPDATE
    # would deadlock with those who hold the conversation and whose foreign key to the contact is checked again.
    await session.execute(select(ContactRow.id).where(ContactRow.id == contact_id).with_for_update(key_share=True))
    now_of = select(IdentityRow.contact_id).filter_by(channel=inbound.channel, account=inbound.account, external_id=inbound.identity)
    if (owner := (await session.execute(now_of)).scalar_one()) != contact_id:  # merged or parted while this waited for the row
        return await _find_or_open(session, ledger, owner, inbound=inbound, thread_key=thread_key)
    return await _open_of(session, ledger, contact_id, inbound=inbound, thread_key=thread_key)


async def _open_of(session: AsyncSession, ledger: Ledger, contact_id: UUID, *, inbound: Inbound, thread_key: str) -> ConversationRow:
    """The open conversation of a contact whose row is locked."""
    of_thread = (ConversationRow.contact_id == contact_id, ConversationRow.thread_key == thread_key)
    query = select(ConversationRow.id).where(*of_thread, ConversationRow.status != Status.RESOLVED)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is not None:
        conversation = await lock_conversation(session, found)
        if conversation.status != Status.RESOLVED:
            return await _woken(session, ledger, conversation)
    merged = await _merged_into(session, of_thread)
    if merged is not None:
        return await _woken(session, ledger, merged)
    # Numbers go on where the former conversation of the thread ended, so that a reader's one cursor serves them all.
    last = (await session.execute(select(func.coalesce(func.max(ConversationRow.seq), 0)).where(*of_thread))).scalar_one()
    conversation = ConversationRow(
        contact_id=contact_id,
        thread_key=thread_key,
        channel=inbound.channel,
        account=inbound.account,
        address=inbound.identity,
        language=inbound.language,
        seq=last,
        answered_seq=last,
        read_seq=last,
        epoch=1,
        status=Status.OPEN,
        handler=Handler.BOT,
        slots={},
        dialogue={},
        preview="",
        opened_at=ledger.now,
        updated_at=ledger.now,
    )
    session.add(conversation)
    await session.flush()
    opened = ConversationOpened(contact_id=str(contact_id), thread_key=thread_key)
    await ledger.append(session, opened, actor=CUSTOMER, conversation=conversation)
    return conversation


async def _woken(session: AsyncSession, ledger: Ledger, conversation: ConversationRow) -> ConversationRow:
    if conversation.status == Status.SNOOZED:
        await wake(session, ledger, conversation, reason="customer_wrote")
    return conversation


async def _merged_into(session: AsyncSession, of_thread: tuple[ColumnElement[bool], ...]) -> ConversationRow | None:
    """The open conversation, locked, that the newest one of the thread became part of; None when it did not, or that one is over too."""
    newest = select(ConversationRow.merged_into_id).where(*of_thread).order_by(ConversationRow.opened_at.desc()).limit(1)
    merged_id = (await session.execute(newest)).scalar_one_or_none()
    if merged_id is None:
        return None
    into = await lock_conversation(session, merged_id)
    return into if into.status != Status.RESOLVED else None


async def _store(session: AsyncSession, ledger: Ledger, conversation: ConversationRow, *, inbound: Inbound, text: str) -> MessageRow:
    files = await claim(session, inbound.attachments, owner=customer_owner(inbound.channel, inbound.identity))
    metadata = {"metadata": inbound.metadata} if inbound.metadata else {}
    message = MessageRow(
        conversation_id=conversation.id,
        seq=conversation.seq + 1,
        direction=Direction.IN,
        author=Author.CUSTOMER,
        author_name=inbound.profile_name,
        visibility=Visibility.PUBLIC,
        text=text,
        payload=inbound.payload,
        body=dump_content(Content(text, attachments=files)) | metadata,
        channel=inbound.channel,
        account=inbound.account,
        address=inbound.identity,
        external_id=inbound.external_id,
        delivery=Delivery.DELIVERED,
        at=ledger.now,
    )
    session.add(message)
    await session.flush()
    await settle(session, files, message_id=message.id, conversation_id=conversation.id)
    conversation.channel, conversation.account, conversation.address = inbound.channel, inbound.account, inbound.identity
    conversation.preview = preview_of(Content(text, attachments=files))
    conversation.last_customer_at = ledger.now
    if conversation.handler != Handler.BOT and conversation.waiting_since is None:
        conversation.waiting_since = ledger.now
    received = MessageReceived(message_id=str(message.id), external_id=inbound.external_id)
    await ledger.append(session, received, actor=CUSTOMER, conversation=conversation)
    return message
