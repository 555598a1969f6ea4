"""Order sources against servers of their documented shape, the mirror in front of them, and what is told back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import select

from context.orders.importing import import_orders, import_returns
from context.orders.mirror import OrderMirror, State
from context.orders.models import WriteBackRow
from context.orders.reading import find_order
from context.orders.source import Fetched, MemoryOrders, OrderSource, OrderSourceError, WriteRefusedError
from context.orders.sources.asking import Shop
from context.orders.sources.mapping import MappedShop, MappingError, check_mapping, load_mapping
from context.orders.sources.shopify import Shopify
from context.orders.sources.woocommerce import WooCommerce
from context.orders.telling import WriteBacks, plan_write_back
from context.orders.types import ReturnRecord, SoldItem
from context.types import Order, Shipment
from kit.clock import FixedClock
from kit.db import Database
from simulators.shopify.server import TOKEN
from simulators.shopify.server import build_app as shopify_app
from simulators.shopify.server import order as shopify_order
from simulators.woocommerce.server import KEY, SECRET
from simulators.woocommerce.server import build_app as woo_app
from tests.context.orders.test_reading import order as make_order

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
RETURN = ReturnRecord("k", "LC-1", "LAN-1", "damaged: cracked", "refund", "requested", NOW, "RT-1")
MAPPING: dict[str, Any] = {
    "url": "http://shop.example/api", "find": {"path": "/orders/{number}", "at": "data"},
    "orders_of": {"path": "/orders?email={email}", "at": "data"},
    "note": {"path": "/orders/{id}/notes", "body": {"text": "{text}", "by": "Baton"}},
    "fields": {
        "id": "key", "number": "reference", "status": "state", "placed_at": "created", "currency": "money.currency",
        "total": "money.total", "email": "customer.email", "phone": "customer.phone", "customer_name": "customer.name",
        "items": "lines", "parcels": "parcels",
    },
    "item": {"sku": "code", "title": "name", "quantity": "count", "unit_price": "price"}, "statuses": {"open": "paid"},
    "address": {"city": "to.city", "country": "to.country"}, "parcel": {"carrier": "by", "tracking_number": "no"},
}  # fmt: skip
MAPPED = {
    "key": "abc", "reference": "727", "state": "open", "created": "2026-05-02T02:00:00", "money": {"currency": "MOP", "total": 259.35},
    "customer": {"email": "ANA.Reis@example.com", "phone": "+853 6200 0000", "name": "Ana Reis"}, "to": {"city": "Macau", "country": "MO"},
    "lines": [{"code": "LAN-1", "name": "Paper lantern", "count": 2, "price": "100"}], "parcels": [{"by": "Sample Post", "no": "SP1"}],
}  # fmt: skip


def mapped_app() -> FastAPI:
    """A shop of nobody's shape."""
    app = FastAPI(openapi_url=None)
    app.state.notes, app.state.order = [], dict(MAPPED)

    @app.get("/api/orders/{number}")
    async def one(number: str) -> JSONResponse:
        found = app.state.order if number == "727" else None
        return JSONResponse({"data": found}, status_code=200 if found else 404)

    @app.get("/api/orders")
    async def many(email: str) -> dict[str, Any]:
        return {"data": [app.state.order] if email.lower() == "ana.reis@example.com" else []}

    @app.post("/api/orders/{name}/notes")
    async def note(name: str, body: dict[str, Any]) -> dict[str, Any]:
        app.state.notes.append((name, body["text"], False))
        return {}

    return app


def shop(app: FastAPI, **options: Any) -> Shop:
    """The way to a simulated shop."""
    return Shop("http://shop.example" + options.pop("base", ""), transport=httpx.ASGITransport(app), **options)


def sources(**options: Any) -> dict[str, tuple[FastAPI, OrderSource]]:
    """Each kind of source with its server."""
    woo, shopify, mapped = woo_app(), shopify_app(), mapped_app()
    shopify.state.orders = [shopify_order("#727")]
    return {
        "woocommerce": (woo, WooCommerce(shop(woo, auth=(KEY, SECRET), **options))),
        "shopify": (shopify, Shopify(shop(shopify, headers={"X-Shopify-Access-Token": TOKEN}, **options))),
        "mapping": (mapped, MappedShop(shop(mapped, base="/api", **options), MAPPING)),
    }


