"""The invented orders hold together, on whatever day they are made."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import phonenumbers
import pytest

from context.orders.policy import refusal_of_return
from context.orders.types import OrderStatus, SoldItem
from sample_shop.catalogue import Category, products
from sample_shop.customers import Destination, customers
from sample_shop.orders import DELIVERIES, sample_orders, sample_returns, working_day

DAYS = [date(2026, 7, 20) + timedelta(days=n) for n in range(7)] + [date(2027, 2, 28), date(2028, 2, 29)]


def test_there_are_forty_products_titled_in_three_languages_and_no_food_or_tea_is_returnable() -> None:
    shelf = products().values()
    assert len(shelf) == 40
    assert all(set(p.titles) == {"en", "zh-Hant", "pt"} and all(p.titles.values()) and p.price > 0 for p in shelf)
    assert not any(p.returnable for p in shelf if p.category in {Category.TEA, Category.PASTRY})


def test_every_phone_is_valid_and_every_address_is_an_example() -> None:
    everyone = customers()
    assert len({c.email for c in everyone}) == len(everyone) == 180
    assert all(c.email.endswith("@example.com") for c in everyone)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(c.phone)) for c in everyone if c.phone)


@pytest.mark.parametrize("today", DAYS)
def test_there_are_320_orders_in_every_state_the_same_each_time(today: date) -> None:
    orders = sample_orders(today)
    assert [o.number for o in orders] == [f"LC-{n}" for n in range(100_001, 100_321)]
    assert {o.status for o in orders} == {status.value for status in OrderStatus}
    assert min(Counter(o.status for o in orders).values()) >= 5
    assert orders == sample_orders(today)


@pytest.mark.parametrize("today", DAYS)
def test_no_order_is_from_the_future_and_no_parcel_came_before_it_was_ordered(today: date) -> None:
    now = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(hours=8)
    for order in sample_orders(today):
        assert order.placed_at < now
        for parcel in order.shipments:
            assert order.placed_at.date() <= date.fromisoformat(parcel.delivered_on or parcel.expected_on or "")
            assert parcel.delivered_on is None or date.fromisoformat(parcel.delivered_on) < today


@pytest.mark.parametrize("today", DAYS)
def test_what_is_on_its_way_is_expected_from_today_and_what_is_late_was_expected_before(today: date) -> None:
    for order in sample_orders(today):
        expected = [date.fromisoformat(p.expected_on) for p in order.shipments if p.expected_on]
        if order.status in {"dispatched", "in_transit", "out_for_delivery"}:
            assert min(expected) >= today
        if order.status in {"delayed", "lost"}:
            assert max(expected) < today
        if order.status == "lost":
            assert working_day(max(expected), 10) < today


def test_totals_are_goods_and_delivery_and_fresh_pastries_stay_in_macau() -> None:
    fresh = {p.sku for p in products().values() if p.macau_only}
    for order in sample_orders(DAYS[0]):
        goods = sum(i.quantity * i.unit_price for i in order.items)
        way = DELIVERIES[Destination(order.address["country"])]
        fetched = order.status in {"ready_for_pickup", "picked_up"}
        assert order.total - goods == (0 if fetched or goods >= way.free_from else way.cost)
        assert order.address["country"] == "MO" or not fresh & {i.sku for i in order.items}


@pytest.mark.parametrize("today", DAYS)
def test_the_orders_of_the_demonstration_are_as_the_tour_tells(today: date) -> None:
    on_its_way, arrived, late = sample_orders(today)[:3]
    assert (on_its_way.email, on_its_way.phone, on_its_way.status) == ("ana.demo@example.com", "+85366000001", "in_transit")
    assert on_its_way.shipments[0].expected_on == (today + timedelta(days=2)).isoformat()
    assert arrived.shipments[0].delivered_on == (today - timedelta(days=5)).isoformat()
    assert [i.sku for i in arrived.items] == ["CER-POT-300", "CER-CUP-GLD", "TEA-JAS-100"]
    assert (late.email, late.status) == ("chan.demo@example.com", "delayed")
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    refusals = [refusal_of_return(arrived, item=i.title, reason="changed_mind", now=now) for i in arrived.items]
    assert refusals == [None, None, "not_returnable"]


@pytest.mark.parametrize("today", DAYS)
def test_returns_name_items_of_their_orders_and_none_is_from_the_future(today: date) -> None:
    orders = {o.number: o for o in sample_orders(today)}
    returns = sample_returns(today)
    assert len(returns) > 20
    assert {r.status for r in returns} == {"requested", "received", "completed"}
    for record in returns:
        items = {i.sku: i for i in orders[record.order_number].items}
        item = items[record.item]
        assert record.at.date() < today
        assert record.reason == "damaged" or (isinstance(item, SoldItem) and item.returnable)


@pytest.mark.parametrize(("days", "expected"), [(1, 27), (-1, 24), (0, 24), (6, 3)])
def test_working_days_leave_out_the_weekend(days: int, expected: int) -> None:
    assert working_day(date(2026, 7, 25), days).day == expected
