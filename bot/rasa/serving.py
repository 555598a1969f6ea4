"""Answers what Rasa calls back in the middle of a turn: Baton's actions and forms' rules (rasa-sdk's protocol) and its words (NLG)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from bot.actions.port import ActionContext, ActionResult, FormRules
from bot.dialogue_events import ActionRan, DialogueEvent, Followup, LoopActive, ReminderCancelled, ReminderSet, SlotSet, UserSaid
from bot.project.types import LISTEN, REQUESTED_SLOT, Project
from bot.rasa.copying import AFTER_READING
from bot.rasa.repairing import mend
from bot.rasa.words import is_of_turn, json_of
from bot.rasa_events import RasaEventError, event_from_rasa_json
from bot.tracker import Tracker
from context.types import Content
from kit.errors import BatonError, ConflictError, InvalidInputError, NotFoundError

Json = dict[str, Any]
Forward = Callable[[Json], Awaitable[Json]]
"""Passes a call on to the project's own action server; raises what that refuses."""


class UnknownActionError(NotFoundError):
    """Baton has no such action."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Baton has no action {name!r}", hint="GET /actions lists those that there are.")
        self.action_name = name


class ActionRefusedError(InvalidInputError):
    """The action refuses to run on this message."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.action_name = name


class NoSuchTurnError(ConflictError):
    """The turn that this call belongs to is over."""


class Run(Protocol):
    """The turn that a call belongs to (`RasaRun`, or the one of a standalone server)."""

    key: str
    user: UserSaid | None
    tracker: Tracker
    held: list[tuple[str, DialogueEvent]]
    extracted: dict[str, Json]
    called: set[str]
    error: Exception | None

    @property
    def forward(self) -> Forward | None:
        """Where calls for other actions go."""

    @property
    def sender(self) -> str:
        """The conversation, as Rasa names it."""

    def context_of_call(self, tracker: Tracker) -> ActionContext:
        """What an action may see."""

    def take_result(self, result: ActionResult) -> list[int]:
        """Takes what an action wants beside its events; numbers for its messages."""

    def keep(self, content: Content) -> int:
        """Keeps a message; its number."""


class RunningTurns:
    """The turns that run in this process, by conversation."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    @contextmanager
    def holding(self, run: Run) -> Iterator[None]:
        """Calls for this conversation belong to `run` until the block ends."""
        self.runs[run.sender] = run
        try:
            yield
        finally:
            if self.runs.get(run.sender) is run:
                del self.runs[run.sender]

    def of(self, call: Mapping[str, Any]) -> Run:
        """The turn of a call. Raises NoSuchTurnError when it is over, or when the call is of an earlier try."""
        tracker = call.get("tracker") or {}
        run = self.runs.get(str(call.get("sender_id") or tracker.get("sender_id") or ""))
        notes = [e.get("metadata") for e in tracker.get("events") or [] if isinstance(e, Mapping) and e.get("event") == "user"]
        keys = [n["baton_turn"] for n in notes if isinstance(n, Mapping) and "baton_turn" in n]
        if run is None or (keys and keys[-1] != run.key):
            raise NoSuchTurnError(hint="Rasa gave up waiting, or the turn was taken over.")
        return run


async def run_action(run: Run, call: Mapping[str, Any]) -> Json:
    """Answers POST /webhook. Raises what the action raises; all but ActionRefusedError is noted in the turn, which then hands over."""
    name = str(call.get("next_action") or "")
    run.called.add(name)
    try:
        return await _run(run, name, in_time_of_baton(call))
    except ActionRefusedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        run.error = run.error or (error if isinstance(error, Exception) else BatonError(f"{name} was cut short"))
        raise


def in_time_of_baton(call: Mapping[str, Any]) -> Json:
    """The call with the times that Baton gave: Rasa was told when things were from its own clock's point of view."""
    tracker = call.get("tracker") or {}
    events = tracker.get("events") or []
    shift = next((e["metadata"]["baton_shift"] for e in reversed(events) if "baton_shift" in (e.get("metadata") or {})), 0.0)
    if not shift:
        return dict(call)
    told = [e | ({"timestamp": e["timestamp"] - shift} if e.get("timestamp") else {}) for e in events]
    return {**call, "tracker": tracker | {"events": told, "latest_event_time": told[-1].get("timestamp")}}


async def _run(run: Run, name: str, call: Mapping[str, Any]) -> Json:
    tracker, candidates = tracker_of(run, call.get("tracker") or {})
    context = run.context_of_call(tracker)
    if name == AFTER_READING:
        return _after_reading(run, context)
    rules = context.forms.get(name)
    if rules is not None:
        return _answer(run, name, await _validate(rules, name, candidates, context), context)
    if name in run.extracted:  # Rasa reads slots once more when a form starts, from a talk in which they are set already
        return run.extracted[name]
    if run.forward is not None and context.project.config.foreign:  # the project's own actions go before Baton's of the same name
        try:
            return _without_reminders(run, name, await run.forward(dict(call)))
        except UnknownActionError:
            pass
    if name in context.actions:
        extracts = _extracts(context.project, name)
        answer = _answer(run, name, await context.actions[name].run(context), context, slots_only=extracts)
        if extracts:
            run.extracted[name] = answer
        return answer
    if run.forward is not None and not context.project.config.foreign:
        return _without_reminders(run, name, await run.forward(dict(call)))
    raise UnknownActionError(name)


