"""Contacts and their identities."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import ContactIdentified
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow, IdentityRow
from kit.errors import NotFoundError


async def lock_identity(session: AsyncSession, channel: str, account: str, external_id: str) -> None:
    """Serialises everything about one identity until the transaction ends, also while it does not exist yet."""
    digest = hashlib.blake2b(f"{channel}\0{account}\0{external_id}".encode(), digest_size=8).digest()
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest, "big", signed=True)})


async def find_identity(session: AsyncSession, channel: str, account: str, external_id: str) -> IdentityRow | None:
    """The identity, or None."""
    query = select(IdentityRow).where(
        IdentityRow.channel == channel, IdentityRow.account == account, IdentityRow.external_id == external_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def find_or_create_identity(
    session: AsyncSession, ledger: Ledger, *, address: tuple[str, str, str], name: str | None = None, language: str | None = None
) -> IdentityRow:
    """The identity at `address` (channel, account, external id), with a new contact when it writes for the first time.

    The caller holds `lock_identity`.
    """
    channel, account, external_id = address
    found = await find_identity(session, channel, account, external_id)
    if found is not None:
        return found
    contact = ContactRow(name=name, language=language)
    session.add(contact)
    await session.flush()
    identity = IdentityRow(contact_id=contact.id, channel=channel, account=account, external_id=external_id)
    session.add(identity)
    await session.flush()
    event = ContactIdentified(contact_id=str(contact.id), channel=channel, verified=False)
    await ledger.append(session, event, actor=SYSTEM, channel=channel)
    return identity


async def get_contact(session: AsyncSession, contact_id: UUID) -> ContactRow:
    """The contact. Raises NotFoundError."""
    row = await session.get(ContactRow, contact_id, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such contact")
    return row


async def is_verified(session: AsyncSession, contact_id: UUID) -> bool:
    """Whether any identity of the contact is proven."""
    query = select(IdentityRow.id).where(IdentityRow.contact_id == contact_id, IdentityRow.verified).limit(1)
    return (await session.execute(query)).first() is not None
