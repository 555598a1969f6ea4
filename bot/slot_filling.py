"""Fills slots from the latest customer message by the mappings of the domain (Rasa 3.6's ActionExtractSlots)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import BotSaid, DialogueEvent, SlotSet, UserSaid
from bot.project.types import Place, Slot, SlotMapping
from bot.tracker import Tracker

VALIDATE = "action_validate_slot_mappings"


@dataclass
class Extraction:
    """What a message tells: events in order, by which kind of mapping each slot was filled, and what custom actions want beside."""

    events: list[DialogueEvent] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    results: list[ActionResult] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)


async def extract_slots(context: ActionContext) -> Extraction:
    """Applies the mappings of every slot to the latest message; nothing is applied to the tracker."""
    extraction = Extraction()
    tracker, user = context.tracker, context.tracker.latest_user
    if user is None:
        return extraction
    for slot in tracker.domain.slots.values():
        for mapping in slot.mappings:
            if not mapping_holds(mapping, slot, tracker, user):
                continue
            values = mapped_values(mapping, tracker, user)
            if values:
                extraction.events.append(SlotSet(slot.name, values if slot.kind == "list" else values[-1]))
                extraction.kinds[slot.name] = mapping.kind
                break
            if mapping.kind == "custom" and mapping.action and mapping.action not in extraction.ran:
                extraction.ran.add(mapping.action)
                await _run_custom(mapping.action, context, extraction)
    await _validate(context, extraction)
    return extraction


async def _run_custom(name: str, context: ActionContext, extraction: Extraction) -> None:
    """A custom action may set slots and speak. Baton's own run once a message, fill only what no mapping has filled, and may do more."""
    own = name in context.actions
    if own and name in context.tracker.extracted_by:
        return
    context.tracker.extracted_by.add(name)
    result = await context.run(name)
    extraction.results.append(result)
    for event in result.in_order():
        if isinstance(event, SlotSet):
            if own and event.name in extraction.kinds:
                continue
            extraction.kinds[event.name] = "custom"
        elif not own and not isinstance(event, BotSaid):
            continue
        extraction.events.append(event)


async def _validate(context: ActionContext, extraction: Extraction) -> None:
    """Lets the project's own check of slots, where it has one, overrule them."""
    if VALIDATE not in context.tracker.domain.actions:
        return
    trial = context.tracker.copy()
    slots = [e for e in extraction.events if isinstance(e, SlotSet)]
    trial.apply(*slots)
    result = await replace(context, tracker=trial).run(VALIDATE)
    extraction.results.append(result)
    checked = [e for e in result.in_order() if isinstance(e, SlotSet | BotSaid)]
    known = {e.name for e in checked if isinstance(e, SlotSet)}
    extraction.events = [*checked, *(e for e in slots if e.name not in known)]


def mapping_holds(mapping: SlotMapping, slot: Slot, tracker: Tracker, user: UserSaid) -> bool:
    """Whether intent, form and open question allow this mapping now."""
    if not _intent_allows(mapping, tracker, user):
        return False
    if mapping.conditions and mapping.kind != "from_trigger_intent" and not _conditions_hold(mapping, slot, tracker):
        return False
    return mapping.kind != "from_entity" or _entity_is_meant(mapping, slot, tracker)


def _intent_allows(mapping: SlotMapping, tracker: Tracker, user: UserSaid) -> bool:
    names = {user.intent, user.full_intent}
    if mapping.intents:
        return bool(names & set(mapping.intents))
    refused = set(mapping.not_intents)
    form = tracker.domain.forms.get(tracker.loop_name or "")
    if form and (not mapping.conditions or any(c.active_loop == form.name for c in mapping.conditions)):
        refused |= set(form.ignored_intents)
    return not names & refused


def _conditions_hold(mapping: SlotMapping, slot: Slot, tracker: Tracker) -> bool:
    if tracker.loop and tracker.loop.rejected and tracker.requested_slot == slot.name:
        return False
    return any(
        c.active_loop == tracker.loop_name and (c.active_loop is None or c.requested_slot in (None, tracker.requested_slot))
        for c in mapping.conditions
    )


def _entity_is_meant(mapping: SlotMapping, slot: Slot, tracker: Tracker) -> bool:
    """In a form, an entity that could fill several of its slots fills only the one that was asked for."""
    form = tracker.domain.forms.get(tracker.loop_name or "")
    if form is None or slot.name not in form.required_slots or tracker.requested_slot == slot.name:
        return True
    bare = _bare(mapping)
    alike = [m for name in form.required_slots for m in tracker.domain.slots[name].mappings if m.kind == "from_entity" and _bare(m) == bare]
    return len(alike) == 1


def _bare(mapping: SlotMapping) -> SlotMapping:
    return replace(mapping, place=Place("", 0))


def mapped_values(mapping: SlotMapping, tracker: Tracker, user: UserSaid) -> list[Any]:
    """The values that the mapping takes from the message; empty when it has none."""
    if mapping.kind == "from_text":
        return [user.text] if user.text else []
    if mapping.kind == "from_intent":
        return [mapping.value]
    if mapping.kind == "from_trigger_intent":
        return [mapping.value] if _triggers(mapping.conditions, tracker) else []
    if mapping.kind != "from_entity":
        return []
    wanted = (mapping.entity, mapping.role, mapping.group)
    return [e.value for e in user.entities if (e.name, e.role, e.group) == wanted]


def _triggers(conditions: Iterable[Any], tracker: Tracker) -> bool:
    loops = [c.active_loop for c in conditions]
    return tracker.loop_name is not None and (not loops or tracker.loop_name in loops)
