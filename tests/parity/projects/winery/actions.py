"""A winery that reminds of its barrels."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from tests.parity.sdk import Event, Result, Tracker, event


def _due(tracker: Tracker, seconds: int) -> str:
    now = datetime.fromtimestamp(tracker["latest_event_time"], timezone.utc)  # noqa: UP017 - runs under Python 3.10 too
    return (now + timedelta(seconds=seconds)).isoformat()


def _reminder(tracker: Tracker, seconds: int, intent: str, name: str, **more: Any) -> Event:
    given = {"entities": None, "kill_on_user_msg": True, **more}
    return event("reminder", intent=intent, name=name, date_time=_due(tracker, seconds), **given)


def action_remind(tracker: Tracker) -> Result:
    """In ten minutes, unless the customer writes before."""
    return [_reminder(tracker, 600, "EXTERNAL_ripe", "ripe", entities={"barrel": "seven"})], [{"text": "I will tell you."}]


def action_remind_stubborn(tracker: Tracker) -> Result:
    """In ten minutes, whatever happens."""
    entities = [{"entity": "barrel", "value": "nine"}]
    return [_reminder(tracker, 600, "EXTERNAL_ripe", "stubborn", entities=entities, kill_on_user_msg=False)], []


def action_remind_twice(tracker: Tracker) -> Result:
    """Two names, and the first once more, which replaces it."""
    return [
        _reminder(tracker, 100, "EXTERNAL_ripe", "a", kill_on_user_msg=False),
        _reminder(tracker, 50, "EXTERNAL_rain", "b", kill_on_user_msg=False),
        _reminder(tracker, 200, "EXTERNAL_ripe", "a", kill_on_user_msg=False),
    ], []


def action_cancel(tracker: Tracker) -> Result:
    """Cancels by name."""
    return [event("cancel_reminder", name="a", intent=None, entities=None)], []


def action_cancel_all(tracker: Tracker) -> Result:
    """Cancels by nothing, which means all."""
    return [event("cancel_reminder", name=None, intent=None, entities=None)], []
