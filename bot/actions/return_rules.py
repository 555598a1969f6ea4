"""The own rules of the return form: the order, what of it can be sent back, and the customer's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.actions.hand_off import person_button
from bot.actions.item_words import meant_item
from bot.actions.order_check import check_order, needs_proof, order_slots, read_order
from bot.actions.port import ActionContext, ActionResult
from bot.actions.return_slots import RETURN_SLOTS, cleared_return
from bot.dialogue_events import DialogueEvent, LoopActive, SlotSet
from context.orders.policy import ReturnRefusal, refusal_of_return
from context.orders.types import ReturnReason
from context.types import Content, Order

FAULT = ReturnReason.DAMAGED.value
WISHES = ("refund", "exchange")


class ReturnFormRules:
    """Ends the form with an explanation and the offer of a person when the shop's rules do not allow a return."""

    name = "validate_return_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        return order_slots(declared, context)

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        if not candidates:
            return ActionResult()
        order, opened = await _order(candidates, context)
        if order is None:
            return opened
        known = {name: context.tracker.slots[name] for name in RETURN_SLOTS}
        if "order_number" in candidates and context.tracker.slots["order_known"] not in (None, order.number):
            candidates, known = {"order_number": order.number}, {}
            opened = replace(opened, events=(*opened.events, *cleared_return()))
        return _join(opened, _answers(candidates, known, order=order, context=context))


async def _order(candidates: Mapping[str, Any], context: ActionContext) -> tuple[Order | None, ActionResult]:
    slots = context.tracker.slots
    known = slots["order_known"] == slots["order_number"] and not needs_proof(context)
    if candidates.keys() & {"order_number", "order_proof"} or not known:
        check = await check_order(candidates, context)
        return check.order, check.result
    return await read_order(context), ActionResult()


def _answers(candidates: Mapping[str, Any], known: dict[str, Any], *, order: Order, context: ActionContext) -> ActionResult:
    """Checks the answers against the order; `known` are those given before, without any when the order changed."""
    refusal = _refusal_of_order(order, context)
    if refusal:
        return _refuse(refusal, context)
    events: list[DialogueEvent] = []
    messages: list[Content] = []
    item = _item(known | dict(candidates), order, context, events=events, messages=messages)
    reason = candidates.get("return_reason") or known.get("return_reason")
    if item and reason:
        refusal = refusal_of_return(order, item=item, reason=str(reason), now=context.turn.now)
        if refusal:
            return _refuse(refusal, context)
    _wish(candidates, events, messages, context=context)
    return _confirmed(candidates, events, messages, context=context)


def _refusal_of_order(order: Order, context: ActionContext) -> ReturnRefusal | None:
    """Why nothing of the order can be sent back, whatever the reason."""
    refusals = [refusal_of_return(order, item=i.sku, reason=FAULT, now=context.turn.now) for i in order.items]
    return refusals[0] if refusals and all(refusals) else None


def _item(
    answers: Mapping[str, Any], order: Order, context: ActionContext, *, events: list[DialogueEvent], messages: list[Content]
) -> str | None:
    said = answers.get("return_item")
    if not said and len(order.items) == 1:
        said = order.items[0].sku
    item = meant_item(order, str(said)) if said else None
    if said and item is None:
        events.append(SlotSet("return_item", None))
        messages.append(context.say("utter_item_not_in_order"))
        return None
    if item is None:
        return None
    events.append(SlotSet("return_item", item.sku))
    if answers.get("return_reason") is None and not getattr(item, "returnable", True):
        messages.append(context.say("utter_item_not_returnable", item=item.title))
    return item.sku


def _wish(candidates: Mapping[str, Any], events: list[DialogueEvent], messages: list[Content], *, context: ActionContext) -> None:
    wish = candidates.get("return_wish")
    if wish is not None and wish not in WISHES:
        events.append(SlotSet("return_wish", None))
        messages.append(context.say("utter_please_rephrase"))


def _confirmed(
    candidates: Mapping[str, Any], events: list[DialogueEvent], messages: list[Content], *, context: ActionContext
) -> ActionResult:
    """A plain no ends the form; a no that changes another answer asks for the confirmation again."""
    changed = any(n.startswith(("return_", "order_")) and n != "return_confirmed" for n in candidates)
    if changed:
        events.append(SlotSet("return_confirmed", None))
    elif candidates.get("return_confirmed") is False:
        events += [*cleared_return(), LoopActive(None)]
        messages.append(context.say("utter_return_not_sent"))
    return ActionResult(events=tuple(events), messages=tuple(messages))


def _refuse(refusal: ReturnRefusal, context: ActionContext) -> ActionResult:
    said = context.say(f"utter_return_{refusal.value}", buttons=(person_button(context),))
    return ActionResult(events=(*cleared_return(), LoopActive(None)), messages=(said,), notes={"return_refused": refusal.value})


def _join(first: ActionResult, second: ActionResult) -> ActionResult:
    return replace(
        second,
        events=(*first.events, *second.events),
        messages=(*first.messages, *second.messages),
        effects=(*first.effects, *second.effects),
    )
