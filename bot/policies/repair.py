"""Mending the talk in every flow: who is angry gets a person, and some intents are decided before a running form may take the message."""

from __future__ import annotations

from bot.dialogue_events import ActionRejected, LoopInterrupted
from bot.policies.prediction import Prediction
from bot.policies.rules import RulePolicy
from bot.project.types import LISTEN, Project
from bot.repair.wishes import question_intents, task_intents
from bot.tracker import Tracker

ABOVE_ALL = 9


class RepairPolicy:
    """Follows `baton: repair:` of config.yml."""

    def __init__(self, project: Project, rules: RulePolicy) -> None:
        self.repair = project.config.repair
        self.forms = project.domain.forms
        self.rules = rules
        self.tasks = task_intents(project, rules.rules)
        self.questions = question_intents(project)

    def predict(self, tracker: Tracker, *, angry: bool) -> Prediction | None:
        """The action for an angry message, once, right after it was read."""
        if angry and self.repair.angry_action and tracker.latest_action == LISTEN:
            return Prediction(self.repair.angry_action, "RepairPolicy", 1.0, ABOVE_ALL, "the message is angry")
        return None

    def before_asking_again(self, tracker: Tracker, by_rule: Prediction | None) -> Prediction | None:
        """When nothing took the message and the form would only repeat its question: the action that says so."""
        loop, action = tracker.loop, self.repair.unanswered_action
        if not action or loop is None or not loop.rejected or by_rule is None:
            return None
        if tracker.latest_action == LISTEN and (by_rule.action == loop.name or by_rule.confidence < 1.0):
            return Prediction(action, "RepairPolicy", 1.0, ABOVE_ALL - 1, f"the message does not answer {tracker.requested_slot}")
        if tracker.latest_action == action:
            again = (LoopInterrupted(True),)
            return Prediction(loop.name, "RepairPolicy", 1.0, ABOVE_ALL - 1, f"form {loop.name} asks again", again)
        return None

    def let_pass(self, tracker: Tracker, *, answered: bool) -> tuple[ActionRejected, str] | None:
        """When the running form must let the latest message pass: the event, and why.

        `answered` says that the message's own words, or nothing but an entity, answer the open question: then it is an answer,
        whatever intent such words were taken for.
        """
        user, loop = tracker.latest_user, tracker.loop
        if user is None or loop is None or loop.rejected or answered:
            return None
        if user.intent in self.repair.leave_form:
            return ActionRejected(loop.name), f"{user.intent} goes before form {loop.name}"
        if user.intent in self.repair.switch_form or "*" in self.repair.switch_form:
            pair = self.rules.find(tracker.states(), tracker)
            if pair and pair.action in self.forms and pair.action != loop.name:
                return ActionRejected(loop.name), f"{user.intent} leads from form {loop.name} to {pair.action}"
        return None
