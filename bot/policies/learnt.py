"""Rules and stories as pairs of (states so far, next action)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from bot.project.types import (
    LISTEN,
    ActionStep,
    CheckpointStep,
    Domain,
    Flow,
    LoopStep,
    OrStep,
    Place,
    ProjectError,
    SlotStep,
    Step,
    UserStep,
)
from bot.states import NOT_SET, State, StateFold, seen_entities

NO_LOOP = "(no loop)"
MOST_PATHS = 500


@dataclass(frozen=True)
class Pair:
    """In these states (the present one last) comes this action. `from_start` means that the talk began with the first state."""

    states: tuple[State, ...]
    action: str
    flow: Flow
    place: Place
    from_start: bool = False

    @property
    def weight(self) -> int:
        """How much the states say: of two rules that match, the longer written form is believed (as Rasa does)."""
        shown = [[s.intent, s.entities, s.action, s.loop, s.slots] for s in self.states]
        return len(json.dumps(shown))


def rule_pairs(rule: Flow, domain: Domain) -> list[Pair]:
    """What a rule teaches. The moment before its first step is open unless it stands at the start of the conversation."""
    return [pair for steps in alternatives(rule.steps) for pair in _Walk(rule, domain, strict=True).pairs(steps)]


def story_pairs(stories: tuple[Flow, ...], domain: Domain) -> list[Pair]:
    """What stories teach, their checkpoints joined. Raises ProjectError on cyclic checkpoints."""
    return [pair for flow in join_checkpoints(stories) for pair in _Walk(flow, domain, strict=False).pairs(flow.steps)]


def alternatives(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Each way through the `or` steps."""
    choices = [step.options if isinstance(step, OrStep) else (step,) for step in steps]
    for count, chosen in enumerate(product(*choices)):
        if count >= MOST_PATHS:
            raise ProjectError(steps[0].place, f"more than {MOST_PATHS} ways through `or`", remedy="Split the story.")
        yield tuple(chosen)


def join_checkpoints(stories: tuple[Flow, ...]) -> list[Flow]:
    """Stories that begin at a checkpoint are put behind those that end there. Raises ProjectError when they run in a circle."""
    parts = [Flow(s.name, s.place, steps) for s in stories for steps in alternatives(s.steps)]
    whole: list[Flow] = []
    open_parts: list[tuple[Flow, tuple[str, ...]]] = [(p, ()) for p in parts if not isinstance(p.steps[0], CheckpointStep)]
    while open_parts:
        flow, passed = open_parts.pop()
        last = flow.steps[-1]
        followers = [
            p for p in parts if isinstance(last, CheckpointStep) and isinstance(p.steps[0], CheckpointStep) and p.steps[0].name == last.name
        ]
        if not isinstance(last, CheckpointStep) or not followers:
            whole.append(flow)
            continue
        if last.name in passed:
            raise ProjectError(last.place, f"checkpoint {last.name!r} leads back to itself", remedy="Break the circle of checkpoints.")
        if len(whole) + len(open_parts) > MOST_PATHS:
            raise ProjectError(last.place, f"checkpoints join into more than {MOST_PATHS} stories", remedy="Use fewer checkpoints.")
        joined = [Flow(flow.name, flow.place, flow.steps[:-1] + part.steps[1:]) for part in followers]
        open_parts += [(whole_flow, (*passed, last.name)) for whole_flow in joined]
    return whole


class _Walk:
    """Walks over the steps of one flow. `strict` (rules): a slot or loop named as null must not be set."""

    def __init__(self, flow: Flow, domain: Domain, *, strict: bool) -> None:
        self.flow, self.domain, self.strict = flow, domain, strict
        self.from_start = flow.conversation_start or not strict
        self.fold = StateFold(domain)
        self.states: list[State] = []
        self.found: list[Pair] = []
        self.at_start = True
        for slot in domain.slots.values():
            if not strict:
                self.fold.slot(slot.name, slot.initial)

    def pairs(self, steps: tuple[Step, ...]) -> list[Pair]:
        for condition in self.flow.conditions:
            self._condition(condition)
        for step in steps:
            if isinstance(step, UserStep):
                self._user(step)
            elif isinstance(step, ActionStep):
                self._action(step.name, step.place)
            elif isinstance(step, SlotStep | LoopStep):
                self._condition(step)
        if (self.flow.wait_for_user_input and self.fold.action not in (None, LISTEN)) or not self.strict:
            self._learn(LISTEN, self.flow.place)
        return self.found

    def _user(self, step: UserStep) -> None:
        if self.fold.action != LISTEN:
            self._action(LISTEN, step.place)
        given = tuple((e.name, e.role, e.group) for e in step.entities)
        self.fold.user(step.full_intent if self.strict else step.intent, seen_entities(self.domain, step.intent, given))

    def _action(self, name: str, place: Place) -> None:
        if not self.at_start:
            self._learn(name, place)
        if not self.at_start or self.from_start:
            self.states.append(self.fold.state())
        self.fold.action = name
        self.at_start = False

    def _learn(self, name: str, place: Place) -> None:
        if self.at_start:
            return
        self.found.append(Pair((*self.states, self.fold.state()), name, self.flow, place, self.from_start))

    def _condition(self, step: Step) -> None:
        if isinstance(step, LoopStep):
            self.fold.loop = step.name if step.name or not self.strict else NO_LOOP
        elif isinstance(step, SlotStep):
            slot = self.domain.slots.get(step.name)
            if slot is None:
                return
            value = step.value if step.given else (True if slot.kind == "bool" else "set")
            self.fold.slot(step.name, value)
            if value is None and self.strict and slot.influence and slot.kind != "any":
                self.fold.slots[step.name] = NOT_SET
