"""The reader of `bot/shop.py` over data in memory: for tests, `baton bot test` and `baton chat`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.engine import OrderReader, Turn
from context.orders.types import ReturnRecord
from context.shop.reading import normalise_code
from context.shop.types import GiftCard, GiftCardAccess, Points, Product


@dataclass(frozen=True)
class MemoryShop:
    """`cards` by code, `members` by e-mail, `sent_back` are returns of orders that `orders` let the contact see."""

    shelf: tuple[Product, ...] = ()
    cards: Mapping[str, GiftCard] = field(default_factory=dict)
    members: Mapping[str, Points] = field(default_factory=dict)
    sent_back: tuple[ReturnRecord, ...] = ()
    orders: OrderReader | None = None
    locked: bool = False

    async def products(self) -> tuple[Product, ...]:
        """See the port."""
        return self.shelf

    async def gift_card(self, code: str, *, turn: Turn) -> GiftCardAccess:  # noqa: ARG002 - the port's shape
        """See the port."""
        if self.locked:
            return GiftCardAccess(None, "locked")
        card = next((card for known, card in self.cards.items() if normalise_code(known) == normalise_code(code)), None)
        return GiftCardAccess(card, None if card else "not_found")

    async def points(self, turn: Turn) -> Points | None:
        """See the port."""
        return self.members.get(turn.email or "") if turn.verified else None

    async def returns(self, number: str, *, proof: str | None, turn: Turn) -> tuple[ReturnRecord, ...]:
        """See the port."""
        if self.orders is None or (await self.orders.access(number, proof=proof, turn=turn)).order is None:
            return ()
        return tuple(r for r in self.sent_back if r.order_number == number)


def shop_from_json(data: Mapping[str, Any], *, orders: OrderReader) -> MemoryShop:
    """The shop of a `readers.json`: `products`, `gift_cards` (code to card), `points` (e-mail to points), `returns`."""
    return MemoryShop(
        shelf=tuple(Product(**p) for p in data.get("products", ())),
        cards={
            code: GiftCard(**{**c, "expires_on": date.fromisoformat(c["expires_on"])}) for code, c in data.get("gift_cards", {}).items()
        },
        members={email: Points(**{**p, "expiring_on": _day(p.get("expiring_on"))}) for email, p in data.get("points", {}).items()},
        sent_back=tuple(ReturnRecord(**{**r, "at": datetime.fromisoformat(r["at"])}) for r in data.get("returns", ())),
        orders=orders,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
