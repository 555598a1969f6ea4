"""One slot of the domain with its mappings."""

from __future__ import annotations

from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, refuse_unknown
from bot.project.problems import report
from bot.project.types import MappingCondition, Place, ProjectError, Slot, SlotMapping

SLOT_KINDS = ("text", "bool", "categorical", "float", "list", "any")
SLOT_KEYS = ("type", "influence_conversation", "initial_value", "values", "min_value", "max_value", "mappings", "value_reset_delay")
OLD_SLOT_KEYS = ("auto_fill",)
MAPPING_KINDS = ("from_entity", "from_intent", "from_text", "from_trigger_intent", "custom")
MAPPING_KEYS = ("type", "entity", "role", "group", "intent", "not_intent", "value", "action", "conditions")


def parse_slot(name: str, value: Any, place: Place, *, old_format: bool = False) -> Slot:
    """A slot from its entry; `old_format` is that of version 2.0. Raises ProjectError."""
    data = expect_mapping(value, place, f"slot {name!r}")
    refuse_unknown(data, (*SLOT_KEYS, *(OLD_SLOT_KEYS if old_format else ())), f"slot {name!r}")
    kind = data.get("type")
    if old_format and kind == "unfeaturized":
        kind = "any"
    if kind not in SLOT_KINDS:
        report(ProjectError(data.at("type"), f"slot {name!r} has the type {kind!r}", remedy=f"Use one of {', '.join(SLOT_KINDS)}."))
        kind = "any"
    if kind == "categorical" and not data.get("values"):
        report(ProjectError(place, f"categorical slot {name!r} has no values", remedy="List them under `values`."))
    if kind == "any" and data.get("influence_conversation") is True:
        report(ProjectError(place, f"slot {name!r} of type any cannot influence the talk", remedy="Choose another type, or say false."))
    entries = expect_list(data.get("mappings"), data.at("mappings"), "`mappings`")
    return Slot(
        name,
        kind,
        place,
        influence=kind != "any" and data.get("influence_conversation", True) is True,
        initial=data.get("initial_value"),
        values=tuple(_spelt(v) for v in data.get("values") or [] if v is not None),
        minimum=_number(data, "min_value", 0.0),
        maximum=_number(data, "max_value", 1.0),
        mappings=tuple(parse_mapping(name, entry, entries.at(i)) for i, entry in enumerate(entries)),
    )


def _spelt(value: Any) -> str:
    return str(value).lower()


def _number(data: LinedDict, key: str, default: float) -> float:
    value = data.get(key, default)
    if isinstance(value, int | float):
        return float(value)
    report(ProjectError(data.at(key), f"`{key}` is {value!r}", remedy="Write a number."))
    return default


def parse_mapping(slot: str, value: Any, place: Place) -> SlotMapping:
    """One mapping of a slot. Raises ProjectError."""
    data = expect_mapping(value, place, f"a mapping of slot {slot!r}")
    refuse_unknown(data, MAPPING_KEYS, f"a mapping of slot {slot!r}")
    kind = data.get("type")
    if kind not in MAPPING_KINDS:
        report(
            ProjectError(data.at("type"), f"slot {slot!r} has a mapping of type {kind!r}", remedy=f"Use one of {', '.join(MAPPING_KINDS)}.")
        )
    if kind == "from_entity" and not data.get("entity"):
        report(ProjectError(place, f"a from_entity mapping of slot {slot!r} names no entity", remedy="Add `entity: name`."))
    if kind in ("from_intent", "from_trigger_intent") and "value" not in data:
        report(ProjectError(place, f"a {kind} mapping of slot {slot!r} has no value", remedy="Add `value: ...`."))
    return SlotMapping(
        str(kind),
        place,
        entity=data.get("entity"),
        role=data.get("role"),
        group=data.get("group"),
        intents=_names(data.get("intent")),
        not_intents=_names(data.get("not_intent")),
        value=data.get("value"),
        action=data.get("action"),
        conditions=_conditions(data),
    )


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)


def _conditions(data: LinedDict) -> tuple[MappingCondition, ...]:
    entries = expect_list(data.get("conditions"), data.at("conditions"), "`conditions`")
    found = []
    for index, entry in enumerate(entries):
        condition = expect_mapping(entry, entries.at(index), "a condition")
        refuse_unknown(condition, ("active_loop", "requested_slot"), "a condition")
        found.append(MappingCondition(condition.get("active_loop"), condition.get("requested_slot")))
    return tuple(found)
