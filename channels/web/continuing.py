"""Answers that nobody read: when the visitor has gone and left an e-mail address, they go there, once and together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from channels.models import ChannelAccountRow, WebMailingRow
from channels.web.parse import CHANNEL
from channels.web.setup import Setup
from context.addresses import Address
from context.conversations import MESSAGING_THREAD, lock_conversation
from context.identity.identifiers import Kind, Method
from context.identity.models import IdentifierRow
from context.ledger import Ledger
from context.models import ConversationRow, HandoffRow, IdentityRow, MessageRow, VisitorSessionRow
from context.outbound import Writer, add_message
from context.phrases import phrase
from context.types import Author, Content, Delivery, Direction, Visibility
from kit.db import Database
from kit.errors import BatonError
from kit.log import get_logger

MAIL = "email"
EVERY_SECONDS = 15.0
QUIET = timedelta(minutes=1)  # somebody may still be writing the next sentence; where a visitor is gone sooner, as long as that
OLDEST = timedelta(days=1)  # what is older was left unread before this was switched on
BY_MAIL = "by_mail"

log = get_logger("widget")


async def address_of(session: AsyncSession, contact_id: UUID) -> str | None:
    """Where the customer may be written to: a proven e-mail address, else the one they left in the widget; the newest."""
    wanted = (IdentifierRow.kind == Kind.EMAIL) & (IdentifierRow.verified | (IdentifierRow.method == Method.TYPED))
    query = select(IdentifierRow.value).where(IdentifierRow.contact_id == contact_id, wanted)
    return (await session.execute(query.order_by(IdentifierRow.verified.desc(), IdentifierRow.at.desc()).limit(1))).scalar()


async def find_mailbox(session: AsyncSession) -> str | None:
    """The mailbox that sends: the first active account of e-mail."""
    query = select(ChannelAccountRow.account).where(ChannelAccountRow.channel == MAIL, ChannelAccountRow.state == "active")
    return (await session.execute(query.order_by(ChannelAccountRow.created_at).limit(1))).scalar()


@dataclass
class Continuer:
    """Looks for such answers until it is cancelled. Several processes may: each conversation is looked at again under its lock."""

    database: Database
    ledger: Ledger
    setup: Callable[[], Setup]
    title: str

    async def run(self) -> None:
        """Looks every few seconds while the house wants it."""
        while True:
            after = self.setup().email_after
            try:
                if after is not None:
                    await self.continue_all(after)
            except (DBAPIError, OSError, BatonError) as error:
                log.warning("looking for unread answers broke off", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def continue_all(self, after: timedelta) -> int:
        """Puts the mails that are due into the outbox; how many."""
        async with self.database.transaction() as session:
            box = await find_mailbox(session)
            waiting = await _find_waiting(session, now=self.ledger.now, after=after) if box else []
        done = 0
        for conversation_id in waiting:
            async with self.database.transaction() as session:
                done += await self._continue(session, conversation_id, box=box or "", after=after)
        return done

    async def _continue(self, session: AsyncSession, conversation_id: UUID, *, box: str, after: timedelta) -> bool:
        conversation = await lock_conversation(session, conversation_id)
        if conversation_id not in await _find_waiting(session, now=self.ledger.now, after=after, only=conversation_id):
            return False  # read, answered or sent meanwhile
        address = await address_of(session, conversation.contact_id)
        messages = await _unread(session, conversation, now=self.ledger.now)
        if address is None or not messages:
            return False
        content = Content(self._words(conversation.language, messages), custom={BY_MAIL: [str(m.id) for m in messages]})
        to = Address(MAIL, box, address)
        said = await add_message(session, self.ledger, conversation, content=content, author=Author.SYSTEM, writer=Writer(to=to))
        await session.flush()
        session.add(
            WebMailingRow(
                message_id=said.id, conversation_id=conversation.id, up_to_seq=messages[-1].seq, address=address, at=self.ledger.now
            )
        )
        return True

    def _words(self, language: str | None, messages: Sequence[MessageRow]) -> str:
        said = [f"{m.author_name or phrase('mailed_bot', language)}:\n{m.text}" for m in messages]
        before, after = phrase("mailed_before", language, shop=self.title), phrase("mailed_after", language)
        return "\n\n".join([before, *said, after])


def _mailed() -> object:
    mailed = select(func.coalesce(func.max(WebMailingRow.up_to_seq), 0)).where(WebMailingRow.conversation_id == ConversationRow.id)
    return mailed.correlate(ConversationRow).scalar_subquery()


_ANSWERS = (
    MessageRow.direction == Direction.OUT,
    MessageRow.visibility == Visibility.PUBLIC,
    MessageRow.channel == CHANNEL,
    MessageRow.author.in_((Author.AGENT, Author.BOT)),
    MessageRow.delivery.in_((Delivery.QUEUED, Delivery.SENT, Delivery.DELIVERED)),
    MessageRow.seq > func.greatest(ConversationRow.read_seq, _mailed()),
)


async def _find_waiting(session: AsyncSession, *, now: datetime, after: timedelta, only: UUID | None = None) -> list[UUID]:
    """Conversations of visitors who are gone, with answers that nobody read: of a person, or of the bot after one was asked for."""
    handed = exists().where(HandoffRow.conversation_id == ConversationRow.id, HandoffRow.at < MessageRow.at)
    seen = func.coalesce(VisitorSessionRow.seen_at, VisitorSessionRow.created_at)
    here = exists().where(  # in whatever browser of theirs
        VisitorSessionRow.visitor == IdentityRow.external_id,
        IdentityRow.channel == CHANNEL,
        IdentityRow.contact_id == ConversationRow.contact_id,
        seen > now - after,
    )
    reachable = exists().where(
        IdentifierRow.contact_id == ConversationRow.contact_id,
        IdentifierRow.kind == Kind.EMAIL,
        IdentifierRow.verified | (IdentifierRow.method == Method.TYPED),
    )
    query = (
        select(ConversationRow.id)
        .join(MessageRow, MessageRow.conversation_id == ConversationRow.id)
        .where(
            ConversationRow.channel == CHANNEL, ConversationRow.thread_key == MESSAGING_THREAD, ConversationRow.updated_at > now - OLDEST
        )
        .where(*_ANSWERS, MessageRow.at > now - OLDEST, ~here, reachable)
        .group_by(ConversationRow.id)
        .having(func.bool_or((MessageRow.author == Author.AGENT) | handed), func.max(MessageRow.at) <= now - min(QUIET, after))
    )
    if only is not None:
        query = query.where(ConversationRow.id == only)
    return list((await session.execute(query)).scalars())


async def _unread(session: AsyncSession, conversation: ConversationRow, *, now: datetime) -> list[MessageRow]:
    query = select(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    mine = (MessageRow.conversation_id == conversation.id, MessageRow.at > now - OLDEST)
    return list((await session.execute(query.where(*mine, *_ANSWERS).order_by(MessageRow.seq))).scalars())
