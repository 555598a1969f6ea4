"""The invented shop's shelves, gift cards and members."""

from __future__ import annotations

from datetime import date

from sample_shop.catalogue import products
from sample_shop.customers import ANA
from sample_shop.shelves import CODES, EXPIRED, sample_gift_cards, sample_points, shelf_products

TODAY = date(2026, 11, 22)


def test_every_product_stands_on_the_shelf_in_four_languages() -> None:
    shelf = {p.sku: p for p in shelf_products(TODAY)}
    assert shelf.keys() == products().keys()
    assert all(set(p.titles) == {"en", "zh-Hant", "zh-Hans", "pt"} for p in shelf.values())
    assert shelf["PAS-ALM-200"].titles["zh-Hans"] == "杏仁饼罐装 200 克"


def test_some_are_sold_out_with_and_without_a_day_and_one_is_made_to_order() -> None:
    shelf = {p.sku: p for p in shelf_products(TODAY)}
    assert (shelf["CER-YIX-150"].available, shelf["CER-YIX-150"].restock_on) == (False, "2026-12-13")
    assert (shelf["CER-LID-300"].available, shelf["CER-LID-300"].restock_on) == (False, None)
    assert (shelf["CER-POT-ENG"].available, shelf["CER-POT-ENG"].stock) == (True, None)
    assert all((p.stock is None or p.stock >= 0) for p in shelf.values())


def test_mooncakes_are_there_in_their_season_only() -> None:
    by_month = {m: next(p for p in shelf_products(date(2026, m, 5)) if p.sku == "PAS-MOO-004") for m in (5, 9, 11)}
    assert [p.available for p in by_month.values()] == [False, True, False]
    assert (by_month[5].restock_on, by_month[11].restock_on) == ("2026-08-01", "2027-08-01")


def test_gift_cards_are_whole_used_empty_and_expired() -> None:
    cards = sample_gift_cards(TODAY)
    assert set(cards) == {*CODES, EXPIRED}
    assert {c.ending for c in cards.values()} == {code[-4:] for code in cards}
    assert cards[EXPIRED].expires_on < TODAY
    assert 0 in {c.balance for c in cards.values()}


def test_the_demonstration_customer_is_a_member() -> None:
    points = sample_points(TODAY)
    assert points[ANA.email].points == 340
    assert len(points) > 50
