"""The default actions of Rasa that change the talk."""

from __future__ import annotations

from bot.actions.failing import failed_understanding
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import LoopActive, Restarted, SessionStarted, SlotSet
from bot.project.types import REQUESTED_SLOT


class DefaultFallback:
    """Nothing fits: says `utter_default`."""

    name = "action_default_fallback"

    async def run(self, context: ActionContext) -> ActionResult:
        said = (context.say("utter_default"),) if context.project.has_response("utter_default") else ()
        return failed_understanding(context, "not_understood", messages=said)


class DeactivateLoop:
    """Ends the running form."""

    name = "action_deactivate_loop"

    async def run(self, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult(events=(LoopActive(None), SlotSet(REQUESTED_SLOT, None)))


class Restart:
    """Forgets everything."""

    name = "action_restart"

    async def run(self, context: ActionContext) -> ActionResult:
        said = (context.say("utter_restart"),) if context.project.has_response("utter_restart") else ()
        return ActionResult(events=(Restarted(),), messages=said)


class SessionStart:
    """Begins a new session; slots stay."""

    name = "action_session_start"

    async def run(self, context: ActionContext) -> ActionResult:  # noqa: ARG002 - the port's shape
        return ActionResult(events=(SessionStarted(),))
