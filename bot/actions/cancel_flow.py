"""Cancelling an order that has not left the warehouse: asked for, confirmed, done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.money import money
from bot.actions.open_order import OrderFormRules, end_form
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.orders.policy import refusal_of_change
from context.types import Effect, Order

FORM = "cancel_form"


class CancelFormRules(OrderFormRules):
    """Ends with an explanation when the order has left, and with a word when the customer says no."""

    name = "validate_cancel_form"
    moves_money = True

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        refusal = refusal_of_change(order)
        if refusal:
            return end_form(context, f"utter_cancel_{refusal.value}", notes={"cancel_refused": refusal.value})
        if changed:
            return ActionResult(events=cleared(FORM))
        return end_form(context, "utter_cancel_not_done", person=False) if candidates.get("cancel_confirmed") is False else ActionResult()


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
