"""Default actions of Rasa that Baton's own bot has a way of its own for (the others are in bot/default_actions.py)."""

from __future__ import annotations

from bot.actions.failing import failed_understanding
from bot.actions.port import ActionContext, ActionResult


class DefaultFallback:
    """Nothing fits: says `utter_default`."""

    name = "action_default_fallback"

    async def run(self, context: ActionContext) -> ActionResult:
        said = (context.say("utter_default"),) if context.project.has_response("utter_default") else ()
        return failed_understanding(context, "not_understood", messages=said)
