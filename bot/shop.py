"""The port `ShopReader`: what the bot may read of the shop beside its orders. Read-only."""

from __future__ import annotations

from typing import Protocol

from bot.engine import Turn
from context.orders.types import ReturnRecord
from context.shop.types import GiftCardAccess, Points, Product


class ShopReader(Protocol):
    """Products for everybody; the rest for whom it concerns."""

    async def products(self) -> tuple[Product, ...]:
        """What the shop sells, in the order of its shelves; empty when Baton does not know the catalogue."""

    async def gift_card(self, code: str, *, turn: Turn) -> GiftCardAccess:
        """The card of that code; locked after too many wrong ones."""

    async def points(self, turn: Turn) -> Points | None:
        """The points of a verified contact; None when not verified, or no member."""

    async def returns(self, number: str, *, proof: str | None, turn: Turn) -> tuple[ReturnRecord, ...]:
        """The returns asked for on an order that this contact may see, newest first."""


class NoShop:
    """Knows nothing: for bots that have no shop behind them."""

    async def products(self) -> tuple[Product, ...]:
        """See the port."""
        return ()

    async def gift_card(self, code: str, *, turn: Turn) -> GiftCardAccess:  # noqa: ARG002 - the port's shape
        """See the port."""
        return GiftCardAccess(None, "not_found")

    async def points(self, turn: Turn) -> Points | None:  # noqa: ARG002 - the port's shape
        """See the port."""
        return None

    async def returns(self, number: str, *, proof: str | None, turn: Turn) -> tuple[ReturnRecord, ...]:  # noqa: ARG002 - the port's shape
        """See the port."""
        return ()
