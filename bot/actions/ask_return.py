"""The questions of the return form that depend on the order."""

from __future__ import annotations

import json

from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.orders.policy import find_item
from context.types import Button


class AskReturnItem:
    """One button for each item of the order."""

    name = "action_ask_return_item"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        items = order.items if order else ()
        buttons = tuple(Button(i.title, f"/inform{json.dumps({'return_item': i.sku})}") for i in items)
        return ActionResult(messages=(context.say("utter_ask_return_item", buttons=buttons),))


class AskReturnConfirmed:
    """Says what would be sent and asks for a yes."""

    name = "action_ask_return_confirmed"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        order = await read_order(context)
        item = find_item(order, slots["return_item"]) if order else None
        said = context.say(
            "utter_ask_return_confirmed",
            item=item.title if item else slots["return_item"],
            reason=context.word(f"utter_reason_{slots['return_reason']}", str(slots["return_reason"])),
            wish=context.word(f"utter_wish_{slots['return_wish']}", str(slots["return_wish"])),
        )
        return ActionResult(messages=(said,))
