"""Bringing products, gift cards and points in; the same again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.orders.matching import normalise_email
from context.shop.models import GiftCardRow, LoyaltyRow, ProductRow
from context.shop.reading import hash_code, normalise_code
from context.shop.types import GiftCard, Points, Product
from kit.db import Base


async def import_products(session: AsyncSession, products: Sequence[Product]) -> None:
    """Writes products as they stand on the shelves; one that is not among them stays as it is."""
    rows = [
        {
            "sku": p.sku,
            "titles": dict(p.titles),
            "price": p.price,
            "currency": p.currency,
            "stock": p.stock,
            "restock_on": date.fromisoformat(p.restock_on) if p.restock_on else None,
            "place": place,
        }
        for place, p in enumerate(products)
    ]
    await _upsert(session, ProductRow, "sku", rows)


async def import_gift_cards(session: AsyncSession, cards: Mapping[str, GiftCard]) -> None:
    """Writes gift cards by their codes, which are not kept."""
    rows = [
        {
            "code_hash": hash_code(code),
            "ending": normalise_code(code)[-4:],
            "balance": card.balance,
            "currency": card.currency,
            "expires_on": card.expires_on,
        }
        for code, card in cards.items()
    ]
    await _upsert(session, GiftCardRow, "code_hash", rows)


async def import_points(session: AsyncSession, points: Mapping[str, Points]) -> None:
    """Writes the points of members by their e-mail addresses."""
    rows = [
        {"email": normalise_email(email), "points": p.points, "expiring": p.expiring, "expiring_on": p.expiring_on}
        for email, p in points.items()
    ]
    await _upsert(session, LoyaltyRow, "email", rows)


async def _upsert(session: AsyncSession, table: type[Base], key: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(table)
    fresh = {name: statement.excluded[name] for name in rows[0] if name != key}
    await session.execute(statement.on_conflict_do_update(index_elements=[key], set_=fresh), rows)
