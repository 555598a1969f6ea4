"""Rules and stories as talks, and as pairs of (states so far, next action) that policies learn from.

A flow becomes the events that a real talk of that kind would have; the states are then made by the same code that makes them of real
talks. How flows are completed (where the bot listens, which slots entities fill, how checkpoints join) follows Rasa 3.6.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from bot.commands import command_values
from bot.dialogue_events import ActionRan, DialogueEvent, FoundEntity, LoopActive, SlotSet, UserSaid
from bot.project.types import (
    LISTEN,
    RULE_SNIPPET,
    ActionStep,
    BotStep,
    CheckpointStep,
    Domain,
    Flow,
    LoopStep,
    OrStep,
    Place,
    SlotStep,
    Step,
    UserStep,
)
from bot.states import SHOULD_NOT_BE_SET, Moment, State, applied_events, past_states
from nlu.annotations import parse_annotations

MOST_TALKS = 4000
MOST_WAYS = 1000
BOT_TEXT = "bot: "


@dataclass(frozen=True)
class Talk:
    """A flow played out. `unpredictable` are the places of actions that nothing leads to; `places` belong to `events`, one each."""

    name: str
    flow: Flow
    events: tuple[DialogueEvent, ...]
    places: tuple[Place, ...]
    unpredictable: frozenset[int] = frozenset()
    is_rule: bool = False


@dataclass(frozen=True)
class Pair:
    """In these states (the present one last) comes this action."""

    states: tuple[State, ...]
    action: str
    flow: Flow
    place: Place


def talk_pairs(talk: Talk, domain: Domain) -> list[Pair]:
    """What a talk teaches: the states before each action that something leads to."""
    events = applied_events(talk.events)
    states = past_states(events, Moment(domain), omit_unset=talk.is_rule)
    at = {id(event): i for i, event in enumerate(talk.events)}
    pairs, count = [], 0
    for event in events:
        if isinstance(event, ActionRan):
            count += 1
            index = at[id(event)]
            if index not in talk.unpredictable:
                pairs.append(Pair(tuple(states[:count]), event.name, talk.flow, talk.places[index]))
    return pairs


def rule_talks(rules: Sequence[Flow], domain: Domain) -> list[Talk]:
    """The rules as talks; what comes before and after them is open where they do not say otherwise."""
    return [
        Talk(rule.name, rule, *_played(rule, steps, domain), is_rule=True) for rule in rules for steps in alternatives(_rule_steps(rule))
    ]


def story_talks(stories: Sequence[Flow], domain: Domain) -> list[Talk]:
    """The stories as talks, their checkpoints joined. A checkpoint that leads back to itself is passed once (see `circles`)."""
    return _Joining(stories, domain).talks()


def story_pairs(stories: Sequence[Flow], domain: Domain) -> list[Pair]:
    """What stories teach."""
    return [pair for talk in story_talks(stories, domain) for pair in talk_pairs(talk, domain)]


def rule_pairs(rule: Flow, domain: Domain) -> list[Pair]:
    """What a rule teaches."""
    return [pair for talk in rule_talks([rule], domain) for pair in talk_pairs(talk, domain)]


def alternatives(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Each way through the `or` steps; at most MOST_WAYS of them."""
    choices = [step.options if isinstance(step, OrStep) else (step,) for step in steps]
    for count, chosen in enumerate(product(*choices)):
        if count >= MOST_WAYS:
            return
        yield tuple(chosen)


def _rule_steps(rule: Flow) -> tuple[Step, ...]:
    before = () if rule.conversation_start else (ActionStep(rule.place, RULE_SNIPPET),)
    after = () if rule.wait_for_user_input else (ActionStep(rule.place, RULE_SNIPPET),)
    return (*rule.conditions, *before, *rule.steps, *after)


class _Played:
    """Turns the steps of one part of a flow into events."""

    def __init__(self, domain: Domain, *, strict: bool) -> None:
        self.domain, self.strict = domain, strict
        self.events: list[DialogueEvent] = []
        self.places: list[Place] = []
        self.part_began = 0

    def add(self, place: Place, *events: DialogueEvent) -> None:
        self.events += events
        self.places += [place] * len(events)

    def listen(self, place: Place) -> None:
        """Adds that the bot listens, unless this part of the flow ends with that."""
        last = self.events[-1] if len(self.events) > self.part_began else None
        if not (isinstance(last, ActionRan) and last.name == LISTEN):
            self.add(place, ActionRan(LISTEN))

    def step(self, step: Step) -> None:
        if isinstance(step, UserStep):
            self.listen(step.place)
            said = user_event(step)
            self.add(step.place, said, *entity_slots(self.domain, said.entities))
        elif isinstance(step, ActionStep):
            self.add(step.place, ActionRan(step.name))
        elif isinstance(step, BotStep):
            self.add(step.place, ActionRan(BOT_TEXT + step.text))
        elif isinstance(step, SlotStep):
            self.add(step.place, SlotSet(step.name, self._value(step)))
        elif isinstance(step, LoopStep):
            self.add(step.place, LoopActive(SHOULD_NOT_BE_SET if step.name is None and self.strict else step.name))

    def _value(self, step: SlotStep) -> Any:
        if not step.given:
            slot = self.domain.slots.get(step.name)
            return {"text": "filled", "list": ["filled"]}.get(slot.kind) if slot else None
        return SHOULD_NOT_BE_SET if step.value is None and self.strict else step.value


