"""Events of both engines in one normal form: Rasa's kinds and fields, without times, ids and metadata."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

SILENT = ("user_featurization", "entities")
"""Kinds that only feed Rasa's learned policies."""
BOT_DATA = ("buttons", "quick_replies", "elements", "image", "attachment", "custom")


def normal_event(event: dict[str, Any]) -> dict[str, Any] | None:
    """The normal form of an event in Rasa's JSON; None for a kind that does not count.

    A cancelled reminder is only its kind: Rasa's JSON of it says no more.
    """
    kind = event["event"]
    if kind in SILENT:
        return None
    shape = SHAPES.get(kind)
    return {"event": kind, **(shape(event) if shape else {})}


def _user(event: dict[str, Any]) -> dict[str, Any]:
    parse = event.get("parse_data") or {}
    intent = parse.get("intent") or {}
    entities = [_given(e, "entity", "value", "role", "group") for e in parse.get("entities") or []]
    user = {"text": event.get("text"), "intent": intent.get("full_retrieval_intent_name") or intent.get("name")}
    return {**user, "entities": entities} if entities else user


def _bot(event: dict[str, Any]) -> dict[str, Any]:
    data = {k: v for k, v in (event.get("data") or {}).items() if k in BOT_DATA and v}
    if data.get("attachment") == data.get("image"):
        data.pop("attachment", None)  # Rasa repeats an image as an attachment for its oldest channels
    return {"text": (event.get("text") or "").strip(), **data}


def _action(event: dict[str, Any]) -> dict[str, Any]:
    return {"name": event.get("name") or event.get("action_text"), "policy": event.get("policy")}


def _reminder(event: dict[str, Any]) -> dict[str, Any]:
    due = datetime.fromisoformat(event["date_time"]).timestamp()
    after = round(due - event["timestamp"])
    entities = event.get("entities") or []
    if isinstance(entities, dict):  # the short way to write them
        entities = [{"entity": n, "value": v} for n, v in entities.items()]
    return {**_given(event, "intent", "kill_on_user_msg"), "entities": entities, "after": after}


def _given(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {n: event[n] for n in names if event.get(n) not in (None, [], {})}


SHAPES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "user": _user,
    "bot": _bot,
    "action": _action,
    "slot": lambda e: {"name": e["name"], "value": e.get("value")},
    "active_loop": lambda e: {"name": e.get("name")},
    "loop_interrupted": lambda e: {"is_loop_interrupted": bool(e.get("is_loop_interrupted", True))},
    "action_execution_rejected": _action,
    "followup": lambda e: {"name": e["name"]},
    "reminder": _reminder,
    "agent": lambda e: {"text": e.get("text")},
}
