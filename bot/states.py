"""Events folded into the states that policies compare (what Rasa's featurizers see): intent, entities, last action, form, slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.dialogue_events import ActionRan, ActionRejected, DialogueEvent, LoopActive, SlotSet, UserSaid
from bot.project.types import Domain, Slot
from bot.tracker import Tracker

Feature = tuple[Any, ...]
NOT_SET: Feature = ("not set",)


@dataclass(frozen=True)
class State:
    """One moment before an action. In a rule, None and missing slots constrain nothing."""

    intent: str | None = None
    entities: tuple[str, ...] = ()
    action: str | None = None
    loop: str | None = None
    slots: tuple[tuple[str, Feature], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is known or constrained."""
        return self == State()


def slot_feature(slot: Slot, value: Any) -> Feature | None:
    """What policies see of a slot: None when it is unset or has no influence, else its feature by type."""
    if value is None or not slot.influence or slot.kind == "any":
        return None
    if slot.kind == "bool":
        return (bool(value),)
    if slot.kind == "categorical":
        text = str(value).lower()
        return (text if text in slot.values else "__other__",)
    if slot.kind == "float":
        span = max(slot.maximum - slot.minimum, 1e-9)
        return (round((min(max(float(value), slot.minimum), slot.maximum) - slot.minimum) / span, 6),)
    if slot.kind == "list":
        return ("set",) if value else None
    return ("set",)


def seen_entities(domain: Domain, event_intent: str, found: tuple[tuple[str, str | None, str | None], ...]) -> tuple[str, ...]:
    """The entity names (with role and group) that the intent lets policies see, sorted."""
    intent = domain.intents.get(event_intent)
    names = set()
    for name, role, group in found:
        kind = domain.entities.get(name)
        if kind is None or not kind.influence:
            continue
        if intent and (name in intent.ignore_entities or (intent.use_entities is not None and name not in intent.use_entities)):
            continue
        names.add(name)
        names |= {f"{name}#{part}" for part, known in ((role, kind.roles), (group, kind.groups)) if part in known and part}
    return tuple(sorted(names))


class StateFold:
    """Walks over events and says the state at each moment."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.intent: str | None = None
        self.entities: tuple[str, ...] = ()
        self.action: str | None = None
        self.loop: str | None = None
        self.slots: dict[str, Feature] = {}

    def state(self) -> State:
        """The present moment."""
        return State(self.intent, self.entities, self.action, self.loop, tuple(sorted(self.slots.items())))

    def user(self, intent: str | None, entities: tuple[str, ...]) -> None:
        """The customer said something."""
        self.intent, self.entities = intent, entities

    def slot(self, name: str, value: Any) -> None:
        """A slot changed."""
        slot = self.domain.slots.get(name)
        feature = slot_feature(slot, value) if slot else None
        if feature is None:
            self.slots.pop(name, None)
        else:
            self.slots[name] = feature


def tracker_states(tracker: Tracker) -> list[State]:
    """The states before each action of the talk, and the present one last.

    Turns that a running form took by itself are left out, as Rasa does: its second execution continues the first.
    """
    fold = StateFold(tracker.domain)
    for name, value in tracker.base_slots.items():
        fold.slot(name, value)
    fold.loop = tracker.base_loop
    states: list[State] = []
    running = _RunningForm()
    for event in tracker.events:
        if isinstance(event, ActionRan):
            if event.name == fold.loop and running.at is not None:
                del states[running.at :]
                fold.user(*running.user)
            else:
                states.append(fold.state())
            fold.action = event.name
            if event.name in tracker.domain.forms:
                running = _RunningForm(len(states), (fold.intent, fold.entities))
        else:
            _fold_event(fold, event, running)
    states.append(fold.state())
    return states


@dataclass
class _RunningForm:
    """Where the running form last acted and on which message; `at` is None when it is new or let a message pass."""

    at: int | None = None
    user: tuple[str | None, tuple[str, ...]] = (None, ())


def _fold_event(fold: StateFold, event: DialogueEvent, running: _RunningForm) -> None:
    if isinstance(event, UserSaid):
        found = tuple((e.name, e.role, e.group) for e in event.entities)
        fold.user(event.intent, seen_entities(fold.domain, event.intent, found))
    elif isinstance(event, SlotSet):
        fold.slot(event.name, event.value)
    elif isinstance(event, LoopActive):
        fold.loop = event.name
        if event.name is None:
            running.at = None
    elif isinstance(event, ActionRejected):
        running.at = None
