"""Passing the baton to a person, and saying what happens next."""

from __future__ import annotations

from datetime import timedelta

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import LoopActive, SlotSet
from bot.project.types import REQUESTED_SLOT
from bot.repair import phrases
from bot.repair.settled import is_asked_first
from context.types import Button, Content, HandoffReason, HandoffRequest

ANGRY_URGENCY = 2
PERSON_INTENT = "talk_to_human"


def hand_off(
    context: ActionContext,
    reason: HandoffReason,
    *,
    urgency: int = 0,
    response: str | None = None,
    abstained: tuple[str, ...] = (),
) -> ActionResult:
    """A handoff: `response` first, when given, then what happens next, by the hour.

    Where a person has just handed back what was theirs for the same reason, the customer is asked whether they need one again.
    """
    if is_asked_first(context.tracker.memory, reason):
        seen_to = phrases.say(context, "utter_repair_seen_to", buttons=person_buttons(context))
        return ActionResult(
            events=(LoopActive(None), SlotSet(REQUESTED_SLOT, None)), messages=(seen_to,), notes={"asked_first": str(reason)}
        )
    following = context.say("utter_handoff_open" if people_are_there(context) else "utter_handoff_closed")
    if response:
        following = Content(f"{context.say(response).text}\n{following.text}")
    urgency = max(urgency, 1 if context.message.understanding.sentiment.urgent else 0)
    return ActionResult(messages=(following,), handoff=HandoffRequest(reason, urgency), abstained=abstained)


def people_are_there(context: ActionContext) -> bool:
    """Whether it is within the hours of customer service (`service_hours` in the settings; none means always)."""
    hours = context.setting("service_hours", None)
    if not hours:
        return True
    local = context.turn.now + timedelta(hours=hours["utc_offset"]) - (context.turn.now.utcoffset() or timedelta())
    days = tuple(hours["weekdays"])
    return local.isoweekday() in days and hours["from"] <= local.strftime("%H:%M") < hours["to"]


def person_button(context: ActionContext) -> Button:
    """Offers a person."""
    return Button(context.word("utter_button_person", "Talk to a person"), f"/{PERSON_INTENT}")


def person_buttons(context: ActionContext) -> tuple[Button, ...]:
    """The same, where the project knows the intent that it sends."""
    return (person_button(context),) if PERSON_INTENT in context.project.domain.intents else ()


class HandOff:
    """The customer asked for a person."""

    name = "action_handoff"

    async def run(self, context: ActionContext) -> ActionResult:
        return hand_off(context, HandoffReason.CUSTOMER_ASKED)


class AngryHandOff:
    """The customer is angry: an apology, and a person at once."""

    name = "action_handoff_angry"

    async def run(self, context: ActionContext) -> ActionResult:
        return hand_off(context, HandoffReason.ANGRY, urgency=ANGRY_URGENCY, response="utter_apology")
