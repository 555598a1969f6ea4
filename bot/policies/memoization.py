"""Memoization over stories: the same states lead to the same action; augmented, older turns may be forgotten until one fits."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue_events import ActionRan, DialogueEvent
from bot.policies.learnt import story_pairs
from bot.policies.prediction import MEMOIZATION, Prediction
from bot.project.types import LISTEN, Project
from bot.states import Moment, RuleOnly, State, applied_events, past_states
from bot.tracker import Tracker

Key = tuple[State, ...]


class MemoizationPolicy:
    """Knows every state sequence of the stories, cut to `max_history` states. Sequences with two answers are not remembered."""

    def __init__(self, project: Project, rule_only: RuleOnly) -> None:
        config = project.config
        self.domain, self.rule_only = project.domain, rule_only
        self.augmented, self.max_history = config.augmented, config.max_history
        self.by_confidence = config.nlu_confidence_as_score
        self.name = "AugmentedMemoizationPolicy" if self.augmented else "MemoizationPolicy"
        self.priority = config.priorities.get(self.name, MEMOIZATION)
        self.known: dict[Key, tuple[str, str]] = {}
        ambiguous: set[Key] = set()
        for pair in story_pairs(project.stories, project.domain):
            key = self._key(pair.states)
            if key in self.known and self.known[key][0] != pair.action:
                ambiguous.add(key)
            self.known.setdefault(key, (pair.action, f"story {pair.flow.name!r} ({pair.place})"))
        for key in ambiguous:
            del self.known[key]

    def predict(self, tracker: Tracker) -> Prediction | None:
        """The action of the story that went the same way; None when there is none."""
        if not self.known:
            return None
        for states in self._memories(tracker):
            found = self.known.get(self._key(states))
            if found:
                user = tracker.latest_user
                confidence = user.confidence if self.by_confidence and user else 1.0
                return Prediction(found[0], self.name, confidence, self.priority, found[1])
        return None

    def _memories(self, tracker: Tracker) -> Iterator[Key]:
        """The states of the talk; augmented also those of its later parts alone, as if nothing had been before."""
        yield tuple(tracker.states(rule_only=self.rule_only))
        if not self.augmented:
            return
        events = self._recent(tracker.applied())
        for start in [i for i, e in enumerate(events) if isinstance(e, ActionRan)]:
            later = applied_events(events[start:])
            yield tuple(past_states(later, Moment(self.domain), rule_only=self.rule_only))

    def _recent(self, events: list[DialogueEvent]) -> list[DialogueEvent]:
        """As many of the newest events as may matter: `max_history` actions, from where the bot listened before them."""
        if not self.max_history:
            return events
        actions = 0
        for back, event in enumerate(reversed(events), start=1):
            if isinstance(event, ActionRan):
                actions += 1
                if actions > self.max_history and event.name == LISTEN:
                    return events[-back:]
        return events

    def _key(self, states: Key) -> Key:
        return states[-self.max_history :] if self.max_history else states