@pytest.mark.parametrize("name", ["woocommerce", "shopify", "mapping"])
async def test_every_source_finds_an_order_by_number_and_by_address(name: str) -> None:
    _app, source = sources()[name]
    found = await source.find("727")
    assert found is not None
    order = found.order
    assert (order.number, order.email, order.currency, order.customer_name) == ("727", "ana.reis@example.com", "MOP", "Ana Reis")
    assert (order.placed_at, order.address["city"], order.items[0].sku, order.items[0].quantity) == (
        datetime(2026, 5, 2, 2, 0, tzinfo=UTC), "Macau", "LAN-1", 2,
    )  # fmt: skip
    assert (order.shipments[0].carrier, order.shipments[0].tracking_number) == ("Sample Post", "SP1")
    assert [one.order.number for one in await source.orders_of("Ana.Reis@example.com")] == ["727"]
    assert (await source.find("728"), await source.orders_of("reis@example.com")) == (None, ())
    await source.add_note(found.external_id, "Customer wants a gift box")


async def test_money_and_states_are_what_the_shop_says() -> None:
    woo = await sources()["woocommerce"][1].find("727")
    shopify = await sources()["shopify"][1].find("#727")
    assert woo is not None
    assert shopify is not None
    assert (woo.order.total, woo.order.status, woo.order.items[1]) == (25935, "paid", SoldItem("316", "Tea", 1, 2935))
    assert (shopify.order.total, shopify.order.status) == (11980, "in_transit")
    assert shopify.order.shipments == (Shipment("Sample Post", "SP1", "in_transit", "2026-05-06", None),)
    waiting = {"fulfillments": [], "displayFulfillmentStatus": "UNFULFILLED"}
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"cancelledAt": "2026-05-03T00:00:00Z"}, "cancelled"),
        ({"displayFinancialStatus": "REFUNDED"}, "refunded"),
        (waiting, "paid"),
        (waiting | {"displayFinancialStatus": "PENDING"}, "placed"),
    )
    for changed, status in cases:
        app, source = sources()["shopify"]
        app.state.orders = [shopify_order("#727", **changed)]
        found = await source.find("727")
        assert found is not None
        assert found.order.status == status


async def test_notes_and_returns_arrive() -> None:
    made = sources()
    for name in ("woocommerce", "mapping"):
        app, source = made[name]
        await source.add_note("727" if name == "woocommerce" else "abc", 'Says "hello"')
        assert app.state.notes[0][1:] == ('Says "hello"', False)
    woo_server, woo = made["woocommerce"]
    await woo.add_return("727", RETURN)
    assert "RT-1" in woo_server.state.notes[1][1]
    shopify_server, shopify = made["shopify"]
    found = await shopify.find("727")
    assert found is not None
    for _ in range(2):
        await shopify.add_note(found.external_id, "Asked for a gift box")
    assert shopify_server.state.orders[0]["note"] == "Gift\nAsked for a gift box"
    await shopify.add_return(found.external_id, RETURN)
    assert shopify_server.state.returns[0]["returnLineItems"][0]["returnReason"] == "DEFECTIVE"
    with pytest.raises(WriteRefusedError):
        await shopify.add_return(found.external_id, replace(RETURN, item="NOT-SENT"))
    with pytest.raises(WriteRefusedError):
        await woo.add_note("999", "nobody's")


@pytest.mark.parametrize(
    "mode", [{"status": 500}, {"status": 429}, {"seconds": 5.0}, {"body": "<html>maintenance</html>"}, {"body": '{"id": 727}'}]
)
async def test_a_shop_that_is_slow_broken_or_odd_is_an_error_within_the_time_limit(mode: dict[str, Any]) -> None:
    app, source = sources(seconds=0.2)["woocommerce"]
    app.state.mode |= mode
    with pytest.raises(OrderSourceError):
        async with asyncio.timeout(2):
            await source.find("727")


async def test_a_shop_that_does_not_let_us_in_is_an_error() -> None:
    app = woo_app()
    with pytest.raises(OrderSourceError, match="401"):
        await WooCommerce(shop(app, auth=(KEY, "wrong"))).find("727")
    shopify, source = sources()["shopify"]
    shopify.state.mode["errors"] = True
    with pytest.raises(OrderSourceError, match="THROTTLED"):
        await source.find("727")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "Unknown: colour"), ({"find": None}, "path"), ({"fields": {"number": "n"}}, "fields"), ({"url": "shop"}, "https"),
        ({"statuses": {"open": "perhaps"}}, "cannot be 'perhaps'"), ({"fields": []}, "no names"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_by_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingError, match=message):
        check_mapping(MAPPING | change)


