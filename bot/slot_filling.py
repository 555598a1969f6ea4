"""What `action_extract_slots` does after each message: fills slots from entities, intent, text or custom actions (Rasa 3's mappings)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet, UserSaid
from bot.project.types import Form, Slot, SlotMapping
from bot.tracker import Tracker


@dataclass
class Extraction:
    """The slots that a message filled, each with the kind of mapping that did it, and what custom actions said."""

    kinds: dict[str, str] = field(default_factory=dict)
    results: list[ActionResult] = field(default_factory=list)


async def extract_slots(context: ActionContext) -> Extraction:
    """Applies the mappings of every slot to the latest message; the first mapping of a slot that gives a value wins."""
    extraction = Extraction()
    tracker, user = context.tracker, context.tracker.latest_user
    if user is None:
        return extraction
    ran: set[str] = set()
    for slot in tracker.domain.slots.values():
        for mapping in slot.mappings:
            if not mapping_holds(mapping, slot, tracker, user):
                continue
            if mapping.kind == "custom":
                if mapping.action and mapping.action not in ran:
                    ran.add(mapping.action)
                    await _run_custom(mapping.action, context, extraction)
                continue
            value = mapped_value(mapping, slot, user)
            if value is not None and slot.name not in extraction.kinds:
                tracker.apply(SlotSet(slot.name, value))
                extraction.kinds[slot.name] = mapping.kind
                break
    return extraction


async def _run_custom(name: str, context: ActionContext, extraction: Extraction) -> None:
    result = await context.run(name)
    extraction.results.append(result)
    for event in result.events:
        if not isinstance(event, SlotSet):
            context.tracker.apply(event)
        elif event.name not in extraction.kinds:
            context.tracker.apply(event)
            extraction.kinds[event.name] = "custom"


def mapping_holds(mapping: SlotMapping, slot: Slot, tracker: Tracker, user: UserSaid) -> bool:
    """Whether intent, form and open question allow this mapping now."""
    if mapping.kind == "from_trigger_intent" or not _intent_allows(mapping, user):
        return False
    form = tracker.domain.forms.get(tracker.loop_name or "")
    if form and slot.name in form.required_slots and user.intent in form.ignored_intents:
        return False
    if mapping.conditions:
        return any(
            c.active_loop == tracker.loop_name and (c.requested_slot is None or c.requested_slot == tracker.requested_slot)
            for c in mapping.conditions
        )
    if mapping.kind == "from_entity":
        return _entity_is_meant(mapping, slot, tracker, form)
    return True


def _intent_allows(mapping: SlotMapping, user: UserSaid) -> bool:
    names = {user.intent, user.full_intent}
    return (not mapping.intents or bool(names & set(mapping.intents))) and not names & set(mapping.not_intents)


def _entity_is_meant(mapping: SlotMapping, slot: Slot, tracker: Tracker, form: Form | None) -> bool:
    """In a form, an entity that could fill several of its slots fills only the one that was asked for."""
    if form is None or slot.name not in form.required_slots or tracker.requested_slot == slot.name:
        return True
    wanted = (mapping.entity, mapping.role, mapping.group)
    others = [tracker.domain.slots[n] for n in form.required_slots if n != slot.name]
    return not any((m.entity, m.role, m.group) == wanted for o in others for m in o.mappings if m.kind == "from_entity")


def mapped_value(mapping: SlotMapping, slot: Slot, user: UserSaid) -> Any:
    """The value that the mapping takes from the message; None when it has none."""
    if mapping.kind == "from_text":
        return user.text or None
    if mapping.kind == "from_intent":
        return mapping.value
    values = [
        e.value for e in user.entities if e.name == mapping.entity and mapping.role in (None, e.role) and mapping.group in (None, e.group)
    ]
    if slot.kind == "list":
        return values or None
    return values[-1] if values else None


def trigger_values(form: Form, tracker: Tracker) -> list[SlotSet]:
    """What the message that started a form tells by its intent alone."""
    user = tracker.latest_user
    slots = [tracker.domain.slots[name] for name in form.required_slots]
    return [
        SlotSet(slot.name, m.value)
        for slot in slots
        for m in slot.mappings
        if user and m.kind == "from_trigger_intent" and _intent_allows(m, user)
    ]
