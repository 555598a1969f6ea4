"""An airport with one action."""

from __future__ import annotations

from tests.parity.sdk import Result, Tracker, slot


def action_board(tracker: Tracker) -> Result:
    """Lets nobody board twice."""
    return [slot("size", "big")], [{"text": f"Boarding from {tracker['slots']['origin']}.", "image": ""}]
