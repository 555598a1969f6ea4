"""A clinic: slots read by actions, and every slot checked whatever form is active."""

from __future__ import annotations

from tests.parity.sdk import Result, Tracker, event, latest_text, new_slots, slot


def action_validate_slot_mappings(tracker: Tracker) -> Result:
    """Refuses an impossible age, tidies a phone; says so."""
    events, responses = [], []
    for name, value in new_slots(tracker).items():
        if name == "age" and float(value) > 120:
            events.append(slot("age", None))
            responses.append({"text": "Nobody is that old."})
        elif name == "phone" and value is not None:
            digits = "".join(c for c in str(value) if c.isdigit())
            events.append(slot("phone", digits or None))
    return events, responses


def action_read_complaint(tracker: Tracker) -> Result:
    """Reads what hurts and how much; one call fills two slots."""
    text = latest_text(tracker)
    hurts = [part for part in ("head", "knee") if part in text]
    events = [slot("complaint", hurts)] if hurts else []
    if "very" in text:
        events.append(slot("pain", "high"))
        events.append(event("followup", name="utter_bye"))
    return events, [{"text": "Ouch."}] if "knee" in text else []


def action_clear(tracker: Tracker) -> Result:
    """Sets every slot back."""
    return [event("reset_slots"), slot("mood", "new")], []
