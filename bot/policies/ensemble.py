"""Asks every policy and believes the most confident, then the one with the higher priority (Rasa 3.6's default ensemble)."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.dialogue_events import ActionRan, ActionRejected
from bot.policies.memoization import MemoizationPolicy
from bot.policies.prediction import Prediction, best
from bot.policies.repair import RepairPolicy
from bot.policies.rules import RulePolicy
from bot.project.types import LISTEN, Project
from bot.tracker import Tracker

FOLLOWUP = "followup_action"  # Rasa's name for it


class Policy(Protocol):
    """Says what comes next."""

    def predict(self, tracker: Tracker) -> Prediction | None:
        """The next action; None when the policy has nothing to say."""


class Ensemble:
    """The policies of a project; `learned` is the one that was trained, where there is one."""

    def __init__(self, project: Project, *, learned: Policy | None = None) -> None:
        self.config, self.project = project.config, project
        self.rules = RulePolicy(project)
        self.memoization = MemoizationPolicy(project, self.rules.rule_only)
        self.learned = learned
        self.repair = RepairPolicy(project, self.rules)

    def predict(self, tracker: Tracker, *, angry: bool = False) -> Prediction:
        """The next action; to listen when nobody knows better."""
        if tracker.followup and self.project.knows_action(tracker.followup):
            return Prediction(tracker.followup, FOLLOWUP, 1.0, why="the last action asked for it", regardless=True)
        by_rule = self.rules.predict(tracker) if self.config.rules else None
        mended = [self.repair.predict(tracker, angry=angry), self.repair.before_asking_again(tracker, by_rule)]
        said = [*mended, *self.said(tracker, by_rule)]
        chosen = best([p and replace(p, regardless=True) for p in mended]) or best(said)
        return self._with_all_events(chosen, said)

    def said(self, tracker: Tracker, by_rule: Prediction | None) -> list[Prediction | None]:
        """What each policy says, without the action that has just been rejected. Where one is sure the learned one is not asked."""
        rejected = _rejected(tracker)

        def still(prediction: Prediction | None) -> Prediction | None:
            return _without(prediction, rejected) if prediction and rejected else prediction

        said = [still(self.memoization.predict(tracker)) if self.config.memoization else None, still(by_rule)]
        if self.learned and not any(p and p.confidence >= 1.0 for p in said):
            said.append(still(self.learned.predict(tracker)))
        return said

    def _with_all_events(self, chosen: Prediction | None, said: list[Prediction | None]) -> Prediction:
        """What other policies found out about the talk counts as well."""
        events = tuple(event for p in said if p for event in p.events)
        if chosen is None or chosen.confidence <= 0:
            speaker = self.rules.name if self.config.rules else self.memoization.name
            return Prediction(LISTEN, speaker, 0.0, why="no policy knows a next action", events=events)
        return replace(chosen, events=events)


def _rejected(tracker: Tracker) -> str | None:
    last = next((e for e in reversed(tracker.events) if isinstance(e, ActionRan | ActionRejected)), None)
    return last.name if isinstance(last, ActionRejected) else None


def _without(prediction: Prediction, rejected: str) -> Prediction:
    if prediction.action != rejected:
        return prediction
    following = next(((a, c) for a, c in prediction.others if a != rejected), None)
    return replace(prediction, action=following[0], confidence=following[1]) if following else replace(prediction, confidence=0.0)
