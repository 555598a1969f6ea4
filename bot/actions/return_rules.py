"""The own rules of the return form: the order, what of it can be sent back, and the customer's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.actions.flow_slots import FLOW_SLOTS, cleared
from bot.actions.hand_off import person_button
from bot.actions.item_words import Titles, item_titles, meant_item
from bot.actions.open_order import OrderFormRules, join
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import DialogueEvent, LoopActive, SlotSet
from context.orders.policy import ReturnRefusal, refusal_of_return
from context.orders.types import ReturnReason
from context.types import Content, Order

FORM = "return_form"
FAULT = ReturnReason.DAMAGED.value
WISHES = ("refund", "exchange")


class ReturnFormRules(OrderFormRules):
    """Ends the form with an explanation and the offer of a person when the shop's rules do not allow a return."""

    name = "validate_return_form"
    moves_money = True

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        known, forgotten = {name: context.tracker.slots[name] for name in FLOW_SLOTS[FORM]}, ActionResult()
        if changed and "order_number" in candidates:
            candidates, known = {"order_number": order.number}, {}
            forgotten = ActionResult(events=cleared(FORM))
        titles = await item_titles(context)
        return join(forgotten, _answers(candidates, known, order=order, titles=titles, context=context))


def _answers(candidates: Mapping[str, Any], known: dict[str, Any], *, order: Order, titles: Titles, context: ActionContext) -> ActionResult:
    """Checks the answers against the order; `known` are those given before, without any when the order changed."""
    refusal = _refusal_of_order(order, context)
    if refusal:
        return _refuse(refusal, context)
    found = _item(known | dict(candidates), order, titles, context=context)
    item, events, messages = found.sku, list(found.events), list(found.messages)
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


@dataclass(frozen=True)
class _Item:
    """The item that goes back, when it is known, and what follows from what was said of it."""

    sku: str | None = None
    events: tuple[DialogueEvent, ...] = ()
    messages: tuple[Content, ...] = ()


def _item(answers: Mapping[str, Any], order: Order, titles: Titles, *, context: ActionContext) -> _Item:
    said = answers.get("return_item")
    if not said and len(order.items) == 1:
        said = order.items[0].sku
    item = meant_item(order, str(said), titles=titles) if said else None
    if said and item is None:
        return _Item(events=(SlotSet("return_item", None),), messages=(context.say("utter_item_not_in_order"),))
    if item is None:
        return _Item()
    warned = answers.get("return_reason") is None and not getattr(item, "returnable", True)
    messages = (context.say("utter_item_not_returnable", item=item.title),) if warned else ()
    return _Item(item.sku, (SlotSet("return_item", item.sku),), messages)


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
        events += [*cleared(FORM), LoopActive(None)]
        messages.append(context.say("utter_return_not_sent"))
    return ActionResult(events=tuple(events), messages=tuple(messages))


def _refuse(refusal: ReturnRefusal, context: ActionContext) -> ActionResult:
    said = context.say(f"utter_return_{refusal.value}", buttons=(person_button(context),))
    return ActionResult(events=(*cleared(FORM), LoopActive(None)), messages=(said,), notes={"return_refused": refusal.value})
