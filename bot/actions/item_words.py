"""Which item of an order, or which product, a customer means by their own words, in whatever language the titles are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.actions.port import ActionContext
from context.orders.policy import find_item
from context.types import Order, OrderItem
from knowledge.chinese import to_simplified

_WORD = re.compile(r"[^\W\d_]{3,}|\d+")
_HAN = re.compile(r"[㐀-鿿]{2,}")
# Words of titles that say nothing by themselves.
_PLAIN = frozenset(
    """
    the and for with one two three four six order made size small year pair style box set tin
    para por com uma duas dois quatro seis tamanho unico pequeno encomenda feito estilo ano par caixa lata conjunto
    毫升 厘米 套装 四个 四只 四款 六个 一对 订制 个装 罐装 风格
    """.split()  # noqa: SIM905 - a table to read
)

Titles = Mapping[str, Sequence[str]]
"""Sku to the titles that the product has in all languages."""


async def item_titles(context: ActionContext) -> Titles:
    """The titles of the shop's products in all their languages."""
    return {p.sku: tuple(p.titles.values()) for p in await context.shop.products()}


def meant_item(order: Order, said: str, *, titles: Titles) -> OrderItem | None:
    """The item named by sku or title, else the only one that shares the most words (or pairs of characters) with what was said."""
    exact = find_item(order, said)
    if exact:
        return exact
    wanted = words_of(said)
    scores = {item.sku: len(wanted & _all_words((item.title, *titles.get(item.sku, ())))) for item in order.items}
    most = max(scores.values(), default=0)
    best = [item for item in order.items if scores[item.sku] == most > 0]
    return best[0] if len(best) == 1 else None


def _all_words(titles: Sequence[str]) -> set[str]:
    return set().union(*(words_of(title) for title in titles))


def words_of(text: str) -> set[str]:
    """What can be compared: words without accents and plural, numbers, and pairs of Simplified Chinese characters."""
    text = to_simplified(unicodedata.normalize("NFKC", text)).casefold()
    pairs = {run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1)}
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    words = {word if word.isdigit() else word.rstrip("s") for word in _WORD.findall(plain) if not _HAN.search(word)}
    return (pairs | words) - _PLAIN
