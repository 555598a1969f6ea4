"""The invoice of an order, sent to the e-mail of the order: made out to whom, a confirmation, a request for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.free_words import NOTHING, optional_answer
from bot.actions.hand_off import person_button
from bot.actions.offer import offer
from bot.actions.open_order import OrderFormRules, end_form
from bot.actions.order_check import read_order
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from context.orders.policy import refusal_of_invoice
from context.types import Button, Effect, Order

FORM = "invoice_form"


def offer_invoice(context: ActionContext) -> ActionResult:
    """Offers to send an invoice, or a person; nothing while a form runs."""
    if context.tracker.loop:
        return ActionResult()
    buttons = (Button(context.word("utter_button_invoice", "Send me the invoice"), "/ask_invoice"), person_button(context))
    return ActionResult(events=(offer("invoice"),), messages=(context.say("utter_offer_invoice", buttons=buttons),))


class InvoiceFormRules(OrderFormRules):
    """Ends with an explanation when there is no invoice yet or a company can no longer be added."""

    name = "validate_invoice_form"

    async def check(self, order: Order, candidates: Mapping[str, Any], context: ActionContext, *, changed: bool) -> ActionResult:
        company = context.tracker.slots["invoice_name"] not in (None, NOTHING)
        refusal = refusal_of_invoice(order, company=company, now=context.turn.now)
        if refusal:
            return end_form(context, f"utter_invoice_{refusal.value}", notes={"invoice_refused": refusal.value})
        changed = changed or "invoice_name" in candidates
        if candidates.get("invoice_confirmed") is False and not changed:
            return end_form(context, "utter_invoice_dropped", person=False)
        return ActionResult(events=(SlotSet("invoice_confirmed", None),)) if changed else ActionResult()


class ExtractInvoiceName:
    """Custom mapping of invoice_name: a company with its tax number, or nothing to change."""

    name = "action_extract_invoice_name"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        words = optional_answer(user, longest=300) if user and not user.text.startswith("/") else None
        return ActionResult(events=(SlotSet("invoice_name", words),)) if words else ActionResult()


class AskInvoiceConfirmed:
    """Says what would be sent where, the e-mail half hidden, and asks for a yes."""

    name = "action_ask_invoice_confirmed"

    async def run(self, context: ActionContext) -> ActionResult:
        order = await read_order(context)
        company = context.tracker.slots["invoice_name"]
        unchanged = context.word("utter_invoice_unchanged", "as it was")
        name = unchanged if company in (None, NOTHING) else str(company)
        return ActionResult(
            messages=(context.say("utter_ask_invoice_confirmed", email=half_hidden(order.email) if order else "", name=name),)
        )


def half_hidden(email: str) -> str:
    """ "ana.demo@example.com" as "a***@example.com"."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


class SubmitInvoice:
    """Follows the form; does nothing when it ended without a confirmation."""

    name = "action_submit_invoice"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["invoice_confirmed"] is not True:
            return ActionResult(events=cleared(FORM))
        company = slots["invoice_name"]
        arguments = {"order_number": slots["order_number"], "made_out_to": "" if company in (None, NOTHING) else company}
        said = context.say("utter_invoice_sent")
        return ActionResult(events=cleared(FORM), messages=(said,), effects=(Effect("request_invoice", arguments),))
