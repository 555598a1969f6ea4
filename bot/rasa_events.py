"""Reads events in Rasa's JSON, as rasa-sdk's action servers return them and Rasa's HTTP API takes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    BotSaid,
    DialogueEvent,
    Followup,
    FoundEntity,
    LoopActive,
    LoopInterrupted,
    Paused,
    ReminderCancelled,
    ReminderSet,
    Restarted,
    Resumed,
    Rewound,
    SessionStarted,
    SlotSet,
    SlotsReset,
    Undone,
    UserSaid,
)
from bot.project.types import LISTEN
from kit.errors import InvalidInputError


class RasaEventError(InvalidInputError):
    """An event in Rasa's form cannot be read."""


def event_from_rasa_json(data: Any) -> DialogueEvent | None:
    """The event of its JSON by rasa-sdk or Rasa; None for kinds that change nothing here. Raises RasaEventError."""
    if not isinstance(data, Mapping) or not isinstance(data.get("event"), str):
        raise RasaEventError("An event must be an object with the field `event`")
    kind = data["event"]
    if kind in _IGNORED:
        return None
    reader = _READERS.get(kind)
    if reader is None:
        raise RasaEventError(f"There is no event kind {kind[:40]!r}")
    return reader(data)


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise RasaEventError(f"The event {data['event']!r} needs a text as `{key}`")
    return value


def _optional_text(data: Mapping[str, Any], key: str) -> str | None:
    return None if data.get(key) is None else _text(data, key)


def _slot(data: Mapping[str, Any]) -> SlotSet:
    value = data.get("value")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise RasaEventError("The value of a slot must be JSON") from None
    return SlotSet(_text(data, "name"), value)


def _user(data: Mapping[str, Any]) -> UserSaid:
    parsed = data.get("parse_data") or {}
    if not isinstance(parsed, Mapping):
        raise RasaEventError("`parse_data` of a user event must be an object")
    intent = parsed.get("intent") or {}
    if not isinstance(intent, Mapping):
        raise RasaEventError("`intent` of a user event must be an object")
    full = str(intent.get("full_retrieval_intent_name") or intent.get("name") or "nlu_fallback")
    text, at = data.get("text") or "", data.get("timestamp")
    return UserSaid(
        str(text),
        full.split("/", 1)[0],
        full,
        _number(intent.get("confidence"), default=1.0),
        _entities(parsed.get("entities")),
        at=_number(at, default=0.0),
    )


def _number(value: Any, *, default: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def _entities(value: Any) -> tuple[FoundEntity, ...]:
    if value is None:
        return ()
    if isinstance(value, Mapping):  # reminders may give them as {name: value}
        value = [{"entity": k, "value": v} for k, v in value.items()]
    if not isinstance(value, list) or not all(isinstance(e, Mapping) and isinstance(e.get("entity"), str) for e in value):
        raise RasaEventError("`entities` must be a list of objects with `entity` and `value`")
    return tuple(
        FoundEntity(
            e["entity"],
            e.get("value"),
            str(e.get("value")),
            e.get("role"),
            e.get("group"),
            int(_number(e.get("start"), default=0.0)),
            int(_number(e.get("end"), default=0.0)),
        )
        for e in value
    )


def _reminder(data: Mapping[str, Any]) -> ReminderSet:
    intent, at = _text(data, "intent"), _text(data, "date_time")
    try:
        datetime.fromisoformat(at)
    except ValueError:
        raise RasaEventError(f"`date_time` of a reminder is {at[:40]!r}, not a moment in ISO 8601") from None
    name = _optional_text(data, "name") or f"{intent} {at}"
    return ReminderSet(intent, at, name, _entities(data.get("entities")), data.get("kill_on_user_msg", True) is not False)


def _bot(data: Mapping[str, Any]) -> BotSaid:
    text = data.get("text")
    return BotSaid(text if isinstance(text, str) else "")


def _action(data: Mapping[str, Any]) -> ActionRan:
    name = data.get("name") or data.get("action_text") or LISTEN
    return ActionRan(str(name), str(data.get("policy") or ""), data.get("hide_rule_turn") is True)


_IGNORED = frozenset({"entities", "user_featurization", "export", "agent"})
_READERS: dict[str, Callable[[Mapping[str, Any]], DialogueEvent]] = {
    "slot": _slot,
    "reset_slots": lambda _: SlotsReset(),
    "followup": lambda data: Followup(_text(data, "name")),
    "active_loop": lambda data: LoopActive(_optional_text(data, "name")),
    "form": lambda data: LoopActive(_optional_text(data, "name")),
    "loop_interrupted": lambda data: LoopInterrupted(data.get("is_interrupted") is True),
    "form_validation": lambda data: LoopInterrupted(data.get("validate") is False),
    "action_execution_rejected": lambda data: ActionRejected(_text(data, "name")),
    "restart": lambda _: Restarted(),
    "session_started": lambda _: SessionStarted(),
    "pause": lambda _: Paused(),
    "resume": lambda _: Resumed(),
    "rewind": lambda _: Rewound(),
    "undo": lambda _: Undone(),
    "reminder": _reminder,
    "cancel_reminder": lambda data: ReminderCancelled(_optional_text(data, "name"), _optional_text(data, "intent")),
    "user": _user,
    "bot": _bot,
    "action": _action,
}
