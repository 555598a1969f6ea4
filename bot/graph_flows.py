"""What a project's picture shows: rules, stories and forms as trees whose common beginnings are drawn once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.project.types import (
    ActionStep,
    BotStep,
    CheckpointStep,
    Domain,
    Flow,
    LoopStep,
    OrStep,
    Place,
    Project,
    SlotStep,
    Step,
    UserStep,
)


@dataclass(eq=False)
class Node:
    """One box: what happens (`kind`: start, intent, action, form, slot, loop, checkpoint), where it is written, what follows.

    `flows` are the names of the rules or stories that end here.
    """

    kind: str
    label: str
    place: Place | None = None
    following: list[Node] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)

    def then(self, kind: str, label: str, place: Place) -> Node:
        """The box that follows with this label; a new one if there is none."""
        for node in self.following:
            if (node.kind, node.label) == (kind, label):
                return node
        self.following.append(Node(kind, label, place))
        return self.following[-1]

    def all(self) -> Iterator[Node]:
        """This box and all behind it, each before what follows it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.following)


@dataclass(frozen=True)
class Section:
    """A part of the picture under its own heading."""

    title: str
    trees: tuple[Node, ...]


def sections_of(project: Project) -> tuple[Section, ...]:
    """Rules, stories and forms, as far as the project has any."""
    rules = [Node("start", "any time"), Node("start", "conversation starts")]
    for rule in project.rules:
        _add(rules[1] if rule.conversation_start else rules[0], rule, project.domain)
    found = (
        Section("Rules", tuple(tree for tree in rules if tree.following)),
        Section("Stories", tuple(_stories(project.stories, project.domain))),
        Section("Forms", tuple(_forms(project.domain))),
    )
    return tuple(section for section in found if section.trees)


def _stories(stories: Iterable[Flow], domain: Domain) -> Iterator[Node]:
    start, named = Node("start", "start"), dict[str, Node]()
    for story in stories:
        steps = story.steps
        if steps and isinstance(steps[0], CheckpointStep):
            first = steps[0]
            root = named.setdefault(first.name, Node("checkpoint", first.name, first.place))
            _add(root, story, domain, steps[1:])
        else:
            _add(start, story, domain)
    if start.following:
        yield start
    yield from named.values()


def _forms(domain: Domain) -> Iterator[Node]:
    for form in domain.forms.values():
        tree = node = Node("form", form.name, form.place)
        for slot in form.required_slots:
            node = node.then("slot", slot, domain.slots[slot].place if slot in domain.slots else form.place)
        yield tree


def _add(node: Node, flow: Flow, domain: Domain, steps: tuple[Step, ...] | None = None) -> None:
    for step in (*flow.conditions, *(flow.steps if steps is None else steps)):
        node = node.then(*_shown(step, domain), step.place)
    node.flows.append(flow.name)


def _shown(step: Step, domain: Domain) -> tuple[str, str]:
    """(kind, label) of a step."""
    if isinstance(step, UserStep):
        return "intent", _said(step)
    if isinstance(step, ActionStep):
        return ("form" if step.name in domain.forms else "action"), step.name
    if isinstance(step, BotStep):
        return "action", f"“{step.text}”"
    if isinstance(step, SlotStep):
        return "slot", f"{step.name} = {_value(step.value)}" if step.given else f"{step.name} is set"
    if isinstance(step, LoopStep):
        return "loop", f"in {step.name}" if step.name else "in no form"
    if isinstance(step, OrStep):
        kind = "intent" if all(isinstance(option, UserStep) for option in step.options) else "slot"
        return kind, " or ".join(_shown(option, domain)[1] for option in step.options)
    return "checkpoint", step.name


def _said(step: UserStep) -> str:
    what = step.full_intent or f"“{step.text}”"
    given = [e.name if e.value is None else f"{e.name}: {e.value}" for e in step.entities]
    return f"{what} {{{', '.join(given)}}}" if given else what


def _value(value: Any) -> str:
    return "nothing" if value is None else str(value)
