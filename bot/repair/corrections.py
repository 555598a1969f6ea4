"""Correcting an earlier answer: "no, LC-2", "not LC-1, LC-2", "I meant exchange".

The slot is filled anew, the customer is told so, and the form goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.actions.port import ActionContext
from bot.dialogue_events import DialogueEvent, FoundEntity, SlotSet, UserSaid
from bot.project.types import NLU_FALLBACK, REQUESTED_SLOT, Form
from bot.repair.words import NEGATED, could_be_value, meant_instead
from bot.slot_filling import extract_slots

FREE_KINDS = {"from_text"}


def without_negated(user: UserSaid) -> UserSaid:
    """The message without the values that it says are not meant, when another of their kind is left: "not LC-1, LC-2"."""
    negated = [e for e in user.entities if e.end and NEGATED.search(user.text[: e.start])]
    left = [e for e in user.entities if e not in negated]
    dropped = [e for e in negated if any(o.name == e.name and o.role == e.role for o in left)]
    return replace(user, entities=tuple(e for e in user.entities if e not in dropped)) if dropped else user


@dataclass(frozen=True)
class Correction:
    """Slots whose earlier answer changes, and the events that change them (none when the message did it by itself)."""

    slots: tuple[str, ...] = ()
    events: tuple[DialogueEvent, ...] = ()


async def find_correction(form: Form, context: ActionContext, *, before: Mapping[str, Any], answered: bool) -> Correction:
    """What the latest message changes of what `form` was told before; `before` are the slots as they were before it.

    `answered`: the message answers the open question, so that nothing else is looked for in it.
    """
    tracker = context.tracker
    changed = [n for n in form.required_slots if _is_other(tracker.slots.get(n), before.get(n))]
    if changed:
        return Correction(tuple(changed))
    user = tracker.latest_user
    meant = meant_instead(user.text) if user and not user.text.startswith("/") else None
    if answered or user is None or meant is None or not meant[0] or _reads_elsewhere(context):
        return Correction()
    told = [n for n in form.required_slots if before.get(n) is not None and n != tracker.requested_slot]
    for place, name in enumerate(reversed(told)):
        events = await _as_answer_to(name, meant[0], context)
        value = events.get(name)
        free = name in events and _is_free(name, value, meant[0], context)
        newest = place == 0 and (meant[1] or (_asks_yes(context) and could_be_value(meant[0])))
        if _is_other(value, before.get(name)) and (not free or newest):
            return Correction((name,), tuple(SlotSet(n, v) for n, v in events.items() if n in form.required_slots))
    return Correction()


def _reads_elsewhere(context: ActionContext) -> bool:
    """Whether an action server reads answers: it is not asked to read one twice."""
    mappings = (m for slot in context.tracker.domain.slots.values() for m in slot.mappings)
    return any(m.kind == "custom" and m.action and m.action not in context.actions for m in mappings)


def _asks_yes(context: ActionContext) -> bool:
    """Whether a yes or no was asked for: then "no, Acme" changes the answer before it."""
    slot = context.tracker.domain.slots.get(context.tracker.requested_slot or "")
    return slot is not None and slot.kind == "bool"


def _is_other(value: Any, before: Any) -> bool:
    return before is not None and value is not None and value != before


def _is_free(name: str, value: Any, words: str, context: ActionContext) -> bool:
    """Whether any words at all would have been taken for this slot."""
    slot = context.tracker.domain.slots[name]
    return value == words or any(m.kind in FREE_KINDS for m in slot.mappings)


async def _as_answer_to(slot: str, words: str, context: ActionContext) -> dict[str, Any]:
    """The slots that the words would fill if the form had just asked for `slot`."""
    trial = context.tracker.copy()
    trial.apply(SlotSet(REQUESTED_SLOT, slot))
    trial.extracted_by = set()
    user = trial.latest_user
    assert user is not None
    repair = context.project.config.repair
    if user.intent in (*repair.yes, *repair.no):
        user = replace(user, intent=NLU_FALLBACK, full_intent=NLU_FALLBACK)
    trial.latest_user = replace(user, text=words, entities=_moved(user.entities, user.text.find(words)))
    extraction = await extract_slots(replace(context, tracker=trial))
    return {e.name: e.value for e in extraction.events if isinstance(e, SlotSet) and e.name != REQUESTED_SLOT}


def _moved(entities: tuple[FoundEntity, ...], offset: int) -> tuple[FoundEntity, ...]:
    return tuple(replace(e, start=e.start - offset, end=e.end - offset) if e.start >= offset else e for e in entities)


def reopened_slot(form: Form, user: UserSaid, slots: Mapping[str, Any], before: Mapping[str, Any]) -> str | None:
    """The slot of a form that has just ended which a correction ("no, LC-2") fills anew; None when it is none."""
    if not user.entities or meant_instead(user.text) is None:
        return None
    return next((n for n in form.required_slots if _is_other(slots.get(n), before.get(n))), None)
