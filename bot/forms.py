"""Runs a form: starts it, takes and checks the answer, asks for the next slot, ends (Rasa 3's FormAction)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.actions.port import ActionContext, ActionResult, FormRules
from bot.dialogue_events import ActionRan, ActionRejected, LoopActive, SlotSet
from bot.project.types import LISTEN, REQUESTED_SLOT, Form
from bot.slot_filling import trigger_values


@dataclass
class FormStep:
    """What one run of a form did. `rejected`: the message holds no answer, others may decide."""

    results: list[ActionResult] = field(default_factory=list)
    rejected: bool = False


async def run_form(form: Form, context: ActionContext, *, by: str) -> FormStep:
    """Runs `form` on the latest message and applies its events to the tracker."""
    tracker, step = context.tracker, FormStep()
    starting = tracker.loop_name != form.name
    candidates = await _candidates(form, context, step, starting=starting)
    rules = context.form_rules(form.name)
    asked = None if starting else tracker.requested_slot
    reading = candidates is not None
    if reading and not starting and asked and not candidates:
        tracker.apply(ActionRejected(form.name))
        step.rejected = True
        return step
    tracker.apply(ActionRan(form.name, by))
    ended = await _check(rules, candidates or {}, context, step)
    if ended:
        tracker.apply(SlotSet(REQUESTED_SLOT, None), LoopActive(None))
        return step
    await _ask_next(form, rules, context, step)
    return step


async def _candidates(form: Form, context: ActionContext, step: FormStep, *, starting: bool) -> dict[str, Any] | None:
    """The values to check; None when the form comes back after something else and only asks again."""
    tracker = context.tracker
    if starting:
        await _say_switch(context, step)
        tracker.memory["last_form"] = form.name
        tracker.apply(LoopActive(form.name), SlotSet(REQUESTED_SLOT, None), *trigger_values(form, tracker))
        return {n: tracker.slots[n] for n in form.required_slots if tracker.slots[n] is not None}
    if tracker.latest_action != LISTEN or (tracker.loop and tracker.loop.interrupted):
        return None
    wanted = {*form.required_slots, tracker.requested_slot}
    return {n: tracker.slots[n] for n in wanted if n in tracker.set_this_turn and n in tracker.domain.slots}


async def _say_switch(context: ActionContext, step: FormStep) -> None:
    response = context.project.config.repair.switch_response
    if context.tracker.loop and response:
        step.results.append(ActionResult(messages=(context.say(response),)))


async def _check(rules: FormRules | None, candidates: dict[str, Any], context: ActionContext, step: FormStep) -> bool:
    """Lets the form's own rules check the candidates; True when they end the form."""
    if rules is None:
        return False
    result = await rules.validate(candidates, context)
    step.results.append(result)
    context.tracker.apply(*result.events)
    return result.handoff is not None or any(isinstance(e, LoopActive) and e.name is None for e in result.events)


async def _ask_next(form: Form, rules: FormRules | None, context: ActionContext, step: FormStep) -> None:
    tracker = context.tracker
    required = rules.required_slots(form.required_slots, context) if rules else form.required_slots
    following = next((n for n in required if tracker.slots.get(n) is None), None)
    tracker.apply(SlotSet(REQUESTED_SLOT, following))
    if following is None:
        tracker.apply(LoopActive(None))
        return
    names = (
        f"action_ask_{form.name}_{following}",
        f"utter_ask_{form.name}_{following}",
        f"action_ask_{following}",
        f"utter_ask_{following}",
    )
    name = next((n for n in names if context.project.knows_action(n)), None)
    if name:
        result = await context.run(name)
        tracker.apply(*result.events)
        step.results.append(result)
