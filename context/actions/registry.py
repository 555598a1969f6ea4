"""The one table of actions, and how an effect becomes one. A new action is one file and one line here."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from context.actions.cancel_order import CANCEL_ORDER
from context.actions.change_address import CHANGE_ADDRESS
from context.actions.gift_card_try import NOTE_GIFT_CARD_TRY
from context.actions.order_seen import ORDER_SEEN
from context.actions.order_try import NOTE_ORDER_TRY
from context.actions.record_complaint import RECORD_COMPLAINT
from context.actions.record_feedback import RECORD_FEEDBACK
from context.actions.report_problem import REPORT_PROBLEM
from context.actions.request_invoice import REQUEST_INVOICE
from context.actions.request_return import REQUEST_RETURN
from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.events import ActionFailed
from context.types import Effect
from kit.errors import BatonError, InvalidInputError

ACTIONS: dict[str, Action[Any]] = {
    action.name: action
    for action in (
        REQUEST_RETURN,
        NOTE_ORDER_TRY,
        ORDER_SEEN,
        REPORT_PROBLEM,
        CANCEL_ORDER,
        CHANGE_ADDRESS,
        REQUEST_INVOICE,
        RECORD_COMPLAINT,
        RECORD_FEEDBACK,
        NOTE_GIFT_CARD_TRY,
    )
}


async def perform(context: ActionContext, effect: Effect) -> ActionResult:
    """Carries out an effect within the context's transaction; commits nothing and appends no events.

    Raises InvalidInputError on an unknown action or wrong arguments, ActionRefusedError when the rules of the shop forbid it.
    """
    action = ACTIONS.get(effect.name)
    if action is None:
        raise InvalidInputError(f"There is no action {effect.name!r}", hint=f"There are: {', '.join(sorted(ACTIONS))}.")
    return await action.run(context, _arguments(action, effect))


def failure(context: ActionContext, effect: Effect, error: BatonError) -> ActionFailed:
    """The event for an effect that `perform` refused."""
    reason = error.reason if isinstance(error, ActionRefusedError) else error.code
    return ActionFailed(effect.name, context.key, reason)


def _arguments(action: Action[Any], effect: Effect) -> Any:
    try:
        return TypeAdapter(action.arguments).validate_python(effect.arguments)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors(include_input=False))
        raise InvalidInputError(f"The arguments of {effect.name} are wrong: {wrong}") from None