def test_a_mapping_file_takes_its_secrets_from_outside(tmp_path: Path) -> None:
    file = tmp_path / "shop.yml"
    file.write_text(
        "url: https://shop.example\nheaders: {X-Key: 'k ${SHOP_TOKEN}'}\nfind: {path: /o}\nitem: {}\nfields: "
        "{number: n, status: s, placed_at: p, currency: c, total: t, email: e, items: i}\n"
    )
    assert load_mapping(file, {"SHOP_TOKEN": "secret"}).shop.headers == {"X-Key": "k secret"}
    with pytest.raises(MappingError, match="SHOP_TOKEN"):
        load_mapping(file, {})
    file.write_text("url: [")
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(file, {})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def order() -> Order:
    return make_order("LC-7")


@pytest.fixture
async def mirror(database: Database, clock: FixedClock, order: Order) -> tuple[OrderMirror, MemoryOrders]:
    source = MemoryOrders(orders={order.number: order})
    return OrderMirror(database, source, clock, monotonic=lambda: clock().timestamp(), seconds=0.3), source


@pytest.mark.integration
async def test_the_own_table_is_brought_up_to_date_once_a_minute(
    database: Database, mirror: tuple[OrderMirror, MemoryOrders], clock: FixedClock, order: Order
) -> None:
    keeper, source = mirror
    for _ in range(2):
        assert (await keeper.refresh("lc 7")).state == State.FRESH
    assert len(source.asked) == 1
    source.orders = {order.number: replace(order, status="delivered")}
    clock.advance(61)
    await keeper.refresh(order.number)
    async with database.transaction() as session:
        found = await find_order(session, order.number)
    assert found is not None
    assert found.status == "delivered"
    await keeper.refresh("LC-404")
    await keeper.refresh("LC-404")
    assert source.asked.count("LC-404") == 1  # that there is none is remembered too


@pytest.mark.integration
async def test_while_the_shop_is_down_what_is_known_is_told_with_its_time_and_nobody_waits(
    mirror: tuple[OrderMirror, MemoryOrders], clock: FixedClock, order: Order
) -> None:
    keeper, source = mirror
    await keeper.refresh(order.number)
    source.down = True
    clock.advance(3600)
    stale = await keeper.refresh(order.number)
    assert (stale.state, stale.as_of) == (State.STALE, NOW)
    asked = len(source.asked)
    assert (await keeper.refresh("LC-8")).state == State.UNAVAILABLE
    assert len(source.asked) == asked  # it rests a moment
    clock.advance(24 * 3600)
    assert (await keeper.refresh(order.number)).state == State.UNAVAILABLE
    source.down = False
    clock.advance(60)
    assert (await keeper.refresh(order.number)).state == State.FRESH


@pytest.mark.integration
async def test_what_was_done_is_told_once_and_again_when_the_shop_was_down(
    database: Database, mirror: tuple[OrderMirror, MemoryOrders], clock: FixedClock, order: Order
) -> None:
    keeper, source = mirror
    await keeper.refresh(order.number)
    record = ReturnRecord("k1", order.number, order.items[0].sku, "damaged", "refund", "requested", NOW, "RT-9")
    async with database.transaction() as session:
        await import_orders(session, [make_order("LC-OWN")])
        await import_returns(session, [record])
        assert not await plan_write_back(session, key="x", kind="note", order_number="LC-OWN", data={"text": "only ours"})
        for _ in range(2):
            assert await plan_write_back(session, key="n", kind="note", order_number=order.number, data={"text": "hello"})
        await plan_write_back(session, key="r", kind="return", order_number=order.number, data={"reference": "RT-9"})
    teller = WriteBacks(database, source, clock)
    clock.at = max(clock.at, datetime.now(UTC))
    clock.advance(5)
    source.down = True
    assert [await teller.step() for _ in range(3)] == [True, True, False]
    source.down = False
    clock.advance(60)
    assert [await teller.step() for _ in range(3)] == [True, True, False]
    assert source.notes == [("id-LC-7", "hello")]
    assert [(name, one.reference) for name, one in source.returns] == [("id-LC-7", "RT-9")]
    async with database.transaction() as session:
        assert {row.state for row in (await session.execute(select(WriteBackRow))).scalars()} == {"sent"}


def test_the_fake_keeps_to_the_port() -> None:
    source: OrderSource = MemoryOrders()
    assert isinstance(Fetched(make_order("LC-1"), "1"), Fetched)
    assert source.writes == {"note", "return"}
