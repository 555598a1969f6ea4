"""A hostel that starts its sessions itself."""

from __future__ import annotations

from tests.parity.sdk import Result, Tracker, event, slot


def action_session_start(tracker: Tracker) -> Result:
    """Greets, and gives a first bed in place of what was carried."""
    meta = tracker["slots"].get("session_started_metadata") or {}
    events = [
        event("session_started"),
        slot("bed", meta.get("bed", "any")),
        event("action", name="action_listen", policy=None, confidence=None),
    ]
    return events, [{"text": "A new guest."}]
