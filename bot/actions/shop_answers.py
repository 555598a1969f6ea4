"""Questions that the shop's own data answer, before the knowledge base is asked; and what is offered after its answer."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.gift_card_flow import CODE, asks_balance, offer_balance
from bot.actions.invoice_flow import offer_invoice
from bot.actions.order_questions import answer_from_order
from bot.actions.points import asks_own_points, tell_points
from bot.actions.port import ActionContext, ActionResult
from bot.actions.problem_flow import KIND_OF, offer_report
from bot.actions.product_answers import answer_on_product
from bot.actions.refund_flow import ShowRefund, offer_refund
from bot.actions.store_hours import store_lines
from bot.dialogue_events import Followup
from bot.project.types import NLU_FALLBACK
from context.types import Content

# What asks "when" and "how much" of something else than the open order.
OTHER_MATTERS = {
    "faq/refund_time",
    "faq/store_hours",
    "faq/workshops",
    "faq/return_policy",
    "faq/gift_card",
    "faq/loyalty_points",
}


async def answer_from_shop(context: ActionContext) -> ActionResult | None:
    """What the shop's data say to the latest message; None when the knowledge base is to be asked."""
    user = context.tracker.latest_user
    if user is None or user.text.startswith("/"):
        return None
    told = await answer_from_order(context) if user.full_intent not in OTHER_MATTERS else None
    if told is not None:
        return told
    unclear = user.intent == NLU_FALLBACK and any(e.name == "product" for e in user.entities)
    if unclear or user.full_intent == "faq/stock":
        return await answer_on_product(context)
    if user.full_intent == "faq/loyalty_points" and asks_own_points(user.text):
        return await tell_points(context)
    return await _task(user.full_intent, user.text, context)


async def _task(topic: str, text: str, context: ActionContext) -> ActionResult | None:
    """Questions that lead to a task of their own; while a form runs it keeps the floor."""
    if context.tracker.loop:
        return None
    if topic == "faq/gift_card" and (asks_balance(text) or CODE.search(text)):
        return ActionResult(events=(Followup("gift_card_form"),))
    slots = context.tracker.slots
    if topic == "faq/refund_time" and slots["order_known"] and slots["order_known"] == slots["order_number"]:
        return await ShowRefund().run(context)
    return None


def offered_after(context: ActionContext, answered: ActionResult) -> ActionResult:
    """The answer of the knowledge base with what the bot can do about the matter."""
    user = context.tracker.latest_user
    topic = user.full_intent if user else ""
    if topic == "faq/store_hours" and (lines := store_lines(context)):
        return replace(answered, messages=(Content("\n".join(lines)), *answered.messages))
    if topic in KIND_OF:
        more = offer_report(context, KIND_OF[topic])
    elif topic == "faq/refund_time":
        more = offer_refund(context)
    elif topic == "faq/invoice":
        more = offer_invoice(context)
    elif topic == "faq/gift_card":
        more = offer_balance(context)
    else:
        return answered
    return replace(answered, events=(*answered.events, *more.events), messages=(*answered.messages, *more.messages))
