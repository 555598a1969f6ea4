"""The rule policy: default intents, the running form, then the most specific rule that fits (Rasa 3.6's RulePolicy)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.dialogue_events import ActionRan, ActionRejected, LoopInterrupted
from bot.policies.learnt import Pair, Talk, rule_talks, story_talks, talk_pairs
from bot.policies.prediction import RULES, Prediction
from bot.project.types import LISTEN, RULE_SNIPPET, Place, Project
from bot.states import NOT_SET, SHOULD_NOT_BE_SET, RuleOnly, State
from bot.tracker import Tracker

DEFAULT_ACTION_OF = {"restart": "action_restart", "back": "action_back", "session_start": "action_session_start"}


@dataclass(frozen=True)
class Rule:
    """A step of a rule that was learnt: in these states comes this action. `source` names it, `length` says how much it asks for."""

    states: tuple[State, ...]
    action: str
    name: str
    place: Place
    length: int


@dataclass(frozen=True)
class Contradiction:
    """At `place`, `flow` (written at `flow_place`) wants `wanted` where the rule `rule` says `said`."""

    place: Place
    flow: str
    flow_place: Place
    wanted: str
    rule: str
    rule_place: Place
    said: str


class RulePolicy:
    """Knows the rules of a project, and which of their steps no story has (policies that learn do not see those turns)."""

    name = "RulePolicy"

    def __init__(self, project: Project) -> None:
        self.config, self.domain = project.config, project.domain
        rules = rule_talks(project.rules, project.domain)
        stories = story_talks(project.stories, project.domain)
        rule_pairs = [pair for talk in rules for pair in talk_pairs(talk, project.domain)]
        story_pairs = [pair for talk in stories for pair in talk_pairs(talk, project.domain)]
        self.rules, self.clashes = _lookup(rule_pairs)
        self.returning, self.not_to_loop = _unhappy_paths([*rule_pairs, *story_pairs])
        self.rule_only = _rule_only(rule_pairs, story_pairs)
        self.contradictions: list[Contradiction] = []
        self._used_in_stories: set[str] = set()
        self._in_stories_known = False
        self._compare(rules, stories)

    def predict(self, tracker: Tracker) -> Prediction | None:
        """The next action by rule, or the core fallback; None when rules have nothing to say."""
        return self._predict(tracker)[0]

    def _predict(self, tracker: Tracker) -> tuple[Prediction | None, str]:
        user = tracker.latest_user
        if tracker.latest_action == LISTEN and user and user.intent in DEFAULT_ACTION_OF:
            return self._say(DEFAULT_ACTION_OF[user.intent], "a default intent", source=f"default {user.intent}")
        loop = tracker.loop
        if loop and not loop.rejected:
            if tracker.latest_action == loop.name:
                why, source = f"form {loop.name} waits for an answer", f"loop {loop.name} listens"
                return self._say(LISTEN, why, source=source, regardless=True)
            if tracker.latest_action is not None:
                return self._say(loop.name, f"form {loop.name} is running", source=f"loop {loop.name}", regardless=True)
        return self._by_rule(tracker)

    def _by_rule(self, tracker: Tracker) -> tuple[Prediction | None, str]:
        states = tracker.states()
        rule = self.find(states, tracker)
        events: tuple[LoopInterrupted, ...] = ()
        if tracker.loop:
            general = rule is not None and rule.action == LISTEN and rule.states[-1].loop in (None, SHOULD_NOT_BE_SET)
            blocked = any(_fits(key, states) for key in self.not_to_loop)
            if rule and general and not blocked:
                why = f"form {tracker.loop.name} asks again after rule {rule.name!r}"
                return self._say(tracker.loop.name, why, source=_key(rule.states))
            rule = None if general else rule
            events = (LoopInterrupted(True),) if any(_fits(key, states) for key in self.returning) else ()
        if rule:
            said, source = self._say(rule.action, f"rule {rule.name!r} ({rule.place})", source=_key(rule.states), events=events)
            return said, source
        if self.config.core_fallback:
            action, confidence = self.config.core_fallback_action, self.config.core_threshold
            hidden = self._is_hidden(_key(tuple(states)))
            return Prediction(action, self.name, confidence, self._priority, "nothing else fits", events, hidden=hidden), ""
        return (Prediction(LISTEN, self.name, 0.0, self._priority, "no rule fits", events) if events else None), ""

    def find(self, states: Sequence[State], tracker: Tracker) -> Rule | None:
        """The most specific rule step that fits the talk."""
        full = tracker.latest_user.full_intent if tracker.latest_user else None
        return next((r for r in self.rules if _fits(r.states, states, full_intent=full, truncated=tracker.truncated)), None)

    @property
    def _priority(self) -> int:
        return self.config.priorities.get(self.name, RULES)

    def _say(
        self, action: str, why: str, *, source: str, regardless: bool = False, events: tuple[LoopInterrupted, ...] = ()
    ) -> tuple[Prediction, str]:
        others = ((self.config.core_fallback_action, self.config.core_threshold),) if self.config.core_fallback else ()
        hidden = self._is_hidden(source)
        said = Prediction(action, self.name, 1.0, self._priority, why, events, regardless=regardless, hidden=hidden, others=others)
        return said, source

    def _is_hidden(self, source: str) -> bool:
        """Whether no story knows this step."""
        known = source.startswith(("default ", "loop ")) or source in self._sources
        return self._in_stories_known and known and source not in self._used_in_stories

    def _compare(self, rules: Sequence[Talk], stories: Sequence[Talk]) -> None:
        """Plays every rule and story: where a rule says otherwise is a contradiction, where it says the same a story uses it."""
        self._sources: dict[str, list[tuple[str, Place, str]]] = defaultdict(list)
        for talk in rules:
            for tracker, event, _ in _steps_of(talk, self):
                said, source = self._predicted(tracker, event.name)
                if source:
                    wanted = said if source.startswith(("default ", "loop ")) else event.name
                    self._sources[source].append((talk.name, talk.flow.place, wanted or ""))
        for talk in [*rules, *stories]:
            for tracker, event, place in _steps_of(talk, self):
                self._check(talk, tracker, event, place)
        self._in_stories_known = True

    def _check(self, talk: Talk, tracker: Tracker, event: ActionRan, place: Place) -> None:
        said, source = self._predicted(tracker, event.name)
        if not talk.is_rule and said == event.name:
            self._used_in_stories.add(source)
        if said is None or not source or said == event.name:
            return
        if not talk.is_rule and said == LISTEN and self._drop_short_listen(source):
            return
        for name, rule_place, wanted in self._sources[source]:
            if wanted != event.name:
                self.contradictions.append(Contradiction(place, talk.name, talk.flow.place, event.name, name, rule_place, said))

    def _predicted(self, tracker: Tracker, wanted: str) -> tuple[str | None, str]:
        prediction, source = self._predict(tracker)
        if tracker.loop and prediction and prediction.action != wanted and prediction.action == tracker.loop.name:
            tracker.apply(ActionRejected(tracker.loop.name))
            prediction, source = self._predict(tracker)
        return (prediction.action if prediction and prediction.confidence == 1.0 else None), source

    def _drop_short_listen(self, source: str) -> bool:
        """A rule that only says to listen after an action gives way to a story that goes on there."""
        if source.count('"prev_action"') > 1 or not any(
            _key(r.states).startswith(source[:-2]) and _key(r.states) != source for r in self.rules
        ):
            return False
        self.rules = [r for r in self.rules if _key(r.states) != source]
        return True


def _steps_of(talk: Talk, policy: RulePolicy) -> Iterable[tuple[Tracker, ActionRan, Place]]:
    """The tracker before each action of a talk that something leads to."""
    tracker = Tracker(policy.domain)
    open_now = True
    for index, event in enumerate(talk.events):
        if isinstance(event, ActionRan):
            if event.name == RULE_SNIPPET:
                open_now = True
            elif open_now or index in talk.unpredictable:
                open_now = False
            else:
                yield tracker, event, talk.places[index]
        tracker.apply(event)


def _lookup(pairs: Sequence[Pair]) -> tuple[list[Rule], list[tuple[Pair, Pair]]]:
    """The rules, the longest first, and pairs that say two things of the same states: those are believed in neither."""
    known: dict[str, Pair] = {}
    clashes: list[tuple[Pair, Pair]] = []
    ambiguous: set[str] = set()
    for pair in pairs:
        key = _key(pair.states)
        if not key or pair.action == RULE_SNIPPET or key in ambiguous:
            continue
        if key in known and known[key].action != pair.action:
            clashes.append((known[key], pair))
            ambiguous.add(key)
            del known[key]
        else:
            known.setdefault(key, pair)
    rules = [Rule(_after_snippet(p.states), p.action, p.flow.name, p.place, len(key)) for key, p in known.items()]
    return sorted(rules, key=lambda r: -r.length), clashes


def _after_snippet(states: Sequence[State]) -> tuple[State, ...]:
    """The states since the talk was open to anything."""
    last = max((i for i, s in enumerate(states) if s.action == RULE_SNIPPET), default=-1)
    return tuple(states[last + 1 :])


def _key(states: Sequence[State]) -> str:
    """The states written as Rasa writes them: of several rules that fit, the longest text is believed."""
    kept = _after_snippet(states)
    return json.dumps([_written(s) for s in kept], sort_keys=True) if kept else ""


def _written(state: State) -> dict[str, object]:
    user = {"intent": state.intent, "entities": list(state.entities), "text": state.text}
    parts = {
        "user": {k: v for k, v in user.items() if v},
        "slots": {n: (SHOULD_NOT_BE_SET if f == NOT_SET else list(f)) for n, f in state.slots},
        "prev_action": {"action_name": state.action} if state.action else {},
        "active_loop": {"name": state.loop} if state.loop else {},
    }
    return {name: part for name, part in parts.items() if part}


def _unhappy_paths(pairs: Sequence[Pair]) -> tuple[list[tuple[State, ...]], list[tuple[State, ...]]]:
    """Where the running form comes back without reading the message, and where something else than the form comes next."""
    returning: dict[tuple[State, ...], None] = {}
    other: dict[tuple[State, ...], None] = {}
    for pair in pairs:
        last = pair.states[-1]
        if last.loop in (None, SHOULD_NOT_BE_SET):
            continue
        key = _after_snippet(_last_two(pair.states))
        if not key:
            continue
        if last.action == LISTEN and pair.action == last.loop:
            returning[key] = None
            other.pop(key, None)
        elif last.action != LISTEN and pair.action != last.loop:
            other[key] = None
            returning.pop(key, None)
    return list(returning), list(other)


def _last_two(states: Sequence[State]) -> tuple[State, ...]:
    """The present state and, of the one before, only its action."""
    if len(states) == 1 or not states[-2].action:
        return (states[-1],)
    return (State(action=states[-2].action), states[-1])


def _rule_only(rule_pairs: Sequence[Pair], story_pairs: Sequence[Pair]) -> RuleOnly:
    def seen(pairs: Sequence[Pair]) -> tuple[set[str], set[str]]:
        states = [state for pair in pairs for state in pair.states]
        return {n for s in states for n, _ in s.slots}, {s.loop for s in states if s.loop and s.loop != SHOULD_NOT_BE_SET}

    slots, loops = seen(rule_pairs)
    story_slots, story_loops = seen(story_pairs)
    return RuleOnly(frozenset(slots - story_slots), frozenset(loops - story_loops))


def _fits(rule: Sequence[State], talk: Sequence[State], *, full_intent: str | None = None, truncated: bool = False) -> bool:
    """Whether the rule's states fit the newest states of the talk; a state without a last action is the start of a talk."""
    for index, seen in enumerate(reversed(talk)):
        if index >= len(rule):
            return True
        asked = rule[-1 - index]
        starts = seen.action is None and not truncated
        if asked.action is None or seen.action is None:
            return asked.action is None and starts
        if not _state_fits(asked, seen, full_intent):
            return False
    return True


def _state_fits(rule: State, seen: State, full_intent: str | None) -> bool:
    if rule.intent and rule.intent != seen.intent and not ("/" in rule.intent and _whole_intent_fits(rule.intent, seen, full_intent)):
        return False
    if (rule.text and rule.text != seen.text) or (rule.entities and rule.entities != seen.entities):
        return False
    if rule.action and rule.action != seen.action:
        return False
    if rule.loop and not _agrees(rule.loop, seen.loop):
        return False
    slots = dict(seen.slots)
    return all(slots.get(name) in (None, NOT_SET) if f == NOT_SET else slots.get(name) == f for name, f in rule.slots)


def _agrees(asked: str, seen: str | None) -> bool:
    return seen in (None, SHOULD_NOT_BE_SET) if asked == SHOULD_NOT_BE_SET else seen == asked


def _whole_intent_fits(wanted: str, seen: State, full_intent: str | None) -> bool:
    return wanted.split("/", 1)[0] == seen.intent and wanted == full_intent
