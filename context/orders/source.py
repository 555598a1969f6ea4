"""The port `OrderSource`: the shop's own system, as far as Baton needs it. Its orders are kept in the own table, where all else reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from context.orders.types import ReturnRecord
from context.types import Order
from kit.errors import UnavailableError


class OrderSourceError(UnavailableError):
    """The shop's order system does not answer at the moment."""


class WriteRefusedError(Exception):
    """The shop's system refuses what it was told; trying again would not help."""


@dataclass(frozen=True)
class Fetched:
    """An order and its name in the shop's own system."""

    order: Order
    external_id: str


class OrderSource(Protocol):
    """A shop's system. Every method ends within its own time limit and raises OrderSourceError when the system cannot be asked."""

    @property
    def name(self) -> str:
        """What stands in the tables."""

    @property
    def writes(self) -> frozenset[str]:
        """What of `note` and `return` the system takes."""

    async def find(self, number: str) -> Fetched | None:
        """The order with that number as the customer knows it, or None."""

    async def orders_of(self, email: str, *, limit: int = 20) -> tuple[Fetched, ...]:
        """The newest orders with that e-mail address."""

    async def add_note(self, external_id: str, text: str) -> None:
        """Writes a note for the shop's staff to an order. Raises WriteRefusedError."""

    async def add_return(self, external_id: str, record: ReturnRecord) -> None:
        """Tells of a return that was asked for. Raises WriteRefusedError."""


@dataclass
class MemoryOrders:
    """The fake of the port: orders in memory; `down` makes it unreachable."""

    name: str = "memory"
    writes: frozenset[str] = frozenset({"note", "return"})
    orders: Mapping[str, Order] = field(default_factory=dict)
    down: bool = False
    asked: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    returns: list[tuple[str, ReturnRecord]] = field(default_factory=list)

    async def find(self, number: str) -> Fetched | None:
        """See the port."""
        self._ask(number)
        order = self.orders.get(number)
        return Fetched(order, f"id-{number}") if order else None

    async def orders_of(self, email: str, *, limit: int = 20) -> tuple[Fetched, ...]:
        """See the port."""
        self._ask(email)
        return tuple(Fetched(o, f"id-{o.number}") for o in self.orders.values() if o.email == email)[:limit]

    async def add_note(self, external_id: str, text: str) -> None:
        """See the port."""
        self._ask(external_id)
        self.notes.append((external_id, text))

    async def add_return(self, external_id: str, record: ReturnRecord) -> None:
        """See the port."""
        self._ask(external_id)
        self.returns.append((external_id, record))

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise OrderSourceError
