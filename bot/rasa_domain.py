"""The domain in Rasa's JSON, which custom actions get with each call."""

from __future__ import annotations

from typing import Any

from bot.project.types import EntityKind, Form, Intent, Project, Response, Slot, SlotMapping, Variation

Json = dict[str, Any]


def domain_as_rasa_json(project: Project) -> Json:
    """The project's domain as Rasa's `Domain.as_dict`; responses are those of the project's language, others where it has none."""
    domain = project.domain
    said: dict[str, Response] = {}
    for language in (project.config.language, *project.responses):
        said = {**project.responses.get(language, {}), **said}
    return {
        "version": "3.1",
        "intents": [_intent(i) for i in domain.intents.values()],
        "entities": [_entity(e) for e in domain.entities.values()],
        "slots": {name: _slot(slot) for name, slot in domain.slots.items()},
        "forms": {name: _form(form) for name, form in domain.forms.items()},
        "responses": {name: response_as_rasa_json(response) for name, response in said.items()},
        "actions": list(domain.actions),
    }


def response_as_rasa_json(response: Response) -> list[Json]:
    """The variations of a response."""
    return [_variation(v) for v in response.variations]


def _variation(variation: Variation) -> Json:
    data: Json = {"text": variation.text} if variation.text else {}
    if variation.buttons:
        data["buttons"] = [{"title": b.title, "payload": b.payload} for b in variation.buttons]
    if variation.conditions:
        data["condition"] = [{"type": "slot", "name": c.slot, "value": c.value} for c in variation.conditions]
    if variation.channel:
        data["channel"] = variation.channel
    return data | variation.custom


def _intent(intent: Intent) -> Any:
    if intent.use_entities is not None:
        return {intent.name: {"use_entities": sorted(intent.use_entities)}}
    return {intent.name: {"ignore_entities": sorted(intent.ignore_entities)}} if intent.ignore_entities else intent.name


def _entity(entity: EntityKind) -> Any:
    options = {k: list(v) for k, v in (("roles", entity.roles), ("groups", entity.groups)) if v}
    return {entity.name: options} if options else entity.name


def _form(form: Form) -> Json:
    data: Json = {"required_slots": list(form.required_slots)}
    return data | ({"ignored_intents": list(form.ignored_intents)} if form.ignored_intents else {})


def _slot(slot: Slot) -> Json:
    data: Json = {
        "type": slot.kind,
        "influence_conversation": slot.influence,
        "initial_value": slot.initial,
        "mappings": [_mapping(m) for m in slot.mappings],
    }
    if slot.kind == "categorical":
        data["values"] = list(slot.values)
    if slot.kind == "float":
        data |= {"min_value": slot.minimum, "max_value": slot.maximum}
    return data


def _mapping(mapping: SlotMapping) -> Json:
    data: Json = {"type": mapping.kind}
    optional = {
        "entity": mapping.entity,
        "role": mapping.role,
        "group": mapping.group,
        "intent": list(mapping.intents) or None,
        "not_intent": list(mapping.not_intents) or None,
        "value": mapping.value,
        "action": mapping.action,
    }
    data |= {k: v for k, v in optional.items() if v is not None}
    if mapping.conditions:
        data["conditions"] = [
            {"active_loop": c.active_loop} | ({"requested_slot": c.requested_slot} if c.requested_slot else {}) for c in mapping.conditions
        ]
    return data
