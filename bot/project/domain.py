"""domain.yml, or all files of a domain folder, to a `Domain`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, expect_text, refuse_unknown
from bot.project.slots import parse_slot
from bot.project.types import Domain, EntityKind, Form, Intent, Place, ProjectError, Slot

DOMAIN_KEYS = ("version", "intents", "entities", "slots", "forms", "actions", "responses", "session_config", "e2e_actions", "config")


class DomainBuilder:
    """Collects the parts of split domain files; a name declared in two files is an error."""

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        self.entities: dict[str, EntityKind] = {}
        self.slots: dict[str, Slot] = {}
        self.forms: dict[str, Form] = {}
        self.actions: dict[str, Place] = {}

    def add(self, data: LinedDict) -> None:
        """Adds one file. Raises ProjectError."""
        refuse_unknown(data, DOMAIN_KEYS, "the domain")
        for name, place, value in _named(data, "intents"):
            _put(self.intents, name, _intent(name, place, value), place)
        for name, place, value in _named(data, "entities"):
            _put(self.entities, name, _entity(name, place, value), place)
        for name, place, _ in _named(data, "actions"):
            _put(self.actions, name, place, place)
        slots = expect_mapping(data.get("slots"), data.at("slots"), "`slots`")
        for name in slots:
            _put(self.slots, name, parse_slot(name, slots[name], slots.at(name)), slots.at(name))
        forms = expect_mapping(data.get("forms"), data.at("forms"), "`forms`")
        for name in forms:
            _put(self.forms, name, _form(name, forms[name], forms.at(name)), forms.at(name))

    def build(self) -> Domain:
        """The whole domain. Raises ProjectError when a form asks for a slot that there is not."""
        for form in self.forms.values():
            for slot in form.required_slots:
                if slot not in self.slots:
                    raise ProjectError(
                        form.place, f"form {form.name!r} asks for slot {slot!r}, which there is not", remedy="Declare it under `slots`."
                    )
        return Domain(self.intents, self.entities, self.slots, self.forms, self.actions)


def _named(data: LinedDict, key: str) -> Iterable[tuple[str, Place, Any]]:
    entries = expect_list(data.get(key), data.at(key), f"`{key}`")
    for index, entry in enumerate(entries):
        place = entries.at(index)
        if isinstance(entry, LinedDict):
            if len(entry) != 1:
                raise ProjectError(
                    place, f"an entry of `{key}` must be one name", remedy="Indent what belongs to the name two steps deeper."
                )
            name = next(iter(entry))
            yield name, place, entry[name]
        else:
            yield expect_text(entry, place, f"an entry of `{key}`"), place, None


def _put(target: dict[str, Any], name: str, value: Any, place: Place) -> None:
    if name in target:
        raise ProjectError(place, f"{name!r} is declared twice", remedy="Remove one of the two declarations.")
    target[name] = value


def _intent(name: str, place: Place, value: Any) -> Intent:
    options = expect_mapping(value, place, f"intent {name!r}")
    refuse_unknown(options, ("use_entities", "ignore_entities", "is_retrieval_intent"), f"intent {name!r}")
    use = options.get("use_entities", True)
    used = None if use is True else frozenset(str(u) for u in use or [])
    return Intent(name, place, used, frozenset(str(i) for i in options.get("ignore_entities") or []))


def _entity(name: str, place: Place, value: Any) -> EntityKind:
    options = expect_mapping(value, place, f"entity {name!r}")
    refuse_unknown(options, ("roles", "groups", "influence_conversation"), f"entity {name!r}")
    roles = tuple(str(r) for r in expect_list(options.get("roles"), place, "`roles`"))
    groups = tuple(str(g) for g in expect_list(options.get("groups"), place, "`groups`"))
    return EntityKind(name, place, roles, groups, options.get("influence_conversation") is not False)


def _form(name: str, value: Any, place: Place) -> Form:
    options = expect_mapping(value, place, f"form {name!r}")
    refuse_unknown(options, ("required_slots", "ignored_intents"), f"form {name!r}")
    slots = tuple(str(s) for s in expect_list(options.get("required_slots"), options.at("required_slots"), "`required_slots`"))
    ignored = options.get("ignored_intents") or []
    return Form(name, place, slots, tuple([ignored] if isinstance(ignored, str) else [str(i) for i in ignored]))
