"""The rule policy: default intents, the running form, then the most specific rule that fits (Rasa 3's RulePolicy)."""

from __future__ import annotations

from bot.dialogue_events import LoopInterrupted
from bot.policies.learnt import NO_LOOP, Pair, rule_pairs
from bot.policies.prediction import RULES, Prediction
from bot.project.types import LISTEN, Project
from bot.states import NOT_SET, State, tracker_states
from bot.tracker import Tracker

DEFAULT_ACTION_OF = {"restart": "action_restart", "back": "action_back", "session_start": "action_session_start"}


class RulePolicy:
    """Knows the rules of a project."""

    def __init__(self, project: Project) -> None:
        self.config = project.config
        pairs = [pair for rule in project.rules for pair in rule_pairs(rule, project.domain)]
        self.pairs = sorted(pairs, key=lambda p: -p.weight)
        self.actions = {action: [p for p in self.pairs if p.action == action] for action in {p.action for p in self.pairs}}

    def predict(self, tracker: Tracker) -> Prediction | None:
        """The next action by rule, or the core fallback; None when rules have nothing to say."""
        if tracker.latest_action == LISTEN and tracker.latest_user and tracker.latest_user.intent in DEFAULT_ACTION_OF:
            return self._say(DEFAULT_ACTION_OF[tracker.latest_user.intent], "a default intent")
        if tracker.loop and not tracker.loop.rejected:
            if tracker.latest_action == tracker.loop.name:
                return self._say(LISTEN, f"form {tracker.loop.name} waits for an answer")
            return self._say(tracker.loop.name, f"form {tracker.loop.name} is running")
        pair = self.find(tracker_states(tracker), tracker)
        if tracker.loop and (pair is None or (pair.action == LISTEN and pair.states[-1].loop in (None, NO_LOOP))):
            why = f"form {tracker.loop.name} asks again" + (f" after rule {pair.flow.name!r}" if pair else "")
            return Prediction(tracker.loop.name, "RulePolicy", 1.0, RULES, why, (LoopInterrupted(True),))
        if pair:
            return self._say(pair.action, f"rule {pair.flow.name!r} ({pair.place})")
        if self.config.core_fallback:
            action = self.config.core_fallback_action
            return Prediction(action, "RulePolicy", self.config.core_threshold, RULES, "nothing else fits")
        return None

    def find(self, states: list[State], tracker: Tracker) -> Pair | None:
        """The most specific rule step that fits the talk."""
        full = tracker.latest_user.full_intent if tracker.latest_user else None
        for pair in self.pairs:
            if fits(pair, states, full_intent=full, truncated=tracker.truncated):
                return pair
        return None

    @staticmethod
    def _say(action: str, why: str) -> Prediction:
        return Prediction(action, "RulePolicy", 1.0, RULES, why)


def fits(pair: Pair, states: list[State], *, full_intent: str | None, truncated: bool) -> bool:
    """Whether the rule's states fit the newest states of the talk."""
    if len(pair.states) > len(states) or (pair.from_start and (truncated or len(pair.states) != len(states))):
        return False
    recent = states[-len(pair.states) :]
    return all(_state_fits(r, s, full_intent) for r, s in zip(reversed(pair.states), reversed(recent), strict=True))


def _state_fits(rule: State, seen: State, full_intent: str | None) -> bool:
    if rule.intent and rule.intent != seen.intent and not ("/" in rule.intent and _whole_intent_fits(rule.intent, seen, full_intent)):
        return False
    if rule.entities and rule.entities != seen.entities:
        return False
    if rule.action and rule.action != seen.action:
        return False
    if rule.loop and rule.loop != (seen.loop or NO_LOOP):
        return False
    slots = dict(seen.slots)
    return all(slots.get(name) == (None if feature == NOT_SET else feature) for name, feature in rule.slots)


def _whole_intent_fits(wanted: str, seen: State, full_intent: str | None) -> bool:
    return wanted.split("/", 1)[0] == seen.intent and wanted == full_intent
