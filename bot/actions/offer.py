"""What the bot has just offered, so that a plain "yes" means it. Forgotten with the next message that is neither yes nor no."""

from __future__ import annotations

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet

OFFERED = "offered"


def offer(what: str) -> SlotSet:
    """The event that notes an offer: a value of the slot `offered`, for which a rule says what follows a yes."""
    return SlotSet(OFFERED, what)


class ExtractOffer:
    """Custom mapping of the slot `offered`: only a yes or no right after it answers an offer."""

    name = "action_extract_offer"

    async def run(self, context: ActionContext) -> ActionResult:
        user, tracker = context.tracker.latest_user, context.tracker
        if tracker.slots.get(OFFERED) is None:
            return ActionResult()
        answers = user is not None and user.intent in ("affirm", "deny") and tracker.loop is None
        return ActionResult() if answers else ActionResult(events=(SlotSet(OFFERED, None),))
