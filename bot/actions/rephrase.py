"""The message does not answer the form's question: says so before the form asks again."""

from __future__ import annotations

from bot.actions.failing import failed_understanding
from bot.actions.port import ActionContext, ActionResult


class Rephrase:
    """The second time in a row a person takes over."""

    name = "action_rephrase"

    async def run(self, context: ActionContext) -> ActionResult:
        return failed_understanding(context, "not_understood", messages=(context.say("utter_please_rephrase"),))
