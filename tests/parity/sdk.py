"""Helpers for the actions of parity projects: event JSON, and a form's validation as action servers do it.

An action is a function from the tracker (Rasa's JSON, with `domain` beside it) to (events, responses).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Tracker = dict[str, Any]
Event = dict[str, Any]
Result = tuple[list[Event], list[dict[str, Any]]]


class RejectedError(Exception):
    """The action does not want to run now; another policy may decide."""


def event(kind: str, **fields: Any) -> Event:
    """An event in Rasa's JSON."""
    return {"event": kind, "timestamp": None, **fields}


def slot(name: str, value: Any) -> Event:
    """A `SlotSet` event."""
    return event("slot", name=name, value=value)


def latest_text(tracker: Tracker) -> str:
    """What the customer wrote last."""
    return str(tracker["latest_message"].get("text") or "")


def new_slots(tracker: Tracker) -> dict[str, Any]:
    """The slots set by the events at the very end of the tracker: the candidates of a validation."""
    found: list[Event] = []
    for entry in reversed(tracker["events"]):
        if entry["event"] != "slot":
            break
        found.append(entry)
    return {e["name"]: e["value"] for e in reversed(found)}


def validate_form(
    tracker: Tracker,
    declared: list[str],
    *,
    checks: Mapping[str, Callable[[Any], dict[str, Any]]],
    required: Callable[[dict[str, Any]], list[str]] | None = None,
    extractors: Mapping[str, Callable[[Tracker], dict[str, Any]]] | None = None,
) -> list[Event]:
    """What a form's validation returns: checked slots, and the next slot to ask when `required` differs from what the domain declares.

    `checks` maps a slot to a function from its value to the slots to set; `extractors` read slots from the message first.
    """
    slots = dict(tracker["slots"])
    wanted = required(slots) if required else declared
    extracted: dict[str, Any] = {}
    for name in wanted:
        if extractors and name in extractors:
            extracted |= extractors[name](tracker)
    slots |= extracted
    candidates = {n: v for n, v in {**new_slots(tracker), **extracted}.items() if n in wanted}
    for name, value in list(candidates.items()):
        candidates |= checks[name](value) if name in checks else {}
        slots |= candidates
    events = [slot(n, v) for n, v in candidates.items()]
    following = required({**slots, **candidates}) if required else declared
    if following != declared:
        events.append(slot("requested_slot", next((n for n in following if slots.get(n) is None), None)))
    return events
