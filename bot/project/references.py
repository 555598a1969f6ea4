"""Names that rules, stories, forms and slots use must exist."""

from __future__ import annotations

from collections.abc import Iterable

from bot.project.problems import report
from bot.project.types import (
    DEFAULT_INTENTS,
    REQUESTED_SLOT,
    RULE_SNIPPET,
    ActionStep,
    Flow,
    LoopStep,
    OrStep,
    Place,
    Project,
    ProjectError,
    SlotStep,
    Step,
    UserStep,
)


def check_references(project: Project) -> None:
    """Reports each intent, action, slot, entity or loop that is used and not declared (see `bot.project.problems`)."""
    for flow in (*project.rules, *project.stories):
        for step in (*flow.conditions, *flow.steps):
            _check_step(project, flow, step)
    _check_mappings(project)


def _check_step(project: Project, flow: Flow, step: Step) -> None:
    where = f"{flow.name!r}"
    if isinstance(step, UserStep):
        known = not step.intent or step.intent in project.domain.intents or step.intent in DEFAULT_INTENTS
        _need(known, step.place, "intent", step.intent, where)
        for entity in step.entities:
            _need(entity.name in project.domain.entities, step.place, "entity", entity.name, where)
    elif isinstance(step, ActionStep):
        _need(step.name == RULE_SNIPPET or project.knows_action(step.name), step.place, "action", step.name, where)
    elif isinstance(step, SlotStep):
        _need(step.name in project.domain.slots or step.name == REQUESTED_SLOT, step.place, "slot", step.name, where)
    elif isinstance(step, LoopStep) and step.name is not None:
        _need(project.domain.knows_loop(step.name), step.place, "form", step.name, where)
    elif isinstance(step, OrStep):
        for option in step.options:
            _check_step(project, flow, option)


def _check_mappings(project: Project) -> None:
    domain = project.domain
    for slot in domain.slots.values():
        for mapping in slot.mappings:
            where = f"slot {slot.name!r}"
            if mapping.entity:
                _need(mapping.entity in domain.entities, mapping.place, "entity", mapping.entity, where)
            if mapping.action:
                _need(mapping.action in domain.actions, mapping.place, "action", mapping.action, where)
            _check_intents((*mapping.intents, *mapping.not_intents), project, mapping.place, where)
            for condition in mapping.conditions:
                if condition.active_loop:
                    _need(domain.knows_loop(condition.active_loop), mapping.place, "form", condition.active_loop, where)
    for form in domain.forms.values():
        _check_intents(form.ignored_intents, project, form.place, f"form {form.name!r}")


def _check_intents(names: Iterable[str], project: Project, place: Place, where: str) -> None:
    for name in names:
        base = name.split("/", 1)[0]
        _need(base in project.domain.intents or base in DEFAULT_INTENTS, place, "intent", name, where)


def _need(known: bool, place: Place, what: str, name: str, where: str) -> None:
    if not known:
        listed = {
            "intent": "`intents`",
            "action": "`actions` or `responses`",
            "slot": "`slots`",
            "entity": "`entities`",
            "form": "`forms`",
        }[what]
        remedy = f"Add it to {listed} of the domain, or mend the name."
        report(ProjectError(place, f"{where} names the {what} {name!r}, which there is not", remedy=remedy))
