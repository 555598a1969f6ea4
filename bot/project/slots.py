"""One slot of the domain with its mappings."""

from __future__ import annotations

from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, refuse_unknown
from bot.project.types import MappingCondition, Place, ProjectError, Slot, SlotMapping

SLOT_KINDS = ("text", "bool", "categorical", "float", "list", "any")
SLOT_KEYS = ("type", "influence_conversation", "initial_value", "values", "min_value", "max_value", "mappings")
MAPPING_KINDS = ("from_entity", "from_intent", "from_text", "from_trigger_intent", "custom")
MAPPING_KEYS = ("type", "entity", "role", "group", "intent", "not_intent", "value", "action", "conditions")


def parse_slot(name: str, value: Any, place: Place) -> Slot:
    """A slot from its entry. Raises ProjectError."""
    data = expect_mapping(value, place, f"slot {name!r}")
    refuse_unknown(data, SLOT_KEYS, f"slot {name!r}")
    kind = data.get("type")
    if kind not in SLOT_KINDS:
        raise ProjectError(data.at("type"), f"slot {name!r} has the type {kind!r}", remedy=f"Use one of {', '.join(SLOT_KINDS)}.")
    if kind == "categorical" and not data.get("values"):
        raise ProjectError(place, f"categorical slot {name!r} has no values", remedy="List them under `values`.")
    entries = expect_list(data.get("mappings"), data.at("mappings"), "`mappings`")
    return Slot(
        name,
        kind,
        place,
        influence=data.get("influence_conversation", kind != "any") is True,
        initial=data.get("initial_value"),
        values=tuple(str(v).lower() for v in data.get("values") or []),
        minimum=float(data.get("min_value", 0.0)),
        maximum=float(data.get("max_value", 1.0)),
        mappings=tuple(_mapping(name, entry, entries.at(i)) for i, entry in enumerate(entries)),
    )


def _mapping(slot: str, value: Any, place: Place) -> SlotMapping:
    data = expect_mapping(value, place, f"a mapping of slot {slot!r}")
    refuse_unknown(data, MAPPING_KEYS, f"a mapping of slot {slot!r}")
    kind = data.get("type")
    if kind not in MAPPING_KINDS:
        raise ProjectError(
            data.at("type"), f"slot {slot!r} has a mapping of type {kind!r}", remedy=f"Use one of {', '.join(MAPPING_KINDS)}."
        )
    if kind == "from_entity" and not data.get("entity"):
        raise ProjectError(place, f"a from_entity mapping of slot {slot!r} names no entity", remedy="Add `entity: name`.")
    if kind in ("from_intent", "from_trigger_intent") and "value" not in data:
        raise ProjectError(place, f"a {kind} mapping of slot {slot!r} has no value", remedy="Add `value: ...`.")
    return SlotMapping(
        kind,
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
