"""Contacts and their identities."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from context.contact_events import ContactIdentified
from context.identity.models import IdentifierRow
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


class ErasedError(NotFoundError):
    """The data of this customer was erased."""

    status = 410


def erased_name(channel: str, account: str, external_id: str) -> str:
    """What stands for a provider's name of a message once its customer is erased, so that a repeat is still known as one."""
    return "erased:" + hashlib.sha256("\n".join((channel, account, external_id)).encode()).hexdigest()


async def get_contact(session: AsyncSession, contact_id: UUID) -> ContactRow:
    """The contact; who was merged into another is that other one. Raises NotFoundError, and ErasedError when there is no more of them."""
    row = await get_whoever(session, contact_id)
    if row.erased_at is not None:
        raise ErasedError
    return row


async def get_whoever(session: AsyncSession, contact_id: UUID) -> ContactRow:
    """The same, also when it was erased. Raises NotFoundError."""
    row = await session.get(ContactRow, contact_id, populate_existing=True)
    while row is not None and row.merged_into is not None:
        row = await session.get(ContactRow, row.merged_into, populate_existing=True)
    if row is None:
        raise NotFoundError("There is no such contact")
    return row


@dataclass(frozen=True)
class Trusted:
    """Who a contact has proven to be: `email` and `phone` are the newest proven ones, never what was only typed."""

    verified: bool
    email: str | None = None
    phone: str | None = None


BY_ORDER = "order"
"""Who proves one order has proven nothing about the others of that address."""


async def is_verified(session: AsyncSession, contact_id: UUID) -> bool:
    """Whether the contact has proven who they are, by any identity or identifier; an order alone does not do that."""
    return bool((await session.execute(select(proven_to_be(contact_id)))).scalar())


def proven_to_be(contact_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The same as a condition, of a contact or of a column that names one."""
    by_identity = exists().where(IdentityRow.contact_id == contact_id, IdentityRow.verified)
    return or_(by_identity, exists().where(_proven(contact_id)))


async def get_trusted(session: AsyncSession, contact_id: UUID, *, address: tuple[str, str, str] | None = None) -> Trusted:
    """What may be relied on when data of this customer is shown.

    `address` is where they write from: whoever was linked there by an order alone has not proven to be the rest of this contact.
    """
    if address is not None:
        identity = await find_identity(session, *address)
        if identity is not None and identity.sees_from is not None:
            return Trusted(verified=False)
    query = select(IdentifierRow.kind, IdentifierRow.value).where(_proven(contact_id)).order_by(IdentifierRow.verified_at)
    proven = {row.kind: row.value for row in await session.execute(query)}  # the newest of a kind is the last
    return Trusted(await is_verified(session, contact_id), proven.get("email"), proven.get("phone"))


def _proven(contact_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    return and_(IdentifierRow.contact_id == contact_id, IdentifierRow.verified, IdentifierRow.method != BY_ORDER)
