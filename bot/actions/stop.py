"""The customer wants to stop what is going on."""

from __future__ import annotations

from bot.actions.flow_slots import cleared
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import LoopActive, SlotSet
from bot.project.types import REQUESTED_SLOT


class Stop:
    """Ends the running form with a sentence; an order that was shown stays known."""

    name = "action_stop"

    async def run(self, context: ActionContext) -> ActionResult:
        if context.tracker.loop is None:
            return ActionResult(messages=(context.say("utter_nothing_to_stop"),))
        said = context.say("utter_stopped")
        return ActionResult(events=(LoopActive(None), SlotSet(REQUESTED_SLOT, None), *cleared(context.tracker.loop_name)), messages=(said,))
