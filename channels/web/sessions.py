"""Sessions of visitors: an opaque token for one identity of the web channel."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL
from context.conversations import MESSAGING_THREAD
from context.models import ConversationRow, IdentityRow, VisitorSessionRow
from kit.clock import Clock, utc_now
from kit.errors import NotAuthenticatedError

USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Visitor:
    """Whose session it is: the external id of an identity, which exists from the first message on."""

    id: str
    language: str | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, *, language: str | None) -> tuple[str, Visitor]:
    """A new visitor with a token."""
    visitor, token = uuid4().hex, secrets.token_urlsafe(32)
    session.add(VisitorSessionRow(token_hash=_hash(token), visitor=visitor, language=language))
    await session.flush()
    return token, Visitor(visitor, language)


async def access_session(session: AsyncSession, token: str | None, *, clock: Clock = utc_now) -> Visitor:
    """Whose token this is. Raises NotAuthenticatedError."""
    row = await session.get(VisitorSessionRow, _hash(token or ""))
    if row is None:
        raise NotAuthenticatedError("This chat session is unknown", hint="Open a new one: POST /v1/widget/sessions.")
    if clock() - row.used_at > USED_EVERY:
        row.used_at = clock()
    return Visitor(row.visitor, row.language)


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


async def find_contact_id(session: AsyncSession, visitor: Visitor) -> UUID | None:
    """The visitor's contact; None before the first message."""
    query = select(IdentityRow.contact_id).where(IdentityRow.channel == CHANNEL, IdentityRow.account == ACCOUNT)
    return (await session.execute(query.where(IdentityRow.external_id == visitor.id))).scalar_one_or_none()
