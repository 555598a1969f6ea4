"""Memoization over stories: the same states lead to the same action; augmented, older turns may be forgotten until one fits."""

from __future__ import annotations

from bot.policies.learnt import story_pairs
from bot.policies.prediction import MEMOIZATION, Prediction
from bot.project.types import Project
from bot.states import State, tracker_states
from bot.tracker import Tracker

Key = tuple[State, ...]


class MemoizationPolicy:
    """Knows every state sequence of the stories, cut to `max_history` states. Sequences with two answers are not remembered."""

    def __init__(self, project: Project) -> None:
        self.augmented = project.config.augmented
        self.max_history = project.config.max_history
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
        """The action of the story that went the same way, with full confidence; None when there is none."""
        if not self.known:
            return None
        states = tuple(tracker_states(tracker))
        for start in range(len(states)) if self.augmented else (0,):
            found = self.known.get(self._key(_forget(states, start)))
            if found:
                return Prediction(found[0], "MemoizationPolicy", 1.0, MEMOIZATION, found[1])
        return None

    def _key(self, states: tuple[State, ...]) -> Key:
        return states[-self.max_history :] if self.max_history else states


def _forget(states: tuple[State, ...], turns: int) -> tuple[State, ...]:
    """Without the oldest states; what is left begins as a new talk would."""
    return states if turns == 0 else (State(), *states[turns + 1 :]) if turns + 1 < len(states) else states[turns:]
