"""A complaint: sympathy first, then it goes on record, and a person is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.free_words import QUESTION, free_answer
from bot.actions.hand_off import person_button
from bot.actions.offer import offer
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from context.types import Button, Effect

FORM = "complaint_form"
TELLING = 40  # a complaint of so many characters says what happened; a Chinese character counts for three


class Complaint:
    """Sympathy, and the offer to record what the customer said, or to bring a person."""

    name = "action_complaint"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        words = max(user.text, context.written, key=len) if user else ""  # a wish kept for later stands in a message of its own
        told = words.strip()[:2000] if _tells(words) else None
        buttons = (Button(context.word("utter_button_complaint", "Put it on record"), "/record_complaint"), person_button(context))
        events = () if context.tracker.loop else (SlotSet("complaint_text", told), offer("complaint"))
        return ActionResult(events=events, messages=(context.say("utter_complaint", buttons=buttons),))


def _tells(text: str) -> bool:
    return not text.startswith("/") and sum(3 if ord(c) > 0x2E80 else 1 for c in text) >= TELLING


class ExtractComplaint:
    """Custom mapping of complaint_text while it is asked: whatever the customer writes that is no question and no wish to stop."""

    name = "action_extract_complaint"

    async def run(self, context: ActionContext) -> ActionResult:
        user = context.tracker.latest_user
        plain = user.text.strip() if user and user.intent in ("complain", "faq", "track_order") and not QUESTION.search(user.text) else None
        words = plain or free_answer(user, longest=2000)
        return ActionResult(events=(SlotSet("complaint_text", words),)) if words else ActionResult()


class ComplaintFormRules:
    """One question: what happened."""

    name = "validate_complaint_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:  # noqa: ARG002 - the port's shape
        return declared

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult()


class SubmitComplaint:
    """Records the complaint, says its reference, offers a person."""

    name = "action_submit_complaint"

    async def run(self, context: ActionContext) -> ActionResult:
        words = context.tracker.slots["complaint_text"]
        if not words:
            return ActionResult()
        said = context.say("utter_complaint_recorded", buttons=(person_button(context),))
        effect = Effect("record_complaint", {"words": words})
        return ActionResult(events=(*cleared(FORM), offer("person")), messages=(said,), effects=(effect,))
