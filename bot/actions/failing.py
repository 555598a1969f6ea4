"""A customer who was not helped: the second time in a row a person takes over."""

from __future__ import annotations

from bot.actions.hand_off import hand_off
from bot.actions.port import ActionContext, ActionResult
from context.types import Content, HandoffReason

MOST_FAILURES = 2


def failed_understanding(
    context: ActionContext, reason: str, *, messages: tuple[Content, ...], abstained: tuple[str, ...] = ()
) -> ActionResult:
    """`messages` the first time, a handoff with `reason` (not_understood or no_knowledge) the second time in a row.

    The same words to the same question of a form hand off too, whatever lay between.
    """
    tracker = context.tracker
    said = tracker.latest_user.text.strip().casefold() if tracker.latest_user else ""
    unclear = [tracker.requested_slot, said]
    again = tracker.loop is not None and tracker.memory.get("unclear") == unclear
    if again or tracker.memory.get("failed", 0) + 1 >= MOST_FAILURES:
        return hand_off(context, HandoffReason(reason), response="utter_handoff_not_understood", abstained=abstained)
    if tracker.loop:
        tracker.memory["unclear"] = unclear
    return ActionResult(messages=messages, failed=reason, abstained=abstained)
