"""Which item of an order a customer means by their own words."""

from __future__ import annotations

import re

from context.orders.policy import find_item
from context.types import Order, OrderItem

_WORD = re.compile(r"[^\W\d_]{3,}|\d+")
_HAN = re.compile(r"[㐀-鿿]{2,}")


def meant_item(order: Order, said: str) -> OrderItem | None:
    """The item named by sku or title, else the only one that shares the most words (or pairs of characters) with what was said."""
    exact = find_item(order, said)
    if exact:
        return exact
    wanted = _parts(said)
    scores = {item.sku: len(wanted & _parts(item.title)) for item in order.items}
    most = max(scores.values(), default=0)
    best = [item for item in order.items if scores[item.sku] == most > 0]
    return best[0] if len(best) == 1 else None


def _parts(text: str) -> set[str]:
    pairs = {run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1)}
    return pairs | {word for word in _WORD.findall(text.casefold()) if not _HAN.search(word)}
