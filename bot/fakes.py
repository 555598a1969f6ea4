"""The readers of `bot/engine.py` over data in memory: for tests and for `baton bot test`."""

from __future__ import annotations

from datetime import datetime

from bot.engine import OrderAccess, Turn
from context.types import Order
from knowledge.types import Answer, Citation, Hit, Passage


class MemoryOrders:
    """Orders in memory. `locked` numbers refuse every try; `not_returnable` are skus that cannot be sent back."""

    def __init__(
        self, orders: tuple[Order, ...] = (), *, locked: frozenset[str] = frozenset(), not_returnable: frozenset[str] = frozenset()
    ) -> None:
        self.orders = {order.number: order for order in orders}
        self.locked = locked
        self.not_returnable = not_returnable
        self.down = False
        self.as_of: datetime | None = None
        self.tries: list[tuple[str, str | None]] = []

    async def access(self, number: str, *, proof: str | None, turn: Turn) -> OrderAccess:
        """The order of a verified owner, or of who gives its e-mail or phone."""
        self.tries.append((number, proof))
        if self.down:
            return OrderAccess(None, "unavailable")
        if number in self.locked:
            return OrderAccess(None, "locked")
        order = self.orders.get(number)
        if order is None or not (self._owns(order, turn) or (proof is not None and proof.lower() in (order.email, order.phone))):
            return OrderAccess(None, "not_found")
        return OrderAccess(order, returnable={i.sku: i.sku not in self.not_returnable for i in order.items}, as_of=self.as_of)

    async def own(self, turn: Turn) -> tuple[Order, ...]:
        """The orders of the verified contact, newest first."""
        own = [o for o in self.orders.values() if self._owns(o, turn)]
        return tuple(sorted(own, key=lambda o: o.placed_at, reverse=True))

    @staticmethod
    def _owns(order: Order, turn: Turn) -> bool:
        return turn.verified and turn.email is not None and order.email == turn.email


class MemoryKnowledge:
    """Answers from a few articles: (words that must all occur, title, text). Anything else is not known."""

    def __init__(self, articles: tuple[tuple[tuple[str, ...], str, str], ...] = ()) -> None:
        self.articles = articles
        self.asked: list[tuple[str, str]] = []
        self.about: list[str] = []

    async def answer(self, question: str, *, language: str, about: str = "") -> Answer:
        """The first article whose words all occur in the question; else none, with all titles as the nearest topics."""
        self.asked.append((question, language))
        self.about.append(about)
        for words, title, text in self.articles:
            if all(word in question.lower() for word in words):
                hit = self._hit(title, text, language, confidence=0.9)
                citation = Citation(hit.passage.article_id, title, f"/help/{hit.passage.article_id}", hit.passage.id, 0.9)
                return Answer(text, language, 0.9, (citation,), (hit,))
        return Answer(None, language, 0.1, (), tuple(self._hit(title, text, language, confidence=0.1) for _, title, text in self.articles))

    @staticmethod
    def _hit(title: str, text: str, language: str, *, confidence: float) -> Hit:
        name = title.lower().replace(" ", "-")
        return Hit(Passage(f"{name}-1", name, language, (title,), text, 0), confidence, confidence)
