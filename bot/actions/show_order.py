"""Shows an order: its state, what is in it, where the parcel is and when it is expected."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.offer import offer
from bot.actions.open_order import MEANT
from bot.actions.order_check import read_order
from bot.actions.order_questions import answer_from_order, arrival_in_words
from bot.actions.port import ActionContext, ActionResult
from bot.actions.problem_flow import offer_report
from bot.dialogue_events import SlotSet
from context.orders.policy import ProblemKind, refusal_of_problem
from context.orders.types import OrderStatus
from context.types import Content, Effect, Order, Shipment

SHOWN = "order_shown"  # in the tracker's memory: which order was shown whole


class ShowOrder:
    """Follows the order status form. A second question on the same order gets the one line that answers it.

    A parcel that is late enough to be looked for comes with the offer to do so.
    """

    name = "action_show_order"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        if order is None:
            return ActionResult(messages=(context.say("utter_order_not_found"),))
        memory = context.tracker.memory
        again = await answer_from_order(context) if memory.get(SHOWN) == order.number else None
        if again is not None:
            return again
        memory[SHOWN] = order.number
        shown = ActionResult(
            messages=(Content(order_in_words(order, context)),),
            effects=(Effect("order_seen", {"order_number": order.number}),),
            notes={"order": order.number, "status": order.status},
        )
        return _with_offer(shown, order, context)


def _with_offer(shown: ActionResult, order: Order, context: ActionContext) -> ActionResult:
    kind = ProblemKind.LOST if order.status == OrderStatus.LOST else ProblemKind.LATE
    if order.status in (OrderStatus.DELIVERED, OrderStatus.RETURNED, OrderStatus.REFUNDED, OrderStatus.PICKED_UP):
        return shown
    if refusal_of_problem(order, kind=kind, now=context.turn.now) or not any(p.expected_on for p in order.shipments):
        return shown
    more = offer_report(context, kind.value)
    events = (*more.events, SlotSet(MEANT, order.number), offer("problem"))
    return replace(shown, events=events, messages=(*shown.messages, *more.messages))


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
    carrier = context.say("utter_order_carrier", carrier=shipment.carrier, tracking=shipment.tracking_number).text
    return [carrier, *arrival_in_words(shipment, context)]
