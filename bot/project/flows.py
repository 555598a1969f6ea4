"""Rules, stories and test stories of a data file."""

from __future__ import annotations

from typing import Any

from bot.project.lined_yaml import LinedDict, LinedList, expect_list, expect_mapping, expect_text, refuse_unknown
from bot.project.problems import report
from bot.project.types import (
    ActionStep,
    BotStep,
    CheckpointStep,
    Flow,
    GivenEntity,
    LoopStep,
    OrStep,
    Place,
    ProjectError,
    SlotStep,
    Step,
    UserStep,
)

USER_KEYS = ("intent", "user", "entities", "metadata")


def parse_rule(value: Any, place: Place) -> Flow:
    """One entry of `rules:`. Raises ProjectError."""
    data = expect_mapping(value, place, "a rule")
    refuse_unknown(data, ("rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata"), "a rule")
    conditions: list[SlotStep | LoopStep] = []
    entries = expect_list(data.get("condition"), data.at("condition"), "`condition`")
    for index, entry in enumerate(entries):
        for step in _step(entry, entries.at(index)):
            if not isinstance(step, SlotStep | LoopStep):
                raise ProjectError(step.place, "a condition must be slot_was_set or active_loop", remedy="Move other steps under `steps`.")
            conditions.append(step)
    return Flow(
        expect_text(data.get("rule"), place, "the name of a rule"),
        place,
        _steps(data),
        tuple(conditions),
        conversation_start=data.get("conversation_start") is True,
        wait_for_user_input=data.get("wait_for_user_input") is not False,
    )


def parse_story(value: Any, place: Place) -> Flow:
    """One entry of `stories:`. Raises ProjectError."""
    data = expect_mapping(value, place, "a story")
    refuse_unknown(data, ("story", "steps", "metadata"), "a story")
    metadata = expect_mapping(data.get("metadata"), data.at("metadata"), "`metadata`")
    return Flow(expect_text(data.get("story"), place, "the name of a story"), place, _steps(data), metadata=dict(metadata))


def _steps(data: LinedDict) -> tuple[Step, ...]:
    entries = expect_list(data.get("steps"), data.at("steps"), "`steps`")
    if not entries:
        report(ProjectError(data.place, "there are no steps", remedy="List intents and actions under `steps`."))
    return tuple(step for index, entry in enumerate(entries) for step in _step(entry, entries.at(index)))


def _step(value: Any, place: Place) -> list[Step]:
    if isinstance(value, str):
        report(ProjectError(place, f"the step {value!r} says nothing", remedy="Write `- action: name` or `- intent: name`."))
        return []
    data = expect_mapping(value, place, "a step")
    if "intent" in data or "user" in data:
        return [_user(data)]
    if "or" in data:
        refuse_unknown(data, ("or",), "an or step")
        entries = expect_list(data["or"], data.at("or"), "`or`")
        options = [step for index, entry in enumerate(entries) for step in _step(entry, entries.at(index))]
        return [OrStep(place, tuple(o for o in options if isinstance(o, UserStep | SlotStep)))]
    return _other_step(data, place)


def _other_step(data: LinedDict, place: Place) -> list[Step]:
    refuse_unknown(data, ("action", "bot", "slot_was_set", "active_loop", "checkpoint", "metadata"), "a step")
    if "action" in data:
        return [ActionStep(place, expect_text(data["action"], place, "`action`").strip())]
    if "bot" in data:
        return [BotStep(place, expect_text(data["bot"], place, "`bot`"))]
    if "checkpoint" in data:
        return [CheckpointStep(place, expect_text(data["checkpoint"], place, "`checkpoint`"), _slot_values(data))]
    if "slot_was_set" in data:
        return _slot_steps(data)
    if "active_loop" in data:
        name = data["active_loop"]
        return [LoopStep(place, None if name is None else str(name))]
    if "metadata" not in data:
        report(ProjectError(place, "an empty step", remedy="Write an intent, an action, slot_was_set, active_loop or checkpoint."))
    return []


def _slot_values(data: LinedDict) -> tuple[tuple[str, Any], ...]:
    steps = _slot_steps(data) if "slot_was_set" in data else []
    return tuple((step.name, step.value) for step in steps if isinstance(step, SlotStep))


def _user(data: LinedDict) -> UserStep:
    refuse_unknown(data, USER_KEYS, "a step of the customer")
    text = data.get("user")
    text = text.strip() if isinstance(text, str) else ""
    full = data.get("intent")
    if full is None:
        full = ""  # what is said stands for itself
        expect_text(text, data.place, "`user`")
    else:
        full = expect_text(full, data.place, "`intent`").strip().lstrip("/")
    entries = expect_list(data.get("entities"), data.at("entities"), "`entities`")
    entities = tuple(_entity(e, entries.at(i)) for i, e in enumerate(entries))
    return UserStep(data.place, full.split("/", 1)[0], full, entities, text)


def _entity(value: Any, place: Place) -> GivenEntity:
    if isinstance(value, str):
        return GivenEntity(value)
    data = expect_mapping(value, place, "an entity")
    names = [k for k in data if k not in ("role", "group")]
    if len(names) != 1:
        raise ProjectError(place, "an entity must be one name with a value", remedy="Write `- name: value`, with role and group beside it.")
    return GivenEntity(names[0], data[names[0]], data.get("role"), data.get("group"))


def _slot_steps(data: LinedDict) -> list[Step]:
    entries = data["slot_was_set"]
    if isinstance(entries, LinedDict):
        return [SlotStep(entries.at(name), name, entries[name]) for name in entries]
    found: list[Step] = []
    for index, entry in enumerate(expect_list(entries, data.at("slot_was_set"), "`slot_was_set`")):
        place = entries.at(index) if isinstance(entries, LinedList) else data.place
        if isinstance(entry, LinedDict):
            found += [SlotStep(place, name, entry[name]) for name in entry]
        else:
            found.append(SlotStep(place, expect_text(entry, place, "a slot"), None, given=False))
    return found
