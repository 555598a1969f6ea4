"""The slots that belong to one form alone, and forgetting them."""

from __future__ import annotations

from bot.dialogue_events import SlotSet

FLOW_SLOTS = {
    "return_form": ("return_item", "return_reason", "return_wish", "return_confirmed"),
    "cancel_form": ("cancel_confirmed",),
    "address_form": ("address_line", "address_city", "address_confirmed"),
    "problem_form": ("problem_kind", "problem_details", "problem_confirmed"),
    "invoice_form": ("invoice_name", "invoice_confirmed"),
    "gift_card_form": ("gift_card_code",),
    "complaint_form": ("complaint_text",),
    "feedback_form": ("feedback_score", "feedback_comment"),
}


def cleared(form: str | None) -> tuple[SlotSet, ...]:
    """Events that forget what `form` had been told; none for a form that has no slots of its own."""
    return tuple(SlotSet(name, None) for name in FLOW_SLOTS.get(form or "", ()))
