"""Where a refund stands: told from the order's state and its stored returns, honestly when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.dates import day_in_words
from bot.actions.hand_off import person_button
from bot.actions.offer import offer
from bot.actions.open_order import meant_order_slots, open_meant_order
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.orders.types import OrderStatus, ReturnRecord, ReturnStatus
from context.types import Button, Content, Effect, Order

FORM = "refund_form"


def offer_refund(context: ActionContext) -> ActionResult:
    """Offers to look up where a refund stands; nothing while a form runs."""
    if context.tracker.loop:
        return ActionResult()
    buttons = (Button(context.word("utter_button_refund", "Check my refund"), "/check_refund"), person_button(context))
    return ActionResult(events=(offer("refund"),), messages=(context.say("utter_offer_refund", buttons=buttons),))


class RefundFormRules:
    """Only the order is asked for."""

    name = "validate_refund_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        return meant_order_slots(declared, context)

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        return (await open_meant_order(candidates, context)).result if candidates else ActionResult()


class ShowRefund:
    """Says where the refund of the order stands, and offers a person when there is none."""

    name = "action_show_refund"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        if order is None:
            return ActionResult(messages=(context.say("utter_order_not_found"),))
        slots = context.tracker.slots
        returns = await context.shop.returns(order.number, proof=slots["order_proof"], turn=context.turn)
        said = refund_in_words(order, returns, context)
        return ActionResult(
            messages=(said,),
            effects=(Effect("order_seen", {"order_number": order.number}),),
            notes={"order": order.number, "status": order.status, "returns": [r.reference for r in returns]},
        )


def refund_in_words(order: Order, returns: tuple[ReturnRecord, ...], context: ActionContext) -> Content:
    """Where the refund of `order` stands; `returns` newest first."""
    person = (person_button(context),)
    asked = [r for r in returns if r.status != ReturnStatus.CANCELLED]
    if asked:
        return _of_return(asked[0], order, context)
    if order.status == OrderStatus.REFUNDED:
        return context.say("utter_refund_paid", number=order.number, buttons=person)
    if order.status == OrderStatus.CANCELLED:
        return context.say("utter_refund_cancelled", number=order.number, buttons=person)
    if order.status == OrderStatus.RETURNED:
        return context.say("utter_refund_arrived", number=order.number, reference="", buttons=person)
    return context.say("utter_refund_none", number=order.number, buttons=person)


def _of_return(record: ReturnRecord, order: Order, context: ActionContext) -> Content:
    item = next((i.title for i in order.items if i.sku == record.item), record.item)
    values = {"number": order.number, "reference": record.reference, "item": item, "day": day_in_words(record.at.date(), context.language)}
    kind = "exchange" if record.wish == "exchange" else "refund"
    if record.status == ReturnStatus.COMPLETED:
        done = "utter_exchange_sent" if kind == "exchange" else "utter_refund_paid"
        return context.say(done, buttons=(person_button(context),), **values)
    state = "arrived" if record.status == ReturnStatus.RECEIVED else "waiting"
    return context.say(f"utter_{kind}_{state}", buttons=(person_button(context),), **values)
