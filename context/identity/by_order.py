"""An order that was proven with its number and address may say who somebody is, with less weight than a signature or a code.

It links a contact of which nothing else is proven to the one contact that proved the same order, or has proven its e-mail or telephone
number; nothing may speak against it. Who was linked so sees what is written from then on, not what was before, and the other orders stay
closed: number and telephone stand on every parcel.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.contact_events import ContactVerified
from context.contacts import get_contact, is_verified
from context.identity.identifiers import STRONG, Identifier, Kind, Method
from context.identity.linking import Proof, list_identifiers, speaks_against, suggest
from context.identity.merging import Why, merge_contacts
from context.identity.models import IdentifierRow
from context.ledger import SYSTEM, Ledger
from context.models import ContactRow, IdentityRow, OrderTryRow
from context.orders.reading import find_order


async def link_by_order(session: AsyncSession, ledger: Ledger, contact_id: UUID, order_number: str) -> Proof | None:
    """What follows from a proven order; None when there is none, or it was not proven. Doing it again changes nothing."""
    order = await find_order(session, order_number)
    contact = await get_contact(session, contact_id)
    if order is None or not await _proved(session, contact.id, order.number):
        return None
    if await is_verified(session, contact.id) or await _is_linked(session, contact.id):
        return Proof(contact.id)
    others = await _others(session, contact.id, order_number=order.number, email=order.email, phone=order.phone)
    if len(others) == 1 and not await speaks_against(session, contact.id, others[0]) and not await _shared(session, others[0], order.email):
        return await _link(session, ledger, contact.id, others[0], order_number=order.number)
    for other in others:
        await suggest(session, contact.id, other, identifier=Identifier(Kind.EMAIL, order.email), at=ledger.now)
    return Proof(contact.id, suggested=len(others))


async def _link(session: AsyncSession, ledger: Ledger, contact_id: UUID, other: UUID, *, order_number: str) -> Proof:
    addresses = (await session.execute(select(IdentityRow.id).where(IdentityRow.contact_id == contact_id))).scalars().all()
    await ledger.append(session, ContactVerified(contact_id=str(other), method=Method.ORDER), actor=SYSTEM)
    why = Why(Method.ORDER, evidence={"kind": "order", "value": order_number})
    merge = await merge_contacts(session, ledger, contact_id, other, why=why)
    weakly = update(IdentityRow).where(IdentityRow.id.in_(addresses), ~IdentityRow.verified).values(sees_from=ledger.now)
    await session.execute(weakly)
    return Proof(other, merge)


async def _proved(session: AsyncSession, contact_id: UUID, order_number: str) -> bool:
    query = select(OrderTryRow.id).where(OrderTryRow.contact_id == contact_id, OrderTryRow.order_number == order_number, OrderTryRow.right)
    return (await session.execute(query.limit(1))).first() is not None


async def _is_linked(session: AsyncSession, contact_id: UUID) -> bool:
    query = select(IdentityRow.id).where(IdentityRow.contact_id == contact_id, IdentityRow.sees_from.is_not(None))
    return (await session.execute(query.limit(1))).first() is not None


async def _others(session: AsyncSession, contact_id: UUID, *, order_number: str, email: str, phone: str | None) -> list[UUID]:
    proved = select(OrderTryRow.contact_id).where(OrderTryRow.order_number == order_number, OrderTryRow.right)
    owned = select(IdentifierRow.contact_id).where(
        IdentifierRow.verified,
        IdentifierRow.method.in_(STRONG),
        or_(
            (IdentifierRow.kind == Kind.EMAIL) & (IdentifierRow.value == email),
            (IdentifierRow.kind == Kind.PHONE) & (IdentifierRow.value == (phone or "")),
        ),
    )
    query = select(ContactRow.id).where(or_(ContactRow.id.in_(proved), ContactRow.id.in_(owned)), ContactRow.merged_into.is_(None))
    return list((await session.execute(query.where(ContactRow.id != contact_id).order_by(ContactRow.id).limit(20))).scalars())


async def _shared(session: AsyncSession, contact_id: UUID, email: str) -> bool:
    return any(row.shared and row.value == email for row in await list_identifiers(session, contact_id))
