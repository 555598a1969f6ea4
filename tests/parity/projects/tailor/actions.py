"""A tailor with a fallback of its own and two forms."""

from __future__ import annotations

from typing import Any

from tests.parity.sdk import Result, Tracker, event, slot, validate_form


def action_default_fallback(tracker: Tracker) -> Result:
    """Does not understand, and takes the message back."""
    return [event("rewind")], [{"text": f"I only sew. ({tracker['active_loop'].get('name')})"}]


def action_ask_letters(tracker: Tracker) -> Result:
    """Asks and sets a slot besides."""
    return [slot("cloth", tracker["slots"]["cloth"] or "linen")], [{"text": "Which letters?"}]


def action_ask_cloth(tracker: Tracker) -> Result:
    """Asks although there is a response of the same name."""
    return [], [{"text": f"Which cloth, for {tracker['active_loop'].get('name')}?"}]


def validate_shirt_form(tracker: Tracker) -> Result:
    """Letters are capitals; the message of a customer who says stop ends the form."""

    def letters(value: Any) -> dict[str, Any]:
        return {"letters": str(value).upper() if len(str(value)) <= 3 else None, "cloth": "silk"}

    events = validate_form(tracker, ["colour", "sleeves", "letters"], checks={"letters": letters})
    if tracker["latest_message"].get("text") == "stop":
        events.append(event("active_loop", name=None))
    return events, []
