"""Sessions of visitors: an opaque token for one identity of the web channel."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.web.parse import ACCOUNT, CHANNEL
from context.contacts import find_or_create_identity, lock_identity
from context.conversations import MESSAGING_THREAD
from context.ledger import Ledger
from context.models import ConversationRow, IdentityRow, VisitorSessionRow
from kit.errors import NotAuthenticatedError

USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Visitor:
    """Whose session it is."""

    id: str
    contact_id: UUID
    language: str | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(session: AsyncSession, ledger: Ledger, *, language: str | None) -> tuple[str, Visitor]:
    """A new visitor with a token."""
    visitor, token = uuid4().hex, secrets.token_urlsafe(32)
    await lock_identity(session, CHANNEL, ACCOUNT, visitor)
    identity = await find_or_create_identity(session, ledger, address=(CHANNEL, ACCOUNT, visitor), language=language)
    session.add(VisitorSessionRow(token_hash=_hash(token), identity_id=identity.id, language=language))
    await session.flush()
    return token, Visitor(visitor, identity.contact_id, language)


async def access_session(session: AsyncSession, ledger: Ledger, token: str | None) -> Visitor:
    """Whose token this is. Raises NotAuthenticatedError."""
    query = select(VisitorSessionRow, IdentityRow).join(IdentityRow, IdentityRow.id == VisitorSessionRow.identity_id)
    found = (await session.execute(query.where(VisitorSessionRow.token_hash == _hash(token or "")))).one_or_none()
    if found is None:
        raise NotAuthenticatedError("This chat session is unknown", hint="Open a new one: POST /v1/widget/sessions.")
    row, identity = found
    if ledger.now - row.used_at > USED_EVERY:
        row.used_at = ledger.now
    return Visitor(identity.external_id, identity.contact_id, row.language)


async def thread_conversations(session: AsyncSession, visitor: Visitor) -> list[ConversationRow]:
    """The visitor's conversations of the messaging thread, oldest first."""
    query = select(ConversationRow).where(ConversationRow.contact_id == visitor.contact_id, ConversationRow.thread_key == MESSAGING_THREAD)
    return list((await session.execute(query.order_by(ConversationRow.opened_at, ConversationRow.seq))).scalars())
