"""Events folded into the states that policies compare (what Rasa 3's featurizers see): intent, entities, last action, form, slots.

The rules of which events count (`applied_events`) and of what a state shows follow Rasa 3.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    DialogueEvent,
    Followup,
    LoopActive,
    Restarted,
    Rewound,
    SessionStarted,
    SlotSet,
    SlotsReset,
    Undone,
    UserSaid,
)
from bot.project.types import LISTEN, Domain, Slot

Feature = tuple[Any, ...]
SHOULD_NOT_BE_SET = "should_not_be_set"
NOT_SET: Feature = (SHOULD_NOT_BE_SET,)


@dataclass(frozen=True)
class State:
    """One moment before an action. `text` stands there only where a story writes what is said instead of an intent."""

    intent: str | None = None
    entities: tuple[str, ...] = ()
    action: str | None = None
    loop: str | None = None
    slots: tuple[tuple[str, Feature], ...] = ()
    text: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is known or constrained."""
        return self == State()


@dataclass(frozen=True)
class RuleOnly:
    """Slots and loops that only rules speak of: policies that learn from stories do not see them."""

    slots: frozenset[str] = frozenset()
    loops: frozenset[str] = frozenset()


def slot_feature(slot: Slot, value: Any) -> Feature | None:
    """What policies see of a slot: None when it is unset or has no influence, else numbers by its type as in Rasa."""
    if value is None or not slot.influence or slot.kind == "any":
        return None
    if value == SHOULD_NOT_BE_SET:
        return NOT_SET
    try:
        return _FEATURES[slot.kind](slot, value)
    except (TypeError, ValueError):
        return None


def _of_bool(_: Slot, value: Any) -> Feature:
    if isinstance(value, str):
        words = {"true": 1.0, "false": 0.0}
        return (1.0, float(float(value) == 1.0) if value.isnumeric() else words[value.strip().lower()])
    return (1.0, float(value == 1))


def _of_category(slot: Slot, value: Any) -> Feature | None:
    known = [*slot.values, *(() if "__other__" in slot.values else ("__other__",))]
    text = str(value).lower()
    return tuple(float(name == (text if text in known else "__other__")) for name in known)


def _of_float(slot: Slot, value: Any) -> Feature:
    span = abs(slot.maximum - slot.minimum) or 1.0
    return (1.0, (min(max(float(value), slot.minimum), slot.maximum) - slot.minimum) / span)


_FEATURES: dict[str, Callable[[Slot, Any], Feature | None]] = {
    "bool": _of_bool,
    "categorical": _of_category,
    "float": _of_float,
    "list": lambda _, value: (1.0,) if len(value) > 0 else None,
    "text": lambda _, __: (1.0,),
}


def seen_entities(domain: Domain, event_intent: str | None, found: Iterable[tuple[str, str | None, str | None]]) -> tuple[str, ...]:
    """The entity names (with role and group) that the intent lets policies see, sorted."""
    intent = domain.intents.get(event_intent or "")
    names: set[str] = set()
    for name, role, group in found:
        kind = domain.entities.get(name)
        if intent is not None and (kind is None or not _lets_see(intent.use_entities, intent.ignore_entities, name, kind.influence)):
            continue
        names.add(name)
        declared = (*kind.roles, *kind.groups) if kind and intent is not None else (role, group)
        names |= {f"{name}#{part}" for part in (role, group) if part and part in declared}
    return tuple(sorted(names))


def _lets_see(use: frozenset[str] | None, ignore: frozenset[str], name: str, influence: bool) -> bool:
    return name not in ignore and (influence if use is None else name in use)


def applied_events(events: Sequence[DialogueEvent]) -> list[DialogueEvent]:
    """The events that count: without what was rewound, undone or restarted, and with a form's runs on its own path folded into one."""
    loops = {e.name for e in events if isinstance(e, LoopActive) and e.name}
    applied: list[DialogueEvent] = []
    for event in events:
        if isinstance(event, Restarted | SessionStarted):
            applied = []
        elif isinstance(event, Undone):
            _drop_till(ActionRan, applied)
        elif isinstance(event, Rewound):
            _drop_till(UserSaid, applied)
            _drop_till(ActionRan, applied)
        elif isinstance(event, ActionRan) and event.name in loops and not _first_or_unhappy(event.name, applied):
            applied = _without_last_loop_turn(event.name, applied)
        else:
            applied.append(event)
    return applied


def _drop_till(kind: type[Any], applied: list[DialogueEvent]) -> None:
    while applied:
        if isinstance(applied.pop(), kind):
            return


