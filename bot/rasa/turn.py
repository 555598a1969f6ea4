"""One turn on Rasa: gives each message to Rasa, answers what Rasa calls back, and folds what happened into Baton's tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.actions.hand_off import hand_off
from bot.actions.port import ActionContext, ActionResult
from bot.collecting_turn import CollectingTurn
from bot.dialogue_events import ActionRan, ActionRejected, DialogueEvent, SessionStarted, UserSaid
from bot.engine import Turn, TurnMessage
from bot.project.types import LISTEN
from bot.rasa.environment import RasaFailedError
from bot.rasa.serving import Forward
from bot.rasa.words import content_of_event, is_of_turn, json_of, parse_data_of, past_events
from bot.rasa_events import event_from_rasa_json
from bot.reading import read_message, spoken_language
from bot.reminders import RUNG, mark, pending_reminders
from bot.tracker import Tracker, take_over_slots
from context.types import Content, HandoffReason, Understanding

if TYPE_CHECKING:
    from bot.rasa.engine import RasaEngine

FALLBACK = "action_default_fallback"
SESSION_START = "action_session_start"
MOST_FAILURES = 2


class RasaRun(CollectingTurn["RasaEngine"]):
    """Works on one turn by asking Rasa. `key` is of this very try of the turn: calls of another one are refused."""

    def __init__(self, engine: RasaEngine, turn: Turn, tracker: Tracker) -> None:
        super().__init__(engine, turn, tracker)
        self.key = f"{turn.id}:{uuid4().hex}"
        self.message = turn.messages[0] if turn.messages else None
        self.user: UserSaid | None = None
        self.contents: list[Content] = []
        self.held: list[tuple[str, DialogueEvent]] = []
        self.extracted: dict[str, dict[str, Any]] = {}
        self.called: set[str] = set()
        self.error: Exception | None = None
        self.changed = _changed_outside(tracker, self.slots_given())

    @property
    def forward(self) -> Forward | None:
        """Where calls for other actions than Baton's go."""
        return self.engine.rasa.forward

    @property
    def sender(self) -> str:
        """The conversation, as Rasa names it."""
        return str(self.turn.conversation_id)

    def open(self) -> None:
        """Says that a machine answers: at the start of a talk, and again when a human has handed back."""
        if self.message is None:
            return
        config = self.engine.project.config
        if not config.foreign and not self.turn.dialogue and SESSION_START not in self.tracker.domain.actions:
            self.tracker.apply(ActionRan(SESSION_START), SessionStarted(), ActionRan(LISTEN))
        self.language = spoken_language(self.message, before=self.language)
        back = bool(self.turn.dialogue.get("handed_back"))
        self.remember_settled()
        fresh = not self.turn.dialogue and self.turn.channel not in config.opening_skips
        if config.opening_response and fresh and not back:
            self.messages.append(self.context(self.message).say(config.opening_response))
            self.opened = 1
            self.trace.append({"step": "opened", "response": config.opening_response, "handed_back": back})

    async def take(self, message: TurnMessage) -> None:
        """Lets Rasa work through one message. Raises what Rasa or a called action raised."""
        tracker, said_before = self.tracker, self._answered()
        self.failed, asked = None, tracker.requested_slot
        self.language = spoken_language(message, before=self.language)
        message = self.mender.meant(message)
        self.message = message
        if not self.mender.instead(message, self.context(message)):
            for part in self.mender.parts(message):
                user = read_message(part, domain=tracker.domain, config=self.config, in_form=tracker.loop is not None)
                user = self.mender.heard(replace(user, at=user.at or part.at.timestamp()))
                self._note_understood(part, user)
                await self._ask_rasa(part, user)
                if self.handoff:
                    break
        self._close(said_before, asked)
        self.mender.keep(message.at)

    async def ring(self, now: datetime) -> None:
        """Acts on the reminders that are due, each at its own time, as if the customer had said their intent; breaks a long silence."""
        if not self.turn.messages:
            self.mender.break_silence(now)
        for at, reminder in [(at, r) for at, r in pending_reminders(self.tracker) if at <= now]:
            if self.handoff or mark(reminder) not in {mark(r) for _, r in pending_reminders(self.tracker)}:
                continue
            self.tracker.memory.setdefault(RUNG, []).append(mark(reminder))
            text, base = f"EXTERNAL: {reminder.intent}", reminder.intent.split("/", 1)[0]
            message = TurnMessage(self.turn.id, text, None, Understanding(self.language, reminder.intent, 1.0), at)
            self.trace.append({"step": "reminded", "intent": reminder.intent, "name": reminder.name})
            await self._ask_rasa(message, UserSaid(text, base, reminder.intent, 1.0, reminder.entities))

    async def _ask_rasa(self, message: TurnMessage, user: UserSaid) -> None:
        engine = self.engine
        self.message, self.user = message, user
        self.extracted.clear()
        self.called.clear()
        said = {
            "text": user.text,
            "parse_data": parse_data_of(user, engine.project),
            "channel": self.turn.channel,
            "id": str(message.id),
            "metadata": message.metadata,
        }
        past, changed = past_events(self.tracker, self.turn), [json_of(e, self.turn) for e in self.changed]
        self.changed = []
        talk = {"sender_id": self.sender, "key": self.key, "now": message.at.timestamp(), "events": past, "changed": changed}
        new = await engine.rasa.take(talk | {"message": said})
        if self.error is not None:
            raise self.error
        self._fold(new)

    def take_result(self, result: ActionResult) -> list[int]:
        """Keeps what a called action wants beside its events; returns the numbers under which its messages come back."""
        self.keep_wishes(result)
        return [self.keep(content) for content in result.messages]

    def keep(self, content: Content) -> int:
        """Keeps a whole message while Rasa passes its text on; returns its number, from 1."""
        self.contents.append(content)
        return len(self.contents)

    def context_of_call(self, tracker: Tracker) -> ActionContext:
        """What an action may see that Rasa calls, with Rasa's view of the talk."""
        assert self.message is not None
        return self.context(self.message, tracker)

    def _fold(self, events: list[dict[str, Any]]) -> None:
        before, before_this = self.tracker.filled_slots(), ""
        for data in events:
            if data.get("event") == "bot":
                content = content_of_event(data, self.contents)
                if content.text or content.buttons or content.custom:  # Rasa logs a response that nobody says as an empty one
                    self.say(content)
            elif self.user is not None and is_of_turn(data, self.key):
                self.tracker.apply(self.user)
            else:
                event = event_from_rasa_json(data)
                if isinstance(event, ActionRejected):
                    event = ActionRejected(event.name, str(data.get("policy") or ""))
                if isinstance(event, ActionRan):
                    self._apply_held(before_this)
                    before_this = event.name
                if event is not None:
                    self.tracker.apply(event)
                self._note_event(data)
        self._apply_held()
        after = self.tracker.filled_slots()
        if before != after:
            self.trace.append({"step": "slots", "before": before, "after": after})

    def _apply_held(self, action: str | None = None) -> None:
        """What was kept from Rasa happens after the action that wanted it; without `action`, all that is left."""
        ripe = [event for name, event in self.held if action in (None, name)]
        self.held = [(name, event) for name, event in self.held if action not in (None, name)]
        self.tracker.apply(*ripe)

    def _close(self, said_before: int, asked: str | None) -> None:
        """Counts failures, leaves no silence, and ends the form when a human takes over (as `bot/turn_run.py`)."""
        memory, context, project = self.tracker.memory, self.context_of_call(self.tracker), self.engine.project
        foreign = project.config.foreign  # then the bot does what Rasa would do and no more
        silent = self._answered() == said_before and not self.handoff and not self.tracker.paused
        if silent and not foreign and project.has_response("utter_default"):
            self.say(context.say("utter_default"))
            self.failed = "not_understood"
        if self.failed == FALLBACK:
            self.failed = "not_understood"
            if not foreign and memory.get("failed", 0) + 1 >= MOST_FAILURES:
                self._hand_off(context)
        self.mender.afterwards(context)
        stuck = self.tracker.loop is not None and asked is not None and self.tracker.requested_slot == asked
        memory["repeats"] = memory.get("repeats", 0) + 1 if stuck else 0
        most = project.config.repair.most_repeats
        if most and memory["repeats"] >= most:
            self.trace.append({"step": "repaired", "why": f"{asked} was asked {most} times"})
            self._hand_off(context)
        memory["failed"] = memory.get("failed", 0) + 1 if self.failed else 0
        self._end_with_handoff()

    def _hand_off(self, context: ActionContext) -> None:
        if self.handoff is None and context.project.has_response("utter_handoff_not_understood"):
            self.collect(hand_off(context, HandoffReason.NOT_UNDERSTOOD, response="utter_handoff_not_understood"))

    def _note_event(self, data: Mapping[str, Any]) -> None:
        if data.get("event") == "action" and data.get("name") == SESSION_START:
            self.trace.append({"step": "session started"})
        elif data.get("event") == "action":
            name = str(data.get("name") or data.get("action_text"))
            self._check_called(name)
            policy, confidence = str(data.get("policy") or "Rasa"), float(data.get("confidence") or 1.0)
            self.trace.append(
                {"step": "decided", "action": name, "policy": policy, "confidence": round(confidence, 4), "why": "Rasa predicted it"}
            )
            if name == FALLBACK:
                self.failed = FALLBACK
        elif data.get("event") == "action_execution_rejected":
            self.trace.append({"step": "let_pass", "form": data.get("name")})

    def _check_called(self, name: str) -> None:
        """Rasa goes on when it cannot reach an action. Raises RasaFailedError, since then nothing of it was done."""
        domain = self.engine.project.domain
        declared = name in domain.actions and not name.startswith("utter_") and name not in domain.forms
        if declared and name not in self.called:
            raise RasaFailedError(f"Rasa did not reach Baton for {name}")


def _changed_outside(tracker: Tracker, slots: dict[str, Any]) -> list[DialogueEvent]:
    """The slots that were changed since the last turn, as events that Rasa is told after it may have begun a new session."""
    twin = tracker.copy()
    take_over_slots(twin, slots)
    return twin.events[len(tracker.events) :]
