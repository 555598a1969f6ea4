"""Asks every policy and believes the most confident, then the one with the higher priority."""

from __future__ import annotations

from bot.policies.memoization import MemoizationPolicy
from bot.policies.prediction import Prediction, best
from bot.policies.repair import RepairPolicy
from bot.policies.rules import RulePolicy
from bot.project.types import LISTEN, Project
from bot.tracker import Tracker


class Ensemble:
    """The policies of a project."""

    def __init__(self, project: Project) -> None:
        self.config = project.config
        self.rules = RulePolicy(project)
        self.memoization = MemoizationPolicy(project)
        self.repair = RepairPolicy(project, self.rules)

    def predict(self, tracker: Tracker, *, angry: bool = False) -> Prediction:
        """The next action; to listen when nobody knows better."""
        if tracker.followup:
            return Prediction(tracker.followup, "Followup", 1.0, why="the last action asked for it")
        by_rule = self.rules.predict(tracker) if self.config.rules else None
        said = [
            self.repair.predict(tracker, angry=angry),
            self.repair.before_asking_again(tracker, by_rule),
            by_rule,
            self.memoization.predict(tracker) if self.config.memoization else None,
        ]
        return best(said) or Prediction(LISTEN, "none", 0.0, why="no policy knows a next action")
