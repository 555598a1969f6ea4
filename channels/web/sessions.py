"""Sessions of visitors: an opaque token for one identity of the web channel."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL
from context.contacts import find_identity, find_or_create_identity, lock_identity
from context.conversations import MESSAGING_THREAD
from context.identity.arriving import MemberTakenError, arrive
from context.identity.sending import CODE
from context.identity.signed import SignedVisitor
from context.ledger import Ledger
from context.models import ConversationRow, IdentityRow, VisitorSessionRow
from context.types import MessageView
from kit.clock import Clock, utc_now
from kit.errors import NotAuthenticatedError

USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Visitor:
    """Whose session it is: the external id of an identity, which exists from the first message on."""

    id: str
    language: str | None
    form: Mapping[str, str] | None = field(default=None, compare=False)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, *, language: str | None) -> tuple[str, Visitor]:
    """A new visitor with a token."""
    visitor, token = uuid4().hex, secrets.token_urlsafe(32)
    session.add(VisitorSessionRow(token_hash=_hash(token), visitor=visitor, language=language))
    await session.flush()
    return token, Visitor(visitor, language)


async def open_for_member(
    session: AsyncSession, ledger: Ledger, signed: SignedVisitor, *, before: tuple[str, Visitor] | None, language: str | None
) -> tuple[str, Visitor]:
    """A session of a member whom the shop has signed, with a token of its own: the one before it ends.

    The visitor of the session before goes on as that member, unless another member sat there: then it is a new visitor, and what the
    other one wrote stays theirs.
    """
    visitor = before[1].id if before else uuid4().hex
    try:
        async with session.begin_nested():
            await arrive(session, ledger, signed, address=(CHANNEL, ACCOUNT, visitor))
    except MemberTakenError:
        visitor = uuid4().hex
        await arrive(session, ledger, signed, address=(CHANNEL, ACCOUNT, visitor))
    told = before[1].form if before and before[1].id == visitor else None
    if before:
        await close_session(session, before[0])
    token = secrets.token_urlsafe(32)
    more = {"form": dict(told)} if told else {}
    session.add(VisitorSessionRow(token_hash=_hash(token), visitor=visitor, language=language, **more))
    await session.flush()
    return token, Visitor(visitor, language, told)


async def close_session(session: AsyncSession, token: str) -> None:
    """Ends a session, as at log-out: its token is worth nothing any more."""
    await session.execute(delete(VisitorSessionRow).where(VisitorSessionRow.token_hash == _hash(token)))


async def keep_form(session: AsyncSession, token: str, told: Mapping[str, str]) -> None:
    """What the visitor told before the chat goes along with each message from now on."""
    row = await session.get_one(VisitorSessionRow, _hash(token))
    row.form = dict(told)


async def access_session(session: AsyncSession, token: str | None, *, clock: Clock = utc_now) -> Visitor:
    """Whose token this is. Raises NotAuthenticatedError."""
    row = await session.get(VisitorSessionRow, _hash(token or ""))
    if row is None:
        raise NotAuthenticatedError("This chat session is unknown", hint="Open a new one: POST /v1/widget/sessions.")
    if clock() - row.used_at > USED_EVERY:
        row.used_at = clock()
    return Visitor(row.visitor, row.language, row.form)


def _of_visitor(visitor: Visitor) -> Select[ConversationRow]:
    return (
        select(ConversationRow)
        .join(IdentityRow, IdentityRow.contact_id == ConversationRow.contact_id)
        .where(IdentityRow.channel == CHANNEL, IdentityRow.account == ACCOUNT, IdentityRow.external_id == visitor.id)
        .where(ConversationRow.thread_key == MESSAGING_THREAD)
    )


async def thread_conversations(session: AsyncSession, visitor: Visitor) -> list[ConversationRow]:
    """The visitor's conversations of the messaging thread, oldest first."""
    query = _of_visitor(visitor).order_by(ConversationRow.opened_at, ConversationRow.seq).execution_options(populate_existing=True)
    return list((await session.execute(query)).scalars())


async def contact_of(session: AsyncSession, ledger: Ledger, visitor: Visitor) -> UUID:
    """The visitor's contact, which is made where nothing was said yet."""
    address = (CHANNEL, ACCOUNT, visitor.id)
    await lock_identity(session, *address)
    return (await find_or_create_identity(session, ledger, address=address, language=visitor.language)).contact_id


async def trust_visitor(session: AsyncSession, visitor: Visitor) -> None:
    """The visitor has proven to be the contact, and sees all of it from now on."""
    identity = await find_identity(session, CHANNEL, ACCOUNT, visitor.id)
    if identity is not None:
        identity.sees_from = None


async def find_sees_from(session: AsyncSession, visitor: Visitor) -> datetime | None:
    """From when on the visitor sees what was written elsewhere; None for all of it."""
    query = select(IdentityRow.sees_from).where(IdentityRow.channel == CHANNEL, IdentityRow.account == ACCOUNT)
    return (await session.execute(query.where(IdentityRow.external_id == visitor.id))).scalar_one_or_none()


def is_elsewhere(message: MessageView) -> bool:
    """Whether a message is for another place alone: answers that stand in the chat already, sent by e-mail, or a one-time code."""
    return bool({"by_mail", CODE} & message.content.custom.keys())


def may_see(message: MessageView, visitor: Visitor, since: datetime | None) -> bool:
    """Whether a message is shown to the visitor: what came before a link by an order is, where it was written at this visitor's address."""
    return since is None or message.at >= since or (message.channel == CHANNEL and message.address == visitor.id)
