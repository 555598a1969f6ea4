"""A lake with a fallback of its own."""

from __future__ import annotations

from tests.parity.sdk import Result, Tracker


def action_shrug(tracker: Tracker) -> Result:
    """Shrugs and leaves the talk as it is."""
    return [], [{"text": "The lake is silent."}]
