"""What Baton mends between reading a message and Rasa's policies, by `baton: repair:` of config.yml: Rasa itself knows no such thing."""

from __future__ import annotations

from bot.dialogue_events import ActionRejected, DialogueEvent, Followup, SlotSet
from bot.project.types import REQUESTED_SLOT, ActionStep, Project, UserStep
from bot.reading import says_nothing_else
from bot.tracker import Tracker


def mend(project: Project, tracker: Tracker, *, angry: bool) -> tuple[tuple[DialogueEvent, ...], str | None]:
    """The events that come before the policies, and the response that is said with them, if one is.

    An angry message leads to `angry_action`. `leave_form` intents, and `switch_form` intents whose rule starts another form, make the
    running form let the message pass. A message that neither fills a slot nor fits a rule leads to `unanswered_action`.
    """
    repair, user, loop = project.config.repair, tracker.latest_user, tracker.loop_name
    if angry and repair.angry_action:
        return (Followup(repair.angry_action),), None
    if user is None or loop is None:
        return (), None
    answered = _answered(tracker)
    other = _form_of(project, user.intent)
    if user.intent in repair.leave_form and not answered:
        return (ActionRejected(loop),), None
    if (user.intent in repair.switch_form or "*" in repair.switch_form) and other not in (None, loop) and not answered:
        return (ActionRejected(loop), SlotSet(REQUESTED_SLOT, None)), repair.switch_response
    form = project.domain.forms.get(loop)
    filled = form is not None and bool(tracker.set_this_turn & {*form.required_slots, tracker.requested_slot})
    if repair.unanswered_action and not filled and not _has_rule(project, user.intent):
        return (Followup(repair.unanswered_action),), None
    return (), None


def _answered(tracker: Tracker) -> bool:
    """Whether the words themselves answer the open question: then they are an answer, whatever intent they were taken for."""
    asked, user = tracker.requested_slot, tracker.latest_user
    if asked is None or user is None or asked not in tracker.set_this_turn:
        return False
    slot = tracker.domain.slots.get(asked)
    entities = {m.entity for m in slot.mappings if m.kind == "from_entity"} if slot else set()
    return says_nothing_else(user) or not any(e.name in entities for e in user.entities)


def _form_of(project: Project, intent: str) -> str | None:
    """The form that a rule starts on this intent."""
    for rule in project.rules:
        for step, following in zip(rule.steps, rule.steps[1:], strict=False):
            says = isinstance(step, UserStep) and step.intent == intent
            if says and isinstance(following, ActionStep) and following.name in project.domain.forms:
                return following.name
    return None


def _has_rule(project: Project, intent: str) -> bool:
    return any(isinstance(step, UserStep) and step.intent == intent for rule in project.rules for step in rule.steps)
