"""A talk as an end-to-end test story of Rasa 3."""

from __future__ import annotations

import json
from typing import Any

import yaml

from bot.dialogue_events import ActionRan, DialogueEvent, LoopActive, SlotSet, UserSaid
from bot.project.types import LISTEN, REQUESTED_SLOT
from bot.tracker import Tracker


def tracker_as_story(tracker: Tracker, *, name: str) -> str:
    """The YAML of the story: what was said, with intents and entities, what was done, slots and forms; not what was taken back."""
    steps = [step for event in tracker.applied() if (step := _step(event)) is not None]
    story = {"version": "3.1", "stories": [{"story": name, "steps": steps}]}
    return yaml.safe_dump(story, allow_unicode=True, sort_keys=False, width=1000)


def _step(event: DialogueEvent) -> dict[str, Any] | None:
    if isinstance(event, UserSaid):
        return {"user": _annotated(event), "intent": event.full_intent}
    if isinstance(event, ActionRan) and event.name not in (LISTEN, "action_session_start"):
        return {"action": event.name}
    if isinstance(event, SlotSet) and event.name != REQUESTED_SLOT:
        return {"slot_was_set": [{event.name: event.value}]}
    return {"active_loop": event.name} if isinstance(event, LoopActive) else None


def _annotated(said: UserSaid) -> str:
    text, marked = said.text, sorted((e for e in said.entities if e.end > e.start), key=lambda e: e.start, reverse=True)
    before = len(text)
    for entity in marked:
        if entity.end > before:
            continue
        known = {"entity": entity.name, "value": entity.value, "role": entity.role, "group": entity.group}
        mark = json.dumps({k: v for k, v in known.items() if v is not None}, ensure_ascii=False)
        text = f"{text[: entity.start]}[{text[entity.start : entity.end]}]{mark}{text[entity.end :]}"
        before = entity.start
    return text