def user_event(step: UserStep) -> UserSaid:
    """The event of a customer step: entities are those annotated in its text, else those listed beside it."""
    if step.text.startswith("/"):
        found = tuple(FoundEntity(name, value, str(value)) for name, value in command_values(step.text))
        return UserSaid(step.text, step.intent, step.full_intent, 1.0, found or _listed(step))
    annotated = parse_annotations(step.text)
    found = tuple(
        FoundEntity(e.name, e.value, annotated.text[e.start : e.end], e.role, e.group, e.start, e.end) for e in annotated.entities
    )
    return UserSaid(annotated.text, step.intent, step.full_intent, 1.0, found or _listed(step))


def _listed(step: UserStep) -> tuple[FoundEntity, ...]:
    return tuple(FoundEntity(e.name, "" if e.value is None else e.value, "", e.role, e.group) for e in step.entities)


def entity_slots(domain: Domain, entities: Sequence[FoundEntity]) -> list[SlotSet]:
    """The slots that entities of a story fill: by the from_entity mappings that hold in no special form."""
    found = []
    for slot in domain.slots.values():
        values = [
            entity.value
            for mapping in slot.mappings
            if mapping.kind == "from_entity" and not (mapping.conditions and mapping.conditions[0].active_loop is not None)
            for entity in entities
            if (entity.name, entity.role, entity.group) == (mapping.entity, mapping.role, mapping.group)
        ]
        if values:
            found.append(SlotSet(slot.name, values if slot.kind == "list" else values[-1]))
    return found


def _played(flow: Flow, steps: tuple[Step, ...], domain: Domain) -> tuple[tuple[DialogueEvent, ...], tuple[Place, ...], frozenset[int]]:
    """Events, their places, and the first action when nothing leads to it, of a rule."""
    play = _Played(domain, strict=True)
    for step in steps:
        play.step(step)
    play.listen(flow.place)
    return tuple(play.events), tuple(play.places), _first_action(steps, play.events)


def _first_action(steps: Sequence[Step], events: Sequence[DialogueEvent]) -> frozenset[int]:
    """The place of an action that stands before anything the customer says: no history leads to it."""
    first = next((s for s in steps if isinstance(s, UserStep | ActionStep | BotStep)), None)
    if first is None or isinstance(first, UserStep):
        return frozenset()
    return frozenset([next(i for i, e in enumerate(events) if isinstance(e, ActionRan))])


@dataclass(frozen=True)
class _Part:
    """Steps between two checkpoints. None: where stories start, or end."""

    flow: Flow
    starts: tuple[CheckpointStep | None, ...]
    steps: tuple[Step, ...]
    end: str | None


def _parts(flow: Flow) -> list[_Part]:
    found: list[_Part] = []
    for number, chosen in enumerate(alternatives(flow.steps)):
        starts: list[CheckpointStep | None] = []
        steps: list[Step] = []
        own: list[_Part] = []
        for step in chosen:
            if not isinstance(step, CheckpointStep):
                steps.append(step)
            elif steps:
                own.append(_Part(flow, tuple(starts) or (None,), tuple(steps), step.name))
                starts, steps = [CheckpointStep(step.place, step.name)], []
            else:
                starts.append(step)
        if steps:
            own.append(_Part(flow, tuple(starts) or (None,), tuple(steps), None))
        found += own if number == 0 else [part for part in own if part not in found]
    return found


@dataclass(frozen=True)
class _Way:
    """Parts one after another, and the checkpoints that were passed."""

    parts: tuple[_Part, ...]
    passed: tuple[str, ...]


class _Joining:
    """Joins the parts of stories at their checkpoints."""

    def __init__(self, stories: Sequence[Flow], domain: Domain) -> None:
        self.domain = domain
        parts = [part for story in stories for part in _parts(story)]
        self.starters = [part for part in parts if None in part.starts]
        self.after: dict[str, list[tuple[CheckpointStep, _Part]]] = defaultdict(list)
        for part in parts:
            for start in part.starts:
                if start is not None:
                    self.after[start.name].append((start, part))
        self.circles: list[Place] = []

    def talks(self) -> list[Talk]:
        """Every way from a start to an end; at most MOST_TALKS of them."""
        found: list[Talk] = []
        waiting = [_Way((part,), ()) for part in reversed(self.starters)]
        while waiting and len(found) < MOST_TALKS:
            way = waiting.pop()
            end = way.parts[-1].end
            following = self._following(way, end) if end is not None else []
            if end is None or not following:
                found.append(self._talk(way))
            waiting += [_Way((*way.parts, part), (*way.passed, end or "")) for part in reversed(following)]
        return found

    def _following(self, way: _Way, end: str) -> list[_Part]:
        if end in way.passed:
            self.circles.append(way.parts[-1].steps[-1].place)
            return []
        return [part for start, part in self.after[end] if self._holds(way, start)]

    def _holds(self, way: _Way, start: CheckpointStep) -> bool:
        if not start.conditions:
            return True
        slots: dict[str, Any] = {name: slot.initial for name, slot in self.domain.slots.items()}
        for event in self._talk(way).events:
            if isinstance(event, SlotSet):
                slots[event.name] = event.value
        return all(slots.get(name) == value for name, value in start.conditions)

    def _talk(self, way: _Way) -> Talk:
        play = _Played(self.domain, strict=False)
        for part in way.parts:
            play.part_began = len(play.events)
            for step in part.steps:
                play.step(step)
        last = way.parts[-1]
        if last.end is None:
            play.listen(last.steps[-1].place)
        names = dict.fromkeys(part.flow.name for part in way.parts)
        return Talk(" > ".join(names), last.flow, tuple(play.events), tuple(play.places), _first_action(way.parts[0].steps, play.events))


def circles(stories: Sequence[Flow], domain: Domain) -> list[Place]:
    """Where a checkpoint leads back to itself."""
    joining = _Joining(stories, domain)
    joining.talks()
    return list(dict.fromkeys(joining.circles))
