"""What the bot may read of the shop, on the real database: nothing of somebody else's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.readers import DatabaseShop
from bot.engine import Turn
from context.actions import ActionContext, perform
from context.events import Actor
from context.models import ContactRow
from context.orders.importing import import_orders, import_returns
from context.orders.types import ReturnRecord, SoldItem
from context.shop.importing import import_gift_cards, import_points, import_products
from context.shop.types import GiftCard, Points, Product
from context.types import Effect, Order, Shipment
from kit.db import Database

pytestmark = pytest.mark.integration
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)


def turn(contact_id: UUID, *, verified: bool = False, email: str | None = None) -> Turn:
    return Turn(uuid.uuid4(), uuid.uuid4(), (), {}, {}, "en", "web", contact_id, verified=verified, email=email, phone=None, now=NOW)


@pytest.fixture
async def shop(database: Database) -> DatabaseShop:
    parcel = Shipment("Pato Courier", "PC2", "delivered", "2026-07-15", "2026-07-15")
    items = (SoldItem("POT", "Teapot", 1, 26_800),)
    order = Order("LC-100002", "delivered", NOW, "MOP", 26_800, items, (parcel,), "ana@example.com", None, "Ana", {})
    async with database.transaction() as session:
        await import_orders(session, [order])
        await import_returns(session, [ReturnRecord("k", "LC-100002", "POT", "other", "refund", "requested", NOW)])
        await import_products(session, [Product("POT", {"en": "Teapot"}, 26_800, "MOP", 3)])
        await import_gift_cards(session, {"AAAA-1111": GiftCard("", 500, "MOP", date(2027, 1, 1))})
        await import_points(session, {"ana@example.com": Points(90)})
    return DatabaseShop(database)


async def contact(database: Database) -> UUID:
    async with database.transaction() as session:
        row = ContactRow(id=uuid.uuid4())
        session.add(row)
    return row.id


async def test_returns_are_told_to_who_proves_the_order_and_to_nobody_else(shop: DatabaseShop, database: Database) -> None:
    someone = turn(await contact(database))
    assert [r.reference for r in await shop.returns("LC-100002", proof="ana@example.com", turn=someone)] == ["RT-10001"]
    assert await shop.returns("LC-100002", proof="eve@example.com", turn=someone) == ()
    assert await shop.returns("LC-100002", proof=None, turn=someone) == ()


async def test_points_are_told_to_verified_contacts_only(shop: DatabaseShop, database: Database) -> None:
    someone = turn(await contact(database), email="ana@example.com")
    assert await shop.points(someone) is None
    assert await shop.points(replace(someone, verified=True)) == Points(90)
    assert await shop.points(replace(someone, verified=True, email=None)) is None


async def test_a_card_is_locked_after_five_noted_wrong_codes(shop: DatabaseShop, database: Database) -> None:
    someone = turn(await contact(database))
    assert (await shop.gift_card("aaaa 1111", turn=someone)).card is not None
    for n in range(5):
        async with database.transaction() as session:
            context = ActionContext(session, None, someone.contact_id, Actor("bot"), str(n), NOW)
            await perform(context, Effect("note_gift_card_try", {"right": False}))
    assert (await shop.gift_card("aaaa 1111", turn=someone)).refusal == "locked"
    assert (await shop.gift_card("aaaa 1111", turn=turn(await contact(database)))).card is not None


async def test_products_are_for_everybody(shop: DatabaseShop) -> None:
    assert [(p.sku, p.stock) for p in await shop.products()] == [("POT", 3)]
