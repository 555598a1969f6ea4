"""Runs a form: starts it, takes and checks the answer, asks for the next slot, ends (Rasa 3.6's FormAction)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.actions.port import ActionContext, ActionResult, FormRules
from bot.dialogue_events import ActionRan, ActionRejected, DialogueEvent, LoopActive, Restarted, SlotSet, UserSaid
from bot.project.types import LISTEN, REQUESTED_SLOT, Form
from bot.slot_filling import extract_slots


@dataclass
class FormStep:
    """What one run of a form did: its events in order, and what its parts want beside. `rejected`: the message holds no answer."""

    events: list[DialogueEvent] = field(default_factory=list)
    results: list[ActionResult] = field(default_factory=list)
    rejected: bool = False


async def run_form(form: Form, context: ActionContext) -> FormStep:
    """Runs `form` on the latest message. Nothing is applied to the tracker of `context`."""
    return await _FormRun(form, context).run()


class _FormRun:
    """One run of a form."""

    def __init__(self, form: Form, context: ActionContext) -> None:
        self.form, self.context, self.tracker = form, context, context.tracker
        self.rules: FormRules | None = context.form_rules(form.name)
        self.validates = f"validate_{form.name}"
        self.step = FormStep()

    async def run(self) -> FormStep:
        step = self.step
        if self.tracker.loop_name != self.form.name:
            await self._activate()
        if not _is_done(step.events):
            await self._do()
        if step.rejected:
            return FormStep(results=step.results, rejected=True)
        if _is_done(step.events):
            step.events.append(LoopActive(None))
        return step

    async def _activate(self) -> None:
        """Begins the form: slots that are filled already, or by the message that began it, are checked first."""
        self._say_switch()
        self.tracker.memory["last_form"] = self.form.name
        self.step.events.append(LoopActive(self.form.name))
        trial = self.tracker.copy()
        trial.apply(LoopActive(self.form.name))
        extraction = await extract_slots(replace(self.context, tracker=trial))
        self.step.results += extraction.results
        trial.apply(*extraction.events)
        found = [e for e in extraction.events if isinstance(e, SlotSet)]
        filled = {n: trial.slots[n] for n in self.form.required_slots if trial.slots.get(n) is not None}
        if not self._has_rules:
            self.step.events += found
            return
        checked = await self._validate(filled, replace(self.context, tracker=trial))
        names = {e.name for e in checked if isinstance(e, SlotSet)}
        self.step.events += [*checked, *(e for e in found if e.name not in names)]

    def _say_switch(self) -> None:
        response = self.context.project.config.repair.switch_response
        if self.tracker.loop and response:
            said = ActionResult(messages=(self.context.say(response),))
            self.step.events += said.in_order()

    @property
    def _has_rules(self) -> bool:
        return self.rules is not None or self.validates in self.tracker.domain.actions

    async def _do(self) -> None:
        """Takes the answer where there is one to take, then asks for what is missing."""
        own: list[DialogueEvent] = []
        if all(isinstance(e, LoopActive) for e in self.step.events):
            own = await self._check_answer()
            if self.step.rejected:
                return
        self.step.events += own
        if not any(isinstance(e, ActionRejected) for e in own):
            self.step.events += await self._ask_next()

    async def _check_answer(self) -> list[DialogueEvent]:
        loop = self.tracker.loop
        if loop and (self.tracker.latest_action != LISTEN or loop.interrupted):
            return await self._validate({}, self.context) if self._has_rules else []
        asked = self._asked
        candidates = _set_since_user(self.tracker.events, {*self.form.required_slots, *([asked] if asked else [])})
        events = await self._validate(candidates, self.context) if self._has_rules else []
        told = any(isinstance(e, SlotSet) and e.name != REQUESTED_SLOT for e in events)
        left_alone = bool(asked) and not candidates and not told and not any(isinstance(e, ActionRejected) for e in events)
        self.step.rejected = self.step.rejected or left_alone
        return events

    @property
    def _asked(self) -> str | None:
        """The slot that this form asked for; what another form asked does not count."""
        return self.tracker.requested_slot if self.tracker.loop_name == self.form.name else None

    async def _validate(self, candidates: dict[str, Any], context: ActionContext) -> list[DialogueEvent]:
        """The form's own check of new values: its events, which overrule them."""
        trial = self._trial(context, [SlotSet(name, value) for name, value in candidates.items()])
        if self.rules is not None:
            result = await self.rules.validate(candidates, context)
        else:
            result = await trial.run(self.validates)
        self.step.results.append(result)
        self.step.rejected = self.step.rejected or bool(result.notes.get("rejected"))
        ended = (LoopActive(None),) if result.handoff else ()
        return [*result.in_order(), *ended]

    def _trial(self, context: ActionContext, events: Sequence[DialogueEvent]) -> ActionContext:
        """The talk as it would be after the form ran and `events` came."""
        tracker = context.tracker.copy()
        tracker.apply(SlotSet(REQUESTED_SLOT, self._asked), ActionRan(self.form.name), *events)
        return replace(context, tracker=tracker)

    async def _ask_next(self) -> list[DialogueEvent]:
        so_far = self.step.events
        if _is_done(so_far):
            return [SlotSet(REQUESTED_SLOT, None)]
        trial = self._trial(self.context, so_far)
        chosen = next((e.value for e in so_far if isinstance(e, SlotSet) and e.name == REQUESTED_SLOT), None)
        asking: list[DialogueEvent] = []
        if not chosen:
            required = self.rules.required_slots(self.form.required_slots, trial) if self.rules else self.form.required_slots
            chosen = next((n for n in required if trial.tracker.slots.get(n) is None), None)
            asking.append(SlotSet(REQUESTED_SLOT, chosen))
        if not chosen:
            return [SlotSet(REQUESTED_SLOT, None)]
        return [*asking, *await self._ask(str(chosen), trial)]

    async def _ask(self, slot: str, context: ActionContext) -> tuple[DialogueEvent, ...]:
        form = self.form.name
        names = (f"action_ask_{form}_{slot}", f"utter_ask_{form}_{slot}", f"action_ask_{slot}", f"utter_ask_{slot}")
        name = next((n for n in names if context.project.knows_action(n)), None)
        if name is None:
            return ()
        result = await context.run(name)
        self.step.results.append(result)
        return result.in_order()


def _set_since_user(events: Sequence[DialogueEvent], names: set[str]) -> dict[str, Any]:
    """The slots of `names` that were set since the customer spoke last, with their newest values, in the order they were set."""
    newest: list[SlotSet] = []
    for event in reversed(events):
        if isinstance(event, UserSaid | Restarted):
            break
        if isinstance(event, SlotSet) and event.name in names:
            newest.append(event)
    return {event.name: event.value for event in reversed(newest)}


def _is_done(events: Sequence[DialogueEvent]) -> bool:
    """Whether the events say that the form is over: nothing is asked any more, or the loop was ended."""
    if any(isinstance(e, ActionRejected) for e in events):
        return False
    asked = next((e for e in reversed(events) if isinstance(e, SlotSet) and e.name == REQUESTED_SLOT), None)
    loop = next((e for e in reversed(events) if isinstance(e, LoopActive)), None)
    return (asked is not None and asked.value is None) or (loop is not None and loop.name is None)
