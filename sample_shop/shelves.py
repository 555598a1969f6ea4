"""What stands on the invented shop's shelves, its gift cards and its members: always the same for the same day."""

from __future__ import annotations

from datetime import date, timedelta

from context.shop.types import GiftCard, Points, Product
from knowledge.chinese import to_simplified
from sample_shop.catalogue import Category, products
from sample_shop.customers import ANA, CHAN, customers

CURRENCY = "MOP"
SOLD_OUT = {"CER-YIX-150": 21, "HOM-CLO-250": 14, "TEA-PUE-357": 9, "CER-LID-300": None}  # days until they are back, when it is known
MADE_TO_ORDER = {"CER-POT-ENG"}
MOONCAKES = "PAS-MOO-004"
SEASON = range(8, 11)  # months
# Codes that nobody was ever sold: for trying out and for tests.
CODES = {"LANT-7Q2M-XK84": 35_000, "LANT-3HVB-9T6C": 12_550, "LANT-WZ5D-2R8N": 0}
EXPIRED = "LANT-PJ4S-6YFE"


def shelf_products(today: date) -> list[Product]:
    """Every product with its price in cents and how many there are."""
    return [
        Product(
            sku=p.sku,
            titles={**p.titles, "zh-Hans": to_simplified(p.titles["zh-Hant"])},
            price=p.price,
            currency=CURRENCY,
            stock=_stock(p.sku, p.category, place, today),
            restock_on=_restock_on(p.sku, today),
        )
        for place, p in enumerate(products().values())
    ]


def _stock(sku: str, category: Category, place: int, today: date) -> int | None:
    if sku in MADE_TO_ORDER:
        return None
    if sku in SOLD_OUT or (sku == MOONCAKES and today.month not in SEASON):
        return 0
    return 2 + (place * 7) % 11 if category == Category.CERAMICS else 12 + (place * 13) % 70


def _restock_on(sku: str, today: date) -> str | None:
    if sku == MOONCAKES and today.month not in SEASON:
        return date(today.year + (today.month > SEASON[-1]), SEASON[0], 1).isoformat()
    days = SOLD_OUT.get(sku)
    return (today + timedelta(days=days)).isoformat() if days else None


def sample_gift_cards(today: date) -> dict[str, GiftCard]:
    """Gift cards by their codes: one whole, one used in part, one empty, one that has expired."""
    cards = {code: GiftCard(code[-4:], balance, CURRENCY, today + timedelta(days=200)) for code, balance in CODES.items()}
    return cards | {EXPIRED: GiftCard(EXPIRED[-4:], 10_000, CURRENCY, today - timedelta(days=40))}


def sample_points(today: date) -> dict[str, Points]:
    """Points of the two customers for demonstrations, and of every third of the others."""
    known = {ANA.email: Points(340, 40, today + timedelta(days=25)), CHAN.email: Points(75)}
    crowd = customers()[2::3]
    return known | {c.email: Points((n * 37) % 900, 0) for n, c in enumerate(crowd, start=1) if c.email not in known}
