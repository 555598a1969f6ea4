"""What Baton can do for a customer, typed; used by the bot and by agents alike."""

from context.actions.registry import ACTIONS, failure, perform
from context.actions.types import ActionContext, ActionRefusedError, ActionResult

__all__ = ["ACTIONS", "ActionContext", "ActionRefusedError", "ActionResult", "failure", "perform"]
