"""Asks for the order number; a verified contact may choose among the newest own orders."""

from __future__ import annotations

import json

from bot.actions.dates import day_in_words
from bot.actions.port import ActionContext, ActionResult
from context.types import Button

MOST_ORDERS = 4


class AskOrderNumber:
    """Buttons for own orders, save the one that was just shown."""

    name = "action_ask_order_number"

    async def run(self, context: ActionContext) -> ActionResult:
        buttons = await other_orders(context)
        if buttons:
            return ActionResult(messages=(context.say("utter_choose_order", buttons=buttons),))
        return ActionResult(messages=(context.say("utter_ask_order_number"),))


async def other_orders(context: ActionContext) -> tuple[Button, ...]:
    """A button for each of the newest orders of a verified contact, save the one that was just shown."""
    own = await context.orders.own(context.turn) if context.turn.verified else ()
    shown = context.tracker.slots["order_known"]
    return tuple(
        Button(f"{o.number} · {day_in_words(o.placed_at.date(), context.language)}", f"/inform{json.dumps({'order_number': o.number})}")
        for o in own
        if o.number != shown
    )[:MOST_ORDERS]
