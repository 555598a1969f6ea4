"""Customers for tests of identity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import find_identity
from context.conversations import lock_conversation
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import Proof, prove
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, EventRow
from context.types import Inbound

SECRET = "a secret of the shop that is long enough for HS256"


async def writes(
    session: AsyncSession, ledger: Ledger, text: str = "hello", *, by: str = "visitor", channel: str = "web", name: str | None = None
) -> ConversationRow:
    """Somebody writes; the locked conversation."""
    recorded = await record_inbound(session, ledger, Inbound(channel, "shop", by, f"{by}:{uuid4().hex}", text, profile_name=name))
    return await lock_conversation(session, recorded.message.conversation_id)


async def contact_at(session: AsyncSession, by: str, channel: str = "web") -> UUID:
    """Whose address this is now."""
    found = await find_identity(session, channel, "shop", by)
    assert found is not None
    await session.refresh(found)
    return found.contact_id


async def proves(session: AsyncSession, ledger: Ledger, contact_id: UUID, kind: str, said: str, method: Method = Method.CODE) -> Proof:
    """The contact has proven something."""
    return await prove(session, ledger, contact_id, parse_identifier(kind, said), method=method)


async def whatsapp_customer(session: AsyncSession, ledger: Ledger, number: str, *, name: str | None = None) -> ConversationRow:
    """Somebody on a channel whose provider vouches for the number."""
    conversation = await writes(session, ledger, "hi from the phone", by=number.lstrip("+"), channel="whatsapp", name=name)
    identity = await find_identity(session, "whatsapp", "shop", number.lstrip("+"))
    assert identity is not None
    identity.verified = True
    await proves(session, ledger, conversation.contact_id, "phone", number, Method.CHANNEL)
    return conversation


async def names(session: AsyncSession) -> list[str]:
    """The names of all events, in order."""
    return list((await session.execute(select(EventRow.name).order_by(EventRow.id))).scalars())


async def contact(session: AsyncSession, contact_id: UUID) -> ContactRow:
    """The contact as stored, also when it was merged."""
    row = await session.get(ContactRow, contact_id, populate_existing=True)
    assert row is not None
    return row


def signed(ledger: Ledger, member: str = "M-1", *, secret: str = SECRET, headers: dict[str, Any] | None = None, **claims: Any) -> str:
    """What the shop's site signs."""
    now = ledger.now
    body = {
        "sub": member,
        "aud": "baton",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
        "jti": uuid4().hex,
    }
    body = {key: value for key, value in (body | claims).items() if value is not None}
    return jwt.encode(body, secret, algorithm="HS256", headers=headers)
