"""Another delivery address for an order that has not left the warehouse: its parts, a confirmation, done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.free_words import free_answer
from bot.actions.open_order import OrderFormRules, end_form
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from context.orders.policy import refusal_of_change
from context.types import Effect, Order

FORM = "address_form"
SHORTEST_LINE = 3
LONGEST_CITY = 60
MOSTLY = 0.5  # of a message
# Intents that a street or a town is easily taken for.
_LIKE_PLACES = frozenset({"faq/store_location", "faq/shipping_countries", "faq/pickup", "change_address"})
_LETTERS = re.compile(r"[^\W\d_]")


class AddressFormRules(OrderFormRules):
    """Ends with an explanation when the order has left, and with a word when the customer says no."""

    name = "validate_address_form"

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        refusal = refusal_of_change(order)
        if refusal:
            return end_form(context, f"utter_address_{refusal.value}", notes={"address_refused": refusal.value})
        return _parts(candidates, context, changed=changed)


def _parts(candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
    line = candidates.get("address_line")
    if line is not None and (len(str(line)) < SHORTEST_LINE or not _LETTERS.search(str(line))):
        return ActionResult(events=(SlotSet("address_line", None),), messages=(context.say("utter_address_too_short"),))
    changed = changed or "address_line" in candidates or "address_city" in candidates
    if candidates.get("address_confirmed") is False and not changed:
        return end_form(context, "utter_address_not_changed", person=False)
    return ActionResult(events=(SlotSet("address_confirmed", None),)) if changed else ActionResult()


class ExtractAddress:
    """Custom mapping of address_line and address_city: an address that was found in the message, else the customer's words."""

    name = "action_extract_address"

    async def run(self, context: ActionContext) -> ActionResult:
        user, asked = context.tracker.latest_user, context.tracker.requested_slot
        if user is None:
            return ActionResult()
        line = next((str(e.value) for e in user.entities if e.name == "address"), None)
        town = next((str(e.value) for e in user.entities if e.name == "address_part" and e.role == "city"), None)
        if asked == "address_city":
            city = town or _town(context)
            return ActionResult(events=(SlotSet("address_city", city),)) if city else ActionResult()
        if asked == "address_line" and (line is None or len(line) > len(user.text) * MOSTLY):
            line = _line(context) or line  # the whole of it: a part of an address that was not recognised is a part all the same
        words = line
        if words is None:
            return ActionResult()
        town_event = (SlotSet("address_city", town),) if town else ()
        return ActionResult(events=(SlotSet("address_line", words), *town_event))


def _line(context: ActionContext) -> str | None:
    user = context.tracker.latest_user
    assert user is not None
    other = frozenset() if re.search(r"\d", user.text) else frozenset({"faq"})
    return user.text.strip() if user.full_intent in _LIKE_PLACES and free_answer(user) else free_answer(user, also=other, longest=300)


def _town(context: ActionContext) -> str | None:
    user = context.tracker.latest_user
    assert user is not None
    return free_answer(user) if len(user.text) <= LONGEST_CITY else None


class AskAddressConfirmed:
    """Says the whole new address and asks for a yes."""

    name = "action_ask_address_confirmed"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        code = str(order.address.get("country", "")) if order else ""
        country = context.word(f"utter_country_{code.lower()}", code) if code else ""
        return ActionResult(messages=(context.say("utter_ask_address_confirmed", country=country),))


class SubmitAddress:
    """Follows the form; does nothing when it ended without a confirmation."""

    name = "action_submit_address"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["address_confirmed"] is not True:
            return ActionResult(events=cleared(FORM))
        arguments = {"order_number": slots["order_number"], "line": slots["address_line"], "city": slots["address_city"]}
        said = context.say("utter_address_changed")
        return ActionResult(events=cleared(FORM), messages=(said,), effects=(Effect("change_address", arguments),))
