"""Domains of version 2.0: slot mappings stood in the forms, and a slot was filled by the entity of its name.

They are brought into the form of version 3 as `rasa data migrate` of Rasa 3 does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping
from bot.project.slots import parse_mapping
from bot.project.types import MappingCondition, Place, Slot, SlotMapping


class OldFormat:
    """Collects what version 2.0 says in other places."""

    def __init__(self) -> None:
        self.slots: dict[str, bool] = {}
        self.asked: list[tuple[str, str, tuple[SlotMapping, ...]]] = []

    def note_slot(self, name: str, options: LinedDict) -> None:
        """Remembers a slot of version 2.0, and whether the entity of its name fills it."""
        self.slots[name] = options.get("auto_fill", True) is True

    def read_form(self, name: str, value: Any, place: Place) -> LinedDict:
        """A form in the shape of version 3; the mappings of its slots are remembered."""
        data = expect_mapping(value, place, f"form {name!r}")
        ignored = data.get("ignored_intents")
        asked = data["required_slots"] if "required_slots" in data else LinedDict(place)
        if "required_slots" not in data:
            for key in data:
                if key != "ignored_intents":
                    asked[key] = data[key]
                    asked.lines[key] = data.lines[key]
        if not isinstance(asked, LinedDict):
            return data
        for slot in asked:
            entries = expect_list(asked[slot], asked.at(slot), f"the mappings of slot {slot!r}")
            self.asked.append((name, slot, tuple(parse_mapping(slot, e, entries.at(i)) for i, e in enumerate(entries))))
        form = LinedDict(place)
        names = expect_list(None, place, "`required_slots`")
        for slot in asked:
            names.append(slot)
            names.lines.append(asked.lines.get(slot, place.line))
        form["required_slots"] = names
        form.lines["required_slots"] = place.line
        if ignored is not None:
            form["ignored_intents"] = ignored
            form.lines["ignored_intents"] = data.lines["ignored_intents"]
        return form

    def migrate(self, slots: dict[str, Slot], *, entities: frozenset[str]) -> tuple[dict[str, Slot], tuple[str, ...]]:
        """The slots with their mappings, and a sentence for the log about each slot that changed."""
        found, notes = dict(slots), []
        for form, name, mappings in self.asked:
            slot = found.get(name)
            if slot is None:
                continue
            conditioned = tuple(_in_form(m, form, name) for m in mappings)
            found[name] = replace(slot, mappings=_merged(slot.mappings, conditioned))
            notes.append(f"{slot.place}: the mappings of slot {name!r} were taken from form {form!r}")
        for name, fills in self.slots.items():
            slot = found[name]
            if (
                fills
                and name in entities
                and not any(m.kind == "from_entity" and m.entity == name and not m.conditions for m in slot.mappings)
            ):
                found[name] = replace(slot, mappings=(*slot.mappings, SlotMapping("from_entity", slot.place, entity=name)))
                notes.append(f"{slot.place}: slot {name!r} is filled by the entity of its name")
        return found, tuple(notes)


def _in_form(mapping: SlotMapping, form: str, slot: str) -> SlotMapping:
    asked = None if mapping.kind in ("from_entity", "from_trigger_intent") else slot
    return replace(mapping, conditions=(*mapping.conditions, MappingCondition(form, asked)))


def _merged(known: tuple[SlotMapping, ...], new: tuple[SlotMapping, ...]) -> tuple[SlotMapping, ...]:
    """The same mapping in two forms becomes one with both conditions."""
    merged = list(known)
    for mapping in new:
        twin = next((i for i, m in enumerate(merged) if _bare(m) == _bare(mapping)), None)
        if twin is None:
            merged.append(mapping)
        else:
            merged[twin] = replace(merged[twin], conditions=(*merged[twin].conditions, *mapping.conditions))
    return tuple(merged)


def _bare(mapping: SlotMapping) -> SlotMapping:
    return replace(mapping, conditions=(), place=Place("", 0))
