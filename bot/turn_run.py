"""One turn being worked on: reads each message, lets policies choose, runs what they chose, collects the reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.actions.hand_off import hand_off
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import ActionRan, BotSaid, LoopActive, SlotSet
from bot.engine import Reply, Turn, TurnMessage
from bot.forms import run_form
from bot.policies.prediction import Prediction
from bot.project.types import LISTEN, REQUESTED_SLOT
from bot.reading import read_message, says_nothing_else, spoken_language
from bot.slot_filling import extract_slots
from bot.tracker import Tracker
from context.types import AnswerGiven, Content, Effect, HandoffReason, HandoffRequest

if TYPE_CHECKING:
    from bot.baton_engine import BatonEngine


class TurnRun:
    """Collects what is said and wanted in one turn."""

    def __init__(self, engine: BatonEngine, turn: Turn, tracker: Tracker) -> None:
        self.engine, self.turn, self.tracker = engine, turn, tracker
        self.config = engine.project.config
        self.language = tracker.language or turn.language
        self.messages: list[Content] = []
        self.effects: list[Effect] = []
        self.answers: list[AnswerGiven] = []
        self.abstained: list[str] = []
        self.trace: list[dict[str, Any]] = []
        self.handoff: HandoffRequest | None = None
        self.failed: str | None = None
        self.opened = 0
        self.open_question: str | None = None

    def open(self) -> None:
        """Says that a machine answers: at the start of a talk, and again when a human has handed back."""
        if not self.turn.messages:
            return
        self.language = spoken_language(self.turn.messages[0], before=self.language)
        back = bool(self.turn.dialogue.get("handed_back"))
        fresh = not self.turn.dialogue and self.turn.channel not in self.config.opening_skips
        response = self.config.opening_response if fresh and not back else None
        if response:
            self._collect(ActionResult(messages=(self._context(self.turn.messages[0]).say(response),)))
            self.opened = 1
            self.trace.append({"step": "opened", "response": response, "handed_back": back})

    async def take(self, message: TurnMessage) -> None:
        """Works through one message until the bot listens again."""
        self.language = spoken_language(message, before=self.language)
        self.failed, said_before = None, self._answered()
        context = self._context(message)
        await self._read(message, context)
        for _ in range(self.config.max_actions):
            angry = message.understanding.sentiment.angry
            prediction = self.engine.policies.predict(self.tracker, angry=angry)
            self._note(prediction)
            self.tracker.apply(*prediction.events)
            if prediction.action == LISTEN:
                self.tracker.apply(ActionRan(LISTEN, prediction.policy))
                break
            await self._run(prediction, context)
            if self.handoff:
                break
        else:
            self.trace.append({"step": "stopped", "why": f"{self.config.max_actions} actions for one message"})
        self._close(said_before, context)

    async def _read(self, message: TurnMessage, context: ActionContext) -> None:
        tracker = self.tracker
        user = read_message(message, domain=tracker.domain, config=self.config, in_form=tracker.loop is not None)
        open_question = self.open_question = tracker.requested_slot
        tracker.apply(user)
        said = message.understanding
        self.trace.append(
            {
                "step": "understood",
                "message_id": str(message.id),
                "intent": user.full_intent,
                "confidence": round(user.confidence, 4),
                "entities": [{"name": e.name, "value": e.value} for e in user.entities],
                "language": self.language,
                "sentiment": said.sentiment.level,
                "slots": tracker.filled_slots(),
            }
        )
        extraction = await extract_slots(context)
        for result in extraction.results:
            self._collect(result)
        if extraction.kinds:
            self.trace.append({"step": "slots", "set": {n: tracker.slots[n] for n in extraction.kinds}, "from": extraction.kinds})
        kind = extraction.kinds.get(open_question or "")
        answered = kind in ("custom", "from_text") or (kind == "from_entity" and says_nothing_else(user))
        passed = self.engine.policies.repair.let_pass(tracker, answered=answered)
        if passed:
            tracker.apply(passed[0])
            self.trace.append({"step": "repaired", "why": passed[1]})

    async def _run(self, prediction: Prediction, context: ActionContext) -> None:
        before = self.tracker.filled_slots()
        form = self.tracker.domain.forms.get(prediction.action)
        if form:
            step = await run_form(form, context, by=prediction.policy)
            for result in step.results:
                self._collect(result)
            if step.rejected:
                self.trace.append(
                    {"step": "rejected", "form": form.name, "why": f"the message does not answer {self.tracker.requested_slot}"}
                )
        else:
            result = await context.run(prediction.action)
            self.tracker.apply(ActionRan(prediction.action, prediction.policy), *result.events)
            self._collect(result)
        after = self.tracker.filled_slots()
        if before != after:
            self.trace.append({"step": "slots", "before": before, "after": after})

    def _collect(self, result: ActionResult) -> None:
        for content in result.messages:
            if not any(content == said for said in self.messages):
                self.messages.append(content)
            self.tracker.apply(BotSaid(content.text))
        self.effects += [e for e in result.effects if e not in self.effects or e.name == "note_order_try"]  # every try counts
        self.answers += result.answers
        self.abstained += result.abstained
        self.handoff = self.handoff or result.handoff
        self.failed = result.failed or self.failed
        if result.notes:
            self.trace.append({"step": "did", **result.notes})

    def _close(self, said_before: int, context: ActionContext) -> None:
        """Counts failures, leaves no silence, and ends the form when a human takes over."""
        silent = self._answered() == said_before == 0 and not self.handoff
        if silent and self.engine.project.has_response("utter_default"):
            self._collect(ActionResult(messages=(context.say("utter_default"),), failed="not_understood"))
        self._count_repeats(context)
        self.tracker.memory["failed"] = self.tracker.memory.get("failed", 0) + 1 if self.failed else 0
        if self.handoff:
            self.trace.append({"step": "handoff", "reason": self.handoff.reason.value, "urgency": self.handoff.urgency})
            self.tracker.memory = {}
            self.tracker.apply(LoopActive(None), SlotSet(REQUESTED_SLOT, None), ActionRan(LISTEN))

    def _count_repeats(self, context: ActionContext) -> None:
        """A form whose question stays open for too many messages goes in circles: a person takes over."""
        most, memory = self.config.repair.most_repeats, self.tracker.memory
        stuck = self.tracker.loop is not None and self.open_question is not None and self.tracker.requested_slot == self.open_question
        memory["repeats"] = memory.get("repeats", 0) + 1 if stuck else 0
        if most and memory["repeats"] >= most and not self.handoff:
            self.trace.append({"step": "repaired", "why": f"{self.open_question} was asked {most} times"})
            self._collect(hand_off(context, HandoffReason.NOT_UNDERSTOOD, response="utter_handoff_not_understood"))

    def _answered(self) -> int:
        """How many messages were said beside the opening one."""
        return len(self.messages) - self.opened

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

    def _context(self, message: TurnMessage) -> ActionContext:
        engine = self.engine
        return ActionContext(
            project=engine.project,
            tracker=self.tracker,
            turn=self.turn,
            message=message,
            language=self.language,
            speaker=engine.speaker,
            orders=engine.orders,
            knowledge=engine.knowledge,
            actions=engine.actions,
            forms=engine.form_rules,
        )

    def reply(self) -> Reply:
        """All that was collected."""
        self.tracker.language = self.language
        return Reply(
            messages=tuple(self.messages),
            slots=self.tracker.filled_slots(),
            dialogue=self.tracker.as_dialogue(),
            language=self.language,
            effects=tuple(self.effects),
            handoff=self.handoff,
            answers=tuple(self.answers),
            abstained=tuple(self.abstained),
            trace=tuple(self.trace),
        )
