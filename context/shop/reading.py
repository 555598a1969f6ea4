"""Reading products, gift cards, points and requests. Nothing here writes or commits."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import OrderTryRow
from context.orders.matching import normalise_email, normalise_number
from context.shop.models import GiftCardRow, GiftCardTryRow, LoyaltyRow, ProductRow, ServiceRequestRow
from context.shop.types import GiftCard, GiftCardAccess, Points, Product, RequestKind, RequestStatus, ServiceRequest

MAX_WRONG = 5
WRONG_WINDOW = timedelta(hours=1)
MOST_PRODUCTS = 5000


def normalise_code(text: str) -> str:
    """A gift card's code in one form: capitals without blanks and dashes, whatever the width."""
    return re.sub(r"[\s‐-―−ー－_-]+", "", unicodedata.normalize("NFKC", text)).upper()


def hash_code(code: str) -> str:
    """What is stored instead of a gift card's code: the SHA-256 of its one form, in hex."""
    return hashlib.sha256(normalise_code(code).encode()).hexdigest()


async def list_products(session: AsyncSession) -> tuple[Product, ...]:
    """What the shop sells, in the order of its shelves; at most MOST_PRODUCTS."""
    rows = await session.scalars(select(ProductRow).order_by(ProductRow.place, ProductRow.sku).limit(MOST_PRODUCTS))
    return tuple(Product(r.sku, r.titles, r.price, r.currency, r.stock, r.restock_on.isoformat() if r.restock_on else None) for r in rows)


async def access_gift_card(session: AsyncSession, code: str, *, contact_id: UUID, now: datetime) -> GiftCardAccess:
    """The card of that code. After 5 wrong codes of a contact within an hour the refusal is `locked`, even for a right one.

    Reads only: the caller records each try with the action `note_gift_card_try`.
    """
    wrong = select(func.count()).select_from(GiftCardTryRow)
    wrong = wrong.where(GiftCardTryRow.contact_id == contact_id, ~GiftCardTryRow.right, GiftCardTryRow.at > now - WRONG_WINDOW)
    if (await session.scalar(wrong) or 0) >= MAX_WRONG:
        return GiftCardAccess(None, "locked")
    row = await session.get(GiftCardRow, hash_code(code))
    if row is None:
        return GiftCardAccess(None, "not_found")
    return GiftCardAccess(GiftCard(row.ending, row.balance, row.currency, row.expires_on))


async def find_points(session: AsyncSession, email: str) -> Points | None:
    """The points of the member with that e-mail; None when there is none. Checks no rights: the e-mail must be trusted."""
    row = await session.get(LoyaltyRow, normalise_email(email))
    return Points(row.points, row.expiring, row.expiring_on) if row else None


async def list_requests(
    session: AsyncSession,
    *,
    contact_id: UUID | None = None,
    order_number: str | None = None,
    status: RequestStatus | None = None,
    limit: int = 100,
) -> tuple[ServiceRequest, ...]:
    """Requests, newest first, for the desk. Checks no rights.

    With `contact_id` those which the contact made and those on orders that the contact proved; with `order_number` those on that order.
    """
    query = select(ServiceRequestRow).order_by(ServiceRequestRow.at.desc(), ServiceRequestRow.number.desc()).limit(limit)
    if contact_id is not None:
        proved = select(OrderTryRow.order_number).where(OrderTryRow.contact_id == contact_id, OrderTryRow.right)
        query = query.where(or_(ServiceRequestRow.contact_id == contact_id, ServiceRequestRow.order_number.in_(proved)))
    if order_number is not None:
        query = query.where(ServiceRequestRow.order_number == normalise_number(order_number))
    if status is not None:
        query = query.where(ServiceRequestRow.status == status.value)
    return tuple(view_request(row) for row in await session.scalars(query))


def view_request(row: ServiceRequestRow) -> ServiceRequest:
    """A stored request as the house speaks of it."""
    conversation = str(row.conversation_id) if row.conversation_id else None
    return ServiceRequest(
        row.reference, RequestKind(row.kind), row.order_number, RequestStatus(row.status), row.at, row.details, conversation
    )
