"""Questions on products, answered from the shelves: the price, whether it is there, when it is back; honestly when it is not carried."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.actions.dates import day_in_words
from bot.actions.hand_off import person_button
from bot.actions.item_words import words_of
from bot.actions.money import money
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet, UserSaid
from context.shop.types import Product
from context.types import Content
from knowledge.chinese import to_simplified

MOST = 5  # products named in one answer
FEW = 3  # so few that it is said
SURE = 1.5  # how rare the shared words of a whole sentence must be, in nats
SEEN = "product_seen"
ANOTHER_MATTER = re.compile(
    r"\b(?:reserve|keep|hold|put aside|set aside|notify|tell me when|pre-?order)\b|保留|預留|预留|留起|留隻|通知|預訂|预订|預購|预购"
    r"|\b(?:reser[v]|guard|avis)\w+|pr[eé]-?(?:encomend|vend)",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(
    r"\b(?:it|that one|this one|them|those|these)\b|^\W*(?:and )?(?:how much|price|in stock)\W*$|[呢嗰這这那]|佢|它|\b(?:ele|ela|isso"
    r"|esse|essa|este|esta|dele|dela)\b"
    r"|^\W*(?:幾錢|多少錢|多少钱|有冇貨|有貨嗎|有货吗|quanto custa|h[aá] stock)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """The products that were meant; `certain`: every word of what was named is one of their titles'."""

    products: tuple[Product, ...] = ()
    named: str = ""
    certain: bool = True


def find_products(shelf: Sequence[Product], user: UserSaid, *, seen: str | None = None) -> Found:
    """The products that a message names, best first; those named before (`seen`) when it only points back."""
    named = " ".join(str(e.text or e.value) for e in user.entities if e.name == "product")
    words = {p.sku: set().union(*(words_of(title) for title in p.titles.values())) for p in shelf}
    known = set().union(*words.values()) if words else set()
    wanted = words_of(named or user.text)
    if named:
        wanted |= {word for word in words_of(user.text) if word.isdigit()}
    shared = wanted & known
    rarity = {word: math.log(len(shelf) / sum(word in own for own in words.values())) for word in shared}
    scores = {p.sku: sum(rarity[w] for w in shared & words[p.sku]) for p in shelf}
    most = max(scores.values(), default=0.0)
    if most <= 0 or (not named and most < SURE):
        back = tuple(p for p in shelf if seen and p.sku == seen and POINTS_BACK.search(user.text))
        return Found(back, named, certain=not named)
    best = _closest(tuple(p for p in shelf if scores[p.sku] >= most - 1e-9), words, words_of(user.text))
    return Found(best, named, certain=not named or _all_known(named, words[best[0].sku]))


def _closest(best: tuple[Product, ...], words: Mapping[str, set[str]], said: set[str]) -> tuple[Product, ...]:
    """Of products that fit what was named equally well, those that fit the rest of the sentence best."""
    fit = {p.sku: len(words[p.sku] & said) for p in best}
    most = max(fit.values())
    return tuple(p for p in best if fit[p.sku] == most)


def _all_known(named: str, words: set[str]) -> bool:
    return words_of(named) <= words


async def answer_on_product(context: ActionContext) -> ActionResult | None:
    """Price and stock of what the message names; None when it names nothing that the shelves decide."""
    user = context.tracker.latest_user
    shelf = await context.shop.products()
    if user is None or not shelf or ANOTHER_MATTER.search(user.text):
        return None
    found = find_products(shelf, user, seen=context.tracker.slots.get(SEEN))
    if not found.products:
        return _not_carried(found.named, context) if found.named else None
    lines = [product_in_words(product, context) for product in found.products[:MOST]]
    if not found.certain:
        lines = [context.say("utter_product_nearest", product=found.named).text, *(f"- {line}" for line in lines)]
    elif len(lines) > 1:
        lines = [f"- {line}" for line in lines]
    one = found.products[0].sku if len(found.products) == 1 else None
    notes = {"products": [p.sku for p in found.products[:MOST]]}
    return ActionResult(events=(SlotSet(SEEN, one),), messages=(Content("\n".join(lines)),), notes=notes)


def _not_carried(named: str, context: ActionContext) -> ActionResult:
    said = context.say("utter_product_not_carried", product=named, buttons=(person_button(context),))
    return ActionResult(messages=(said,), notes={"products": []})


def product_in_words(product: Product, context: ActionContext) -> str:
    """A product in one line: title, price, and whether it can be had."""
    title = product.title(context.language)
    if context.language == "zh-Hans":
        title = to_simplified(title)
    values: dict[str, Any] = {"title": title, "price": money(product.price, product.currency)}
    if product.stock is None:
        return context.say("utter_product_to_order", **values).text
    if product.stock == 0:
        if product.restock_on is None:
            return context.say("utter_product_sold_out", **values).text
        return context.say("utter_product_back_on", day=day_in_words(product.restock_on, context.language), **values).text
    if product.stock <= FEW:
        return context.say("utter_product_few", count=product.stock, **values).text
    return context.say("utter_product_in_stock", **values).text


class TellProduct:
    """A question on a product: from the shelves, else from the knowledge base."""

    name = "action_tell_product"

    async def run(self, context: ActionContext) -> ActionResult:
        return await answer_on_product(context) or await context.run("action_answer_from_knowledge")