def tracker_of(run: Run, data: Mapping[str, Any]) -> tuple[Tracker, dict[str, Any]]:
    """Baton's tracker of Rasa's, and the slots at its end that a form wants checked. Raises RasaEventError."""
    tracker = Tracker(run.tracker.domain)
    tracker.memory, tracker.language = run.tracker.memory, run.tracker.language
    read = [run.user if run.user and is_of_turn(e, run.key) else event_from_rasa_json(e) for e in data.get("events") or []]
    events = [e for e in read if e is not None]
    cut = len(events)
    while cut and isinstance(events[cut - 1], SlotSet):
        cut -= 1
    tracker.apply(*events[:cut])
    set_before = set(tracker.set_this_turn)
    tracker.apply(*events[cut:])
    trailing = {e.name: e.value for e in events[cut:] if isinstance(e, SlotSet)}
    before = events[cut - 1] if cut else None
    if isinstance(before, ActionRan) and before.name in tracker.domain.forms:
        tracker.set_this_turn = set_before
    trailing.pop(REQUESTED_SLOT, None)
    return tracker, trailing


async def _validate(rules: FormRules, name: str, candidates: dict[str, Any], context: ActionContext) -> ActionResult:
    """A form's own rules as rasa-sdk's `FormValidationAction`: the checked values, and the next question when the form is dynamic."""
    result = await rules.validate(candidates, context)
    context.tracker.apply(*result.events)
    form = context.project.domain.forms.get(name.removeprefix("validate_"))
    if form is None or ends_form(result):
        closing = () if any(isinstance(e, LoopActive) for e in result.events) or not ends_form(result) else (LoopActive(None),)
        return _with_events(result, closing)
    required = rules.required_slots(form.required_slots, context)
    if required == form.required_slots:
        return result
    following = next((n for n in required if context.tracker.slots.get(n) is None), None)
    return _with_events(result, (SlotSet(REQUESTED_SLOT, following),))


def ends_form(result: ActionResult) -> bool:
    """Whether a form's rules end it."""
    return result.handoff is not None or any(isinstance(e, LoopActive) and e.name is None for e in result.events)


def _with_events(result: ActionResult, events: tuple[DialogueEvent, ...]) -> ActionResult:
    return replace(result, events=(*result.events, *events))


def _extracts(project: Project, name: str) -> bool:
    """Whether slots name this action in a mapping: Rasa then takes nothing but slots and words from it."""
    return any(m.action == name for slot in project.domain.slots.values() for m in slot.mappings)


def _answer(run: Run, name: str, result: ActionResult, context: ActionContext, *, slots_only: bool = False) -> Json:
    events = list(result.events)
    if result.handoff is not None:
        events.append(Followup(LISTEN))  # whoever takes over, the bot says nothing more
    told: list[DialogueEvent] = []
    kept: list[DialogueEvent] = []
    for event in events:
        held = isinstance(event, ReminderSet | ReminderCancelled) or (slots_only and not isinstance(event, SlotSet))
        (kept if held else told).append(event)
    run.held += [(name, event) for event in kept]
    numbers = run.take_result(result)
    responses = [response_of(content) | {"baton": number} for content, number in zip(result.messages, numbers, strict=True)]
    return {"events": [json_of(e, context.turn) for e in told], "responses": responses}


def _after_reading(run: Run, context: ActionContext) -> Json:
    """What was wanted while slots were read, and what Baton mends."""
    wanted = [e for _, e in run.held if not isinstance(e, ReminderSet | ReminderCancelled)]
    run.held[:] = [(name, e) for name, e in run.held if isinstance(e, ReminderSet | ReminderCancelled)]
    events, response = mend(context.project, context.tracker, angry=context.message.understanding.sentiment.angry)
    messages = (context.say(response),) if response else ()
    return _answer(run, AFTER_READING, ActionResult(events=(*wanted, *events), messages=messages), context)


def _without_reminders(run: Run, name: str, answer: Json) -> Json:
    """The answer of a foreign action server; its reminders are Baton's to keep, not Rasa's."""
    events = answer.get("events") or []
    ours = [e for e in events if isinstance(e, Mapping) and e.get("event") in ("reminder", "cancel_reminder")]
    try:
        run.held += [(name, event) for event in map(event_from_rasa_json, ours) if event is not None]
    except RasaEventError as error:
        raise InvalidInputError(f"The action server answered a wrong event: {error.message}") from None
    return {"events": [e for e in events if e not in ours], "responses": answer.get("responses") or []}


def response_of(content: Content) -> Json:
    """A message as rasa-sdk's dispatcher writes it."""
    data: Json = {"text": content.text} if content.text else {}
    if content.buttons:
        data["buttons"] = [{"title": b.title, "payload": b.payload} for b in content.buttons]
    return data | {k: v for k, v in content.custom.items() if k in ("image", "attachment", "elements", "custom")}


def say(run: Run, call: Mapping[str, Any]) -> Json:
    """Answers POST /nlg: the response in the customer's language; empty when nobody says it or no variation fits."""
    try:
        tracker, _ = tracker_of(run, call.get("tracker") or {})
        values = {str(k): v for k, v in (call.get("arguments") or {}).items() if v is not None and str(k).isidentifier()}
        said = run.context_of_call(tracker).say(str(call.get("response") or ""), **values)
    except NotFoundError:
        return {}
    except Exception as error:
        run.error = run.error or error
        raise
    data = response_of(said)
    return data | {"baton": run.keep(said)} if data else {}
