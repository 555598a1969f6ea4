"""Shows an order: its state, what is in it, where the parcel is and when it is expected."""

from __future__ import annotations

from bot.actions.dates import day_in_words
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from context.types import Content, Effect, Order, Shipment


class ShowOrder:
    """Follows the order status form."""

    name = "action_show_order"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        if order is None:
            return ActionResult(messages=(context.say("utter_order_not_found"),))
        return ActionResult(
            messages=(Content(order_in_words(order, context)),),
            effects=(Effect("order_seen", {"order_number": order.number}),),
            notes={"order": order.number, "status": order.status},
        )


def order_in_words(order: Order, context: ActionContext) -> str:
    """The order as plain lines in the customer's language."""
    status = context.word(f"utter_status_{order.status}", order.status.replace("_", " "))
    lines = [context.say("utter_order_head", number=order.number, status=status).text, context.say("utter_order_items").text]
    lines += [f"- {item.quantity} × {item.title}" for item in order.items]
    for shipment in order.shipments:
        lines += _parcel(shipment, context)
    if not order.shipments and context.project.has_response(f"utter_next_{order.status}"):
        lines.append(context.say(f"utter_next_{order.status}").text)
    return "\n".join(lines)


def _parcel(shipment: Shipment, context: ActionContext) -> list[str]:
    lines = [context.say("utter_order_carrier", carrier=shipment.carrier, tracking=shipment.tracking_number).text]
    if shipment.delivered_on:
        lines.append(context.say("utter_order_delivered", day=day_in_words(shipment.delivered_on, context.language)).text)
    elif shipment.expected_on:
        late = shipment.expected_on < context.turn.now.date().isoformat()
        name = "utter_order_overdue" if late else "utter_order_expected"
        lines.append(context.say(name, day=day_in_words(shipment.expected_on, context.language)).text)
    return lines
