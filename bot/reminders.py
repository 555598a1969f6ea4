"""Reminders that actions set: which are due, which are still to come (Rasa 3.6's ReminderScheduled)."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.dialogue_events import ReminderCancelled, ReminderSet, Restarted, UserSaid
from bot.tracker import Tracker

RUNG = "rung"


def pending_reminders(tracker: Tracker) -> list[tuple[datetime, ReminderSet]]:
    """The reminders that may still ring, the earliest first; a later one of the same name replaces an earlier one."""
    waiting: dict[str, ReminderSet] = {}
    for event in tracker.events:
        if isinstance(event, ReminderSet):
            waiting[event.name] = event
        elif isinstance(event, ReminderCancelled):
            waiting = {n: r for n, r in waiting.items() if not _cancels(event, r)}
        elif isinstance(event, UserSaid):
            waiting = {n: r for n, r in waiting.items() if not r.kill_on_user_message}
        elif isinstance(event, Restarted):
            waiting = {}
    rung = set(tracker.memory.get(RUNG, ()))
    return sorted(((_time(r), r) for r in waiting.values() if mark(r) not in rung), key=lambda pair: (pair[0], pair[1].name))


def mark(reminder: ReminderSet) -> str:
    """What names a reminder that has rung."""
    return f"{reminder.name} {reminder.at}"


def _cancels(cancelled: ReminderCancelled, reminder: ReminderSet) -> bool:
    by_name = cancelled.name in (None, reminder.name)
    return by_name and cancelled.intent in (None, reminder.intent)


def _time(reminder: ReminderSet) -> datetime:
    try:
        at = datetime.fromisoformat(reminder.at)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
