"""Opens an order for a form: number and proof, wrong tries, locks. The message never says which of the two was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions.hand_off import hand_off, person_button
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import DialogueEvent, LoopActive, SlotSet
from bot.engine import OrderAccess
from context.orders.types import SoldItem
from context.types import Content, Effect, HandoffReason, Order

MOST_TRIES = 3


@dataclass(frozen=True)
class OrderCheck:
    """The order when it may be seen; else `result` says what follows (nothing while number or proof are still to be asked)."""

    order: Order | None = None
    result: ActionResult = field(default_factory=ActionResult)


def needs_proof(context: ActionContext) -> bool:
    """Whether e-mail or phone must be asked: not for a verified contact, nor for an order that was opened before."""
    slots = context.tracker.slots
    opened = slots["order_proof"] is not None and slots["order_number"] is not None and slots["order_known"] == slots["order_number"]
    return not context.turn.verified and not opened


def order_slots(declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
    """The slots of a form without the proof when none is needed."""
    return tuple(name for name in declared if name != "order_proof" or needs_proof(context))


async def check_order(candidates: Mapping[str, Any], context: ActionContext) -> OrderCheck:
    """Tries to open the order that the slots name."""
    number, proof = _number_and_proof(candidates, context)
    known = context.tracker.slots["order_known"]
    if number is None or (not context.turn.verified and proof is None):
        return OrderCheck()
    access = await context.orders.access(number, proof=proof, turn=context.turn)
    if access.refusal == "unavailable":  # number and proof stay, so that they need not be said again
        said = context.say("utter_order_system_down", buttons=(person_button(context),))
        return OrderCheck(result=ActionResult(events=(LoopActive(None),), messages=(said,)))
    fresh = known != number or "order_proof" in context.tracker.set_this_turn
    effects = (Effect("note_order_try", {"order_number": number, "right": access.order is not None}),) if proof and fresh else ()
    if access.order is None:
        return OrderCheck(result=_refused(access, number, proof, context=context, effects=effects))
    context.tracker.memory.pop("tried", None)
    context.tracker.memory.pop("wrong_tries", None)
    events = (SlotSet("order_number", access.order.number), SlotSet("order_proof", proof), SlotSet("order_known", access.order.number))
    return OrderCheck(with_returnable(access), ActionResult(events=events, messages=_as_of(access, context), effects=effects))


def _as_of(access: OrderAccess, context: ActionContext) -> tuple[Content, ...]:
    """Says that the shop's system is down and of which moment it is what follows."""
    if access.as_of is None:
        return ()
    return (context.say("utter_order_as_of", time=f"{access.as_of:%Y-%m-%d %H:%M} UTC"),)


async def read_order(context: ActionContext) -> Order | None:
    """The order that was opened in this talk, read anew; None when it may no longer be seen."""
    slots = context.tracker.slots
    if slots["order_number"] is None:
        return None
    access = await context.orders.access(slots["order_number"], proof=slots["order_proof"], turn=context.turn)
    return with_returnable(access)


def with_returnable(access: OrderAccess) -> Order | None:
    """The order with each item's word on whether such an item can be sent back."""
    if access.order is None:
        return None
    items = tuple(
        SoldItem(i.sku, i.title, i.quantity, i.unit_price, returnable=access.returnable.get(i.sku, getattr(i, "returnable", True)))
        for i in access.order.items
    )
    return replace(access.order, items=items)


def _number_and_proof(candidates: Mapping[str, Any], context: ActionContext) -> tuple[str | None, str | None]:
    """What to try. After a wrong try, a correction of one part keeps the other."""
    slots, tried = context.tracker.slots, context.tracker.memory.get("tried") or {}
    number, proof = slots["order_number"], slots["order_proof"]
    if tried:
        if number is None and candidates.get("order_proof"):
            number = tried["number"]
        elif proof is None and number is not None and number != tried["number"]:
            proof = tried["proof"]
    return number, proof


def _refused(access: OrderAccess, number: str, proof: str | None, *, context: ActionContext, effects: tuple[Effect, ...]) -> ActionResult:
    memory = context.tracker.memory
    memory["wrong_tries"] = memory.get("wrong_tries", 0) + 1
    memory["tried"] = {"number": number, "proof": proof}
    events: tuple[DialogueEvent, ...] = (SlotSet("order_number", None), SlotSet("order_proof", None), SlotSet("order_known", None))
    if access.refusal == "locked" or memory["wrong_tries"] >= MOST_TRIES:
        passed = hand_off(context, HandoffReason.NOT_ALLOWED, response="utter_order_locked")
        return replace(passed, events=events, effects=effects)
    said = context.say("utter_order_not_found" if proof else "utter_order_not_yours")
    return ActionResult(events=events, messages=(said,), effects=effects)
