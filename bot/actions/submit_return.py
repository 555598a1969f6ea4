"""The return is confirmed: asks for it to be stored and says the reference."""

from __future__ import annotations

from bot.actions.flow_slots import cleared
from bot.actions.port import ActionContext, ActionResult
from context.types import Effect


class SubmitReturn:
    """Follows the return form; does nothing when the form ended without a confirmation."""

    name = "action_submit_return"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["return_confirmed"] is not True:
            return ActionResult()
        arguments = {
            "order_number": slots["order_number"],
            "item": slots["return_item"],
            "reason": slots["return_reason"],
            "wish": slots["return_wish"],
        }
        said = context.say(f"utter_return_requested_{slots['return_wish']}")
        return ActionResult(events=cleared("return_form"), messages=(said,), effects=(Effect("request_return", arguments),))