def _first_or_unhappy(loop: str, applied: list[DialogueEvent]) -> bool:
    """Whether the loop runs for the first time, or comes back after something else than its own question and answer."""
    following: str | None = None
    for event in reversed(applied):
        if isinstance(event, LoopActive) and event.name is None:
            return True
        if isinstance(event, ActionRejected) and event.name == loop:
            return True
        if isinstance(event, UserSaid) and following is not None and following != loop:
            return True
        if isinstance(event, ActionRan):
            if event.name == loop:
                return False
            following = event.name
    return True


def _without_last_loop_turn(loop: str, applied: list[DialogueEvent]) -> list[DialogueEvent]:
    last = max(i for i, e in enumerate(applied) if isinstance(e, ActionRan) and e.name == loop)
    return applied[: last + 1] + [e for e in applied[last + 1 :] if not isinstance(e, ActionRan | UserSaid)]


@dataclass
class Moment:
    """What is known at one point of a talk."""

    domain: Domain
    initial: Mapping[str, Any] | None = None
    loop: str | None = None
    user: tuple[str | None, tuple[str, ...], str | None] = (None, (), None)
    action: str | None = None
    followup: str | None = LISTEN
    features: dict[str, Feature] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._begin(self.initial or {})

    def _begin(self, values: Mapping[str, Any]) -> None:
        self.touched, self.features = set(), {}
        for slot in self.domain.slots.values():
            self._put(slot, values.get(slot.name, slot.initial))

    def _put(self, slot: Slot, value: Any) -> None:
        feature = slot_feature(slot, value)
        if feature is None or not any(feature):
            self.features.pop(slot.name, None)
        else:
            self.features[slot.name] = feature

    def state(self, *, omit_unset: bool = False) -> State:
        """The state; `omit_unset` leaves out slots that nothing has set yet (rules do not speak of initial values)."""
        intent, entities, text = self.user
        slots = tuple(sorted((n, f) for n, f in self.features.items() if not omit_unset or n in self.touched))
        return State(intent, entities, self.action, self.loop, slots, text)

    def follow(self, event: DialogueEvent) -> None:
        """Goes on by one event."""
        if isinstance(event, UserSaid):
            found = ((e.name, e.role, e.group) for e in event.entities)
            self.user = (event.intent or None, seen_entities(self.domain, event.intent, found), None)
            self.followup = None
        elif isinstance(event, ActionRan):
            self.action, self.followup = event.name, None
        elif isinstance(event, SlotSet):
            self.touched.add(event.name)
            slot = self.domain.slots.get(event.name)
            if slot is not None:
                self._put(slot, [event.value] if slot.kind == "list" and event.value and _single(event.value) else event.value)
        elif isinstance(event, SlotsReset):
            self._begin({})
        elif isinstance(event, LoopActive):
            self.loop = event.name
        elif isinstance(event, Followup):
            self.followup = event.name


def _single(value: Any) -> bool:
    return not isinstance(value, list) and value != SHOULD_NOT_BE_SET


def past_states(
    events: Sequence[DialogueEvent],
    moment: Moment,
    *,
    omit_unset: bool = False,
    rule_only: RuleOnly | None = None,
) -> list[State]:
    """The states before each action of the applied `events`, and the present one last, beginning at `moment`.

    With `rule_only`, turns that only rules know are left out, and so are the slots and loops that only rules speak of.
    """
    seen = _Seen(moment, omit_unset, rule_only)
    for event in events:
        if isinstance(event, ActionRan):
            seen.note(hidden=event.hidden)
        moment.follow(event)
    seen.note(hidden=False)
    return seen.states


@dataclass
class _Seen:
    """Collects states; with `rule_only` as policies that learn from stories see them."""

    moment: Moment
    omit_unset: bool
    rule_only: RuleOnly | None
    states: list[State] = field(default_factory=list)
    last_action: str | None = None
    was_hidden: bool = False

    def note(self, *, hidden: bool) -> None:
        moment = self.moment
        if self.rule_only is None:
            self.states.append(moment.state(omit_unset=self.omit_unset))
            return
        if not self.was_hidden:
            self.last_action = moment.action
        if not moment.followup and moment.action != moment.loop:
            self.was_hidden = hidden
        if not self.was_hidden:
            self.states.append(self._cleaned(moment.state(omit_unset=self.omit_unset), self.rule_only))

    def _cleaned(self, state: State, rule_only: RuleOnly) -> State:
        slots = tuple((n, f) for n, f in state.slots if n not in rule_only.slots)
        state = replace(state, slots=slots, loop=None if state.loop in rule_only.loops else state.loop)
        if self.states and state.action != LISTEN:
            last = self.states[-1]
            state = replace(state, intent=last.intent, entities=last.entities, text=last.text)
        return replace(state, action=self.last_action) if self.last_action else state
