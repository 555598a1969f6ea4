"""The beginning that all forms about an order share: number, proof, and whether the order of before is the one that is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.actions.ask_order_number import other_orders
from bot.actions.hand_off import hand_off, person_button
from bot.actions.order_check import check_order, needs_proof, order_slots, read_order
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import LoopActive, SlotSet
from context.types import HandoffReason, Order

MEANT = "order_meant"
POINTS_AT = re.compile(
    r"\b(?:return|send|cancel|exchange|swap|change|stop)\s+(?:it|this|that|them|these)\b|\b(?:this|that|the same) order\b|\bof (?:this"
    r"|that|it)\b"
    r"|[呢嗰這这那該该][一]?[張张個个筆笔份單单件隻只]|佢|它"
    r"|-(?:la|lo|las|los)\b|\b(?:est[ae]|ess[ae]|dest[ae]|dess[ae]|nest[ae]|isto|isso)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Opened:
    """The order that is meant, or None while something is still to be asked. `changed`: it is another one than before."""

    order: Order | None
    result: ActionResult
    changed: bool = False


def meant_order_slots(declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
    """The slots of a form: without the proof when none is needed, without the question for the order when it is answered."""
    slots = context.tracker.slots
    answered = slots[MEANT] is not None and slots[MEANT] == slots["order_number"]
    return tuple(name for name in order_slots(declared, context) if name != MEANT or not answered)


async def open_meant_order(candidates: Mapping[str, Any], context: ActionContext) -> Opened:
    """Opens the order of the slots. One that was opened earlier in the talk counts only when the customer says that it is meant."""
    slots, tracker = context.tracker.slots, context.tracker
    before = slots["order_known"]
    named = candidates.get("order_number") is not None and "order_number" in tracker.set_this_turn
    known = before == slots["order_number"] and not needs_proof(context)
    if candidates.keys() & {"order_number", "order_proof"} or not known:
        check = await check_order(candidates, context)
        order, result = check.order, check.result
    else:
        order, result = await read_order(context), ActionResult()
    if order is None:
        return Opened(None, result)
    said = tracker.latest_user.text if tracker.latest_user else ""
    if not (named or slots[MEANT] == order.number or before != order.number or POINTS_AT.search(said)):
        return Opened(None, result)
    result = replace(result, events=(*result.events, SlotSet(MEANT, order.number)))
    return Opened(order, result, changed=before not in (None, order.number))


def end_form(
    context: ActionContext, response: str, *, person: bool = True, notes: Mapping[str, Any] | None = None, **values: Any
) -> ActionResult:
    """Ends the running form with an explanation and the offer of a person."""
    said = context.say(response, buttons=(person_button(context),) if person else None, **values)
    return ActionResult(events=(LoopActive(None),), messages=(said,), notes=notes or {})


def join(first: ActionResult, second: ActionResult) -> ActionResult:
    """Both results, the second's handoff and notes."""
    return replace(
        second,
        events=(*first.events, *second.events),
        messages=(*first.messages, *second.messages),
        effects=(*first.effects, *second.effects),
        handoff=second.handoff or first.handoff,
    )


def is_of_high_value(order: Order, context: ActionContext) -> bool:
    """Whether the order is worth so much that a person must see to it (`high_value` in the settings, in cents; none: never)."""
    least = context.setting("high_value", None)
    return least is not None and order.total >= int(least)


class OrderFormRules:
    """The rules of a form about an order: it is opened first, then `check` sees what the customer wants with it."""

    name: str
    moves_money = False  # whether it ends with money going back: then an order of high value is for people only

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        """The slots to ask for now: see `meant_order_slots`."""
        return meant_order_slots(declared, context)

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        """What opening the order says, and once it is open what `check` says."""
        if not candidates:
            return ActionResult()
        opened = await open_meant_order(candidates, context)
        if opened.order is None:
            return opened.result
        if self.moves_money and is_of_high_value(opened.order, context):
            return join(opened.result, hand_off(context, HandoffReason.HIGH_VALUE, urgency=1))
        return join(opened.result, await self.check(opened.order, candidates, context, changed=opened.changed))

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        """The form's own rules; `changed`: it is another order than before."""
        raise NotImplementedError


class AskOrderMeant:
    """Asks whether the order that was opened before is the one that is meant; a verified contact may choose another at once."""

    name = "action_ask_order_meant"

    async def run(self, context: ActionContext) -> ActionResult:
        asked = context.say("utter_ask_order_meant")
        others = await other_orders(context)
        return ActionResult(messages=(replace(asked, buttons=(*asked.buttons[:1], *others, *asked.buttons[1:])),))


class ExtractOrderMeant:
    """Custom mapping of the slot order_meant: a yes takes the order, a no asks for another."""

    name = "action_extract_order_meant"

    async def run(self, context: ActionContext) -> ActionResult:
        user, slots = context.tracker.latest_user, context.tracker.slots
        if user is None or any(e.name == "order_number" for e in user.entities):
            return ActionResult()
        if user.intent == "affirm":
            return ActionResult(events=(SlotSet(MEANT, slots["order_number"]),))
        return ActionResult(events=(SlotSet("order_number", None), SlotSet(MEANT, None))) if user.intent == "deny" else ActionResult()
