"""One turn being worked on: reads each message, lets policies choose, runs what they chose, collects the reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.actions.hand_off import hand_off
from bot.actions.port import ActionContext, ActionResult
from bot.collecting_turn import CollectingTurn
from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    DialogueEvent,
    ReminderSet,
    SlotSet,
    UserSaid,
)
from bot.engine import Turn, TurnMessage
from bot.forms import run_form
from bot.policies.prediction import Prediction
from bot.project.types import LISTEN
from bot.reading import read_message, says_nothing_else, spoken_language
from bot.reminders import RUNG, mark, pending_reminders
from bot.slot_filling import Extraction, extract_slots
from bot.tracker import SESSION_METADATA, SESSION_START, Tracker, take_over_slots
from context.types import HandoffReason, Understanding

if TYPE_CHECKING:
    from bot.baton_engine import BatonEngine


ENDS = (LISTEN, SESSION_START)
MOST_REJECTIONS = 3


class TurnRun(CollectingTurn["BatonEngine"]):
    """Works on one turn by Baton's own policies."""

    def __init__(self, engine: BatonEngine, turn: Turn, tracker: Tracker) -> None:
        super().__init__(engine, turn, tracker)
        self.open_question: str | None = None

    async def open(self) -> None:
        """Begins a session where there is none; says at the start of a talk, and after a handback, that a machine answers."""
        if not self.turn.messages:
            return
        first = self.turn.messages[0]
        self.language = spoken_language(first, before=self.language)
        if not self.tracker.applied():
            await self._start_session(first)
        back = bool(self.turn.dialogue.get("handed_back"))
        self.remember_settled()
        take_over_slots(self.tracker, self.slots_given())
        fresh = not self.turn.dialogue and self.turn.channel not in self.config.opening_skips
        response = self.config.opening_response if fresh and not back else None
        if response:
            self.collect(ActionResult(messages=(self.context(first).say(response),)))
            self.opened = 1
            self.trace.append({"step": "opened", "response": response, "handed_back": back})

    async def take(self, message: TurnMessage) -> None:
        """Works through one message until the bot listens again."""
        self.language = spoken_language(message, before=self.language)
        self.failed, said_before = None, self._answered()
        if self._session_is_over(message.at):
            await self._start_session(message)
        message = self.mender.meant(message)
        context = self.context(message)
        if not self.mender.instead(message, context):
            for part in self.mender.parts(message):
                context = self.context(part)
                await self._read(part, context)
                await self._predict_and_run(part, context)
                if self.handoff:
                    break
        self._close(said_before, context)
        self.mender.keep(message.at)

    async def ring(self, now: datetime) -> None:
        """Acts on the reminders that are due, each at its own time."""
        due = [(at, reminder) for at, reminder in pending_reminders(self.tracker) if at <= now]
        if not self.turn.messages:
            self.mender.break_silence(now)
        for at, reminder in due:
            if mark(reminder) in {mark(r) for _, r in pending_reminders(self.tracker)} and not self.handoff:
                self.tracker.memory.setdefault(RUNG, []).append(mark(reminder))
                await self._ring(at, reminder)

    async def _ring(self, at: datetime, reminder: ReminderSet) -> None:
        understanding = Understanding(self.language, reminder.intent, 1.0)
        message = TurnMessage(self.turn.id, f"EXTERNAL: {reminder.intent}", None, understanding, at)
        context = self.context(message)
        base = reminder.intent.split("/", 1)[0]
        self.tracker.apply(UserSaid(message.text, base, reminder.intent, 1.0, reminder.entities, at=at.timestamp()))
        self.trace.append({"step": "reminded", "intent": reminder.intent, "name": reminder.name})
        await self._extract(context)
        await self._predict_and_run(message, context)

    def _session_is_over(self, now: datetime) -> bool:
        minutes = self.engine.project.domain.session.expires_after
        said = next((e for e in reversed(self.tracker.applied()) if isinstance(e, UserSaid)), None)
        return minutes > 0 and said is not None and said.at > 0 and (now.timestamp() - said.at) / 60 > minutes

    async def _start_session(self, message: TurnMessage) -> None:
        if message.metadata:
            self.tracker.apply(SlotSet(SESSION_METADATA, message.metadata))
        result = await self.context(message).run(SESSION_START)
        self.tracker.apply(ActionRan(SESSION_START))
        self.collect(result)
        self.trace.append({"step": "session started"})

    async def _predict_and_run(self, message: TurnMessage, context: ActionContext) -> None:
        """Runs what the policies choose until the bot listens, hands over, or has done too much for one message."""
        rejections = 0
        while not self.tracker.paused or (self.tracker.latest_user and self.tracker.latest_user.intent == "restart"):
            if self._actions_so_far() >= self.config.max_actions or rejections > MOST_REJECTIONS:
                self.trace.append({"step": "stopped", "why": f"{self.config.max_actions} actions for one message"})
                self.tracker.apply(ActionRan(LISTEN))
                return
            angry = message.understanding.sentiment.angry
            prediction = self.engine.policies.predict(self.tracker, angry=angry)
            self.tracker.followup = None
            self._note(prediction)
            if prediction.action == LISTEN:
                self.tracker.apply(*prediction.events, ActionRan(LISTEN, prediction.policy, prediction.hidden))
                return
            rejections = 0 if await self._run(prediction, context) else rejections + 1
            if self.handoff or prediction.action in ENDS:
                return

    def _actions_so_far(self) -> int:
        count = 0
        for event in reversed(self.tracker.events):
            if isinstance(event, ActionRan):
                if event.name in ENDS:
                    break
                count += 1
        return count

    async def _read(self, message: TurnMessage, context: ActionContext) -> None:
        tracker = self.tracker
        user = self.mender.heard(read_message(message, domain=tracker.domain, config=self.config, in_form=tracker.loop is not None))
        open_question = self.open_question = tracker.requested_slot
        tracker.apply(user)
        self._note_understood(message, user)
        extraction = await self._extract(context)
        kind = extraction.kinds.get(open_question or "")
        answered = kind in ("custom", "from_text") or (kind == "from_entity" and says_nothing_else(user))
        corrected = await self.mender.correct(context, answered=answered) and says_nothing_else(user)
        answered = (answered or corrected) and not self.mender.interrupts(kind, user)
        passed = self.engine.policies.repair.let_pass(tracker, answered=answered)
        if passed:
            tracker.apply(passed[0])
            self.trace.append({"step": "repaired", "why": passed[1]})

    async def _extract(self, context: ActionContext) -> Extraction:
        """Fills slots from the newest customer message."""
        extraction = await extract_slots(context)
        for result in extraction.results:
            self.keep_wishes(result)
        self.apply(extraction.events)
        if extraction.kinds:
            filled = {n: self.tracker.slots.get(n) for n in extraction.kinds}
            self.trace.append({"step": "slots", "set": filled, "from": extraction.kinds})
        return extraction

    async def _run(self, prediction: Prediction, context: ActionContext) -> bool:
        """Runs the action; False when it was rejected, so that others may decide."""
        before = self.tracker.filled_slots()
        trial = self.tracker.copy()
        trial.apply(*prediction.events)
        events = await self._events_of(prediction.action, replace(context, tracker=trial))
        rejected = events is None or any(isinstance(e, ActionRejected) for e in events)
        if events is None:
            self.tracker.apply(ActionRejected(prediction.action, prediction.policy))
            asked = self.tracker.requested_slot
            self.trace.append({"step": "rejected", "form": prediction.action, "why": f"the message does not answer {asked}"})
            return False
        if not rejected:
            self.tracker.apply(*prediction.events, ActionRan(prediction.action, prediction.policy, prediction.hidden))
        self.apply(events)
        if any(isinstance(e, UserSaid) for e in events):
            await self._extract(context)
        after = self.tracker.filled_slots()
        if before != after:
            self.trace.append({"step": "slots", "before": before, "after": after})
        return not rejected

    async def _events_of(self, action: str, context: ActionContext) -> list[DialogueEvent] | None:
        """What running `action` brings about; None when it rejects to run."""
        form = context.tracker.domain.forms.get(action)
        if form:
            step = await run_form(form, context)
            for result in step.results:
                self.keep_wishes(result)
            return None if step.rejected else step.events
        result = await context.run(action)
        self.keep_wishes(result)
        return None if result.notes.get("rejected") else list(result.in_order())

    def _close(self, said_before: int, context: ActionContext) -> None:
        """Counts failures, leaves no silence, and ends the form when a human takes over."""
        silent = self._answered() == said_before == 0 and not self.handoff and not self.config.foreign
        if silent and self.engine.project.has_response("utter_default"):
            self.collect(ActionResult(messages=(context.say("utter_default"),), failed="not_understood"))
        self.mender.afterwards(context)
        self._count_repeats(context)
        self.tracker.memory["failed"] = self.tracker.memory.get("failed", 0) + 1 if self.failed else 0
        self._end_with_handoff()

    def _count_repeats(self, context: ActionContext) -> None:
        """A form whose question stays open for too many messages goes in circles: a person takes over."""
        most, memory = self.config.repair.most_repeats, self.tracker.memory
        stuck = self.tracker.loop is not None and self.open_question is not None and self.tracker.requested_slot == self.open_question
        memory["repeats"] = memory.get("repeats", 0) + 1 if stuck else 0
        if most and memory["repeats"] >= most and not self.handoff:
            self.trace.append({"step": "repaired", "why": f"{self.open_question} was asked {most} times"})
            self.collect(hand_off(context, HandoffReason.NOT_UNDERSTOOD, response="utter_handoff_not_understood"))

    def _note(self, prediction: Prediction) -> None:
        self.trace.append(
            {
                "step": "decided",
                "action": prediction.action,
                "policy": prediction.policy,
                "confidence": round(prediction.confidence, 4),
                "why": prediction.why,
            }
        )

    def context(self, message: TurnMessage, tracker: Tracker | None = None) -> ActionContext:
        """As of any turn, with the actions that stand elsewhere and those that every project has."""
        return replace(super().context(message, tracker), remote=self.engine.remote, defaults=self.engine.defaults)
