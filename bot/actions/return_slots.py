"""The slots of a return."""

from __future__ import annotations

from bot.dialogue_events import SlotSet

RETURN_SLOTS = ("return_item", "return_reason", "return_wish", "return_confirmed")


def cleared_return() -> tuple[SlotSet, ...]:
    """Events that forget the return that was being prepared."""
    return tuple(SlotSet(name, None) for name in RETURN_SLOTS)
