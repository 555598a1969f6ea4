"""Cancelling an order that has not left the warehouse: asked for, confirmed, done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.money import money
from bot.actions.open_order import end_form, join, meant_order_slots, open_meant_order
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.orders.policy import refusal_of_change
from context.types import Effect

FORM = "cancel_form"


class CancelFormRules:
    """Ends with an explanation when the order has left, and with a word when the customer says no."""

    name = "validate_cancel_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:
        return meant_order_slots(declared, context)

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        if not candidates:
            return ActionResult()
        opened = await open_meant_order(candidates, context)
        if opened.order is None:
            return opened.result
        refusal = refusal_of_change(opened.order)
        if refusal:
            ended = end_form(context, f"utter_cancel_{refusal.value}", notes={"cancel_refused": refusal.value})
            return join(opened.result, ended)
        if opened.changed:
            return join(opened.result, ActionResult(events=cleared(FORM)))
        if candidates.get("cancel_confirmed") is False:
            return join(opened.result, end_form(context, "utter_cancel_not_done", person=False))
        return opened.result


class AskCancelConfirmed:
    """Says which order would be cancelled and asks for a yes."""

    name = "action_ask_cancel_confirmed"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        items = ", ".join(f"{i.quantity} × {i.title}" for i in order.items) if order else ""
        total = money(order.total, order.currency) if order else ""
        return ActionResult(messages=(context.say("utter_ask_cancel_confirmed", items=items, total=total),))


class SubmitCancel:
    """Follows the form; does nothing when it ended without a confirmation."""

    name = "action_submit_cancel"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["cancel_confirmed"] is not True:
            return ActionResult(events=cleared(FORM))
        effect = Effect("cancel_order", {"order_number": slots["order_number"]})
        return ActionResult(events=cleared(FORM), messages=(context.say("utter_cancel_done"),), effects=(effect,))
