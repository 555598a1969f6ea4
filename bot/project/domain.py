"""domain.yml, or all files of a domain folder, to a `Domain`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, expect_text, refuse_unknown
from bot.project.migration import OldFormat
from bot.project.problems import report
from bot.project.slots import parse_slot
from bot.project.types import Domain, EntityKind, Form, Intent, Place, ProjectError, Session, Slot

DOMAIN_KEYS = ("version", "intents", "entities", "slots", "forms", "actions", "responses", "session_config", "e2e_actions", "config")
SESSION_KEYS = ("session_expiration_time", "carry_over_slots_to_new_session")


class DomainBuilder:
    """Collects the parts of split domain files; a name declared in two files is a problem (see `bot.project.problems`)."""

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        self.entities: dict[str, EntityKind] = {}
        self.slots: dict[str, Slot] = {}
        self.forms: dict[str, Form] = {}
        self.actions: dict[str, Place] = {}
        self.session = Session()
        self.old = OldFormat()

    def add(self, data: LinedDict) -> None:
        """Adds one file. Raises ProjectError."""
        refuse_unknown(data, DOMAIN_KEYS, "the domain")
        old = str(data.get("version") or "").startswith("2")
        for name, place, value in _named(data, "intents"):
            _put(self.intents, name, _intent(name, place, value), place)
        for name, place, value in _named(data, "entities"):
            _put(self.entities, name, _entity(name, place, value), place)
        for key in ("actions", "e2e_actions"):
            for name, place, _ in _named(data, key):
                _put(self.actions, name, place, place)
        slots = expect_mapping(data.get("slots"), data.at("slots"), "`slots`")
        for name in slots:
            _put(self.slots, name, parse_slot(name, slots[name], slots.at(name), old_format=old), slots.at(name))
            if old:
                self.old.note_slot(name, expect_mapping(slots[name], slots.at(name), f"slot {name!r}"))
        forms = expect_mapping(data.get("forms"), data.at("forms"), "`forms`")
        for name in forms:
            value = self.old.read_form(name, forms[name], forms.at(name)) if old else forms[name]
            _put(self.forms, name, _form(name, value, forms.at(name)), forms.at(name))
        if "session_config" in data:
            self.session = _session(data)

    def build(self) -> Domain:
        """The whole domain. A form that asks for a slot that there is not is a problem."""
        slots, notes = self.old.migrate(self.slots, entities=frozenset(self.entities))
        for form in self.forms.values():
            for slot in form.required_slots:
                if slot not in slots:
                    message = f"form {form.name!r} asks for slot {slot!r}, which there is not"
                    report(ProjectError(form.place, message, remedy="Declare it under `slots`."))
                    slots[slot] = Slot(slot, "any", form.place, influence=False)
        return Domain(self.intents, self.entities, slots, self.forms, self.actions, self.session, notes)


def _session(data: LinedDict) -> Session:
    options = expect_mapping(data["session_config"], data.at("session_config"), "`session_config`")
    refuse_unknown(options, SESSION_KEYS, "`session_config`")
    minutes = options.get("session_expiration_time", 60)
    if not isinstance(minutes, int | float):
        report(ProjectError(options.place, f"`session_expiration_time` is {minutes!r}", remedy="Write minutes as a number."))
        minutes = 60
    return Session(float(minutes), options.get("carry_over_slots_to_new_session", True) is not False)


def _named(data: LinedDict, key: str) -> Iterable[tuple[str, Place, Any]]:
    entries = expect_list(data.get(key), data.at(key), f"`{key}`")
    for index, entry in enumerate(entries):
        place = entries.at(index)
        if isinstance(entry, LinedDict):
            if len(entry) != 1:
                message = f"an entry of `{key}` must be one name"
                report(ProjectError(place, message, remedy="Indent what belongs to the name two steps deeper."))
            name = next(iter(entry))
            yield name, place, entry[name]
        else:
            yield expect_text(entry, place, f"an entry of `{key}`"), place, None


def _put(target: dict[str, Any], name: str, value: Any, place: Place) -> None:
    if name in target:
        report(ProjectError(place, f"{name!r} is declared twice", remedy="Remove one of the two declarations."))
    target[name] = value


def _intent(name: str, place: Place, value: Any) -> Intent:
    options = expect_mapping(value, place, f"intent {name!r}")
    refuse_unknown(options, ("use_entities", "ignore_entities", "is_retrieval_intent"), f"intent {name!r}")
    use = options.get("use_entities", True)
    used = None if use is True else frozenset([use] if isinstance(use, str) else (str(u) for u in use or []))
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
    ignored = options.get("ignored_intents") or ()
    return Form(name, place, slots, tuple([ignored] if isinstance(ignored, str) else [str(i) for i in ignored]))
