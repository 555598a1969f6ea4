"""What one turn collects, whichever engine works on it: the messages, the wishes beside them, the trace, and the reply of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import ActionRan, BotSaid, DialogueEvent, LoopActive, SlotSet, UserSaid
from bot.engine import Reply, Turn, TurnMessage
from bot.project.types import LISTEN, REQUESTED_SLOT
from bot.reminders import pending_reminders
from bot.repair.mender import Mender
from bot.repair.settled import SETTLED, forget_reason, settled_by
from bot.tracker import Tracker
from context.types import AnswerGiven, Content, Effect, HandoffRequest

if TYPE_CHECKING:
    from bot.baton_engine import BatonEngine
    from bot.rasa.engine import RasaEngine

EngineT = TypeVar("EngineT", "BatonEngine", "RasaEngine")


class CollectingTurn(Generic[EngineT]):
    """The part of a turn that `TurnRun` and `RasaRun` have in common; `Mender` works on this part."""

    def __init__(self, engine: EngineT, turn: Turn, tracker: Tracker) -> None:
        self.engine: EngineT = engine
        self.turn: Turn = turn
        self.tracker: Tracker = tracker
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
        self.began = len(tracker.events)
        self.mender = Mender(self)

    def remember_settled(self) -> None:
        """After a handback: what the person settled."""
        found = settled_by(self.turn.dialogue)
        if found is not None:
            self.tracker.memory[SETTLED] = found
            self.trace.append({"step": "settled", **found})

    def slots_given(self) -> dict[str, Any]:
        """The slots of the turn. What the bot had asked or offered before a handback is over, or a mere yes would call a person."""
        back = bool(self.turn.dialogue.get("handed_back"))
        forgotten = set(self.config.settings.get("forgotten_after_handback", ())) if back else set()
        return {name: None if name in forgotten else value for name, value in self.turn.slots.items()}

    def context(self, message: TurnMessage, tracker: Tracker | None = None) -> ActionContext:
        """What an action may see while `message` is worked on, with the turn's own view of the talk or another."""
        engine = self.engine
        return ActionContext(
            project=engine.project,
            tracker=tracker or self.tracker,
            turn=self.turn,
            message=message,
            language=self.language,
            speaker=engine.speaker,
            orders=engine.orders,
            knowledge=engine.knowledge,
            shop=engine.shop,
            actions=engine.actions,
            forms=engine.form_rules,
        )

    def say(self, content: Content) -> None:
        """Says a message; one that this turn has said already only where the project is played as Rasa would."""
        if not self.config.foreign and content in self.messages:
            if self.tracker.loop is None or content in self.messages[: self.opened]:
                return
            self.messages.remove(content)  # a form's question that is asked again stands where the customer reads last
        self.messages.append(content)
        self.tracker.apply(BotSaid(content.text, content))

    def apply(self, events: list[DialogueEvent]) -> None:
        """Lets events happen; what the bot said among them goes to the customer."""
        for event in events:
            if isinstance(event, BotSaid) and event.content is not None:
                self.say(event.content)
            else:
                self.tracker.apply(event)

    def collect(self, result: ActionResult) -> None:
        """Says and does all that an action wants."""
        self.apply(list(result.in_order()))
        self.keep_wishes(result)

    def keep_wishes(self, result: ActionResult) -> None:
        """Keeps what an action wants beside its messages and events, each thing once."""
        self.effects += [e for e in result.effects if e not in self.effects or e.name == "note_order_try"]  # every try counts
        self.answers += result.answers
        self.abstained += result.abstained
        self.handoff = self.handoff or result.handoff
        self.failed = result.failed or self.failed
        if result.notes.get("asked_first"):
            forget_reason(self.tracker.memory)
        if result.notes:
            self.trace.append({"step": "did", **result.notes})

    def _answered(self) -> int:
        """How many messages were said beside the opening one."""
        return len(self.messages) - self.opened

    def _note_understood(self, message: TurnMessage, user: UserSaid) -> None:
        self.trace.append(
            {
                "step": "understood",
                "message_id": str(message.id),
                "intent": user.full_intent,
                "confidence": round(user.confidence, 4),
                "entities": [{"name": e.name, "value": e.value} for e in user.entities],
                "language": self.language,
                "sentiment": message.understanding.sentiment.level,
                "slots": self.tracker.filled_slots(),
            }
        )

    def _end_with_handoff(self) -> None:
        """Once a human takes over, no form goes on and no counter counts."""
        if self.handoff:
            self.trace.append({"step": "handoff", "reason": self.handoff.reason.value, "urgency": self.handoff.urgency})
            self.tracker.memory = {}
            self.tracker.apply(LoopActive(None), SlotSet(REQUESTED_SLOT, None), ActionRan(LISTEN))

    def reply(self) -> Reply:
        """All that was collected."""
        self.tracker.language = self.language
        pending = pending_reminders(self.tracker)
        return Reply(
            events=tuple(self.tracker.events[self.began :]),
            messages=tuple(self.messages),
            slots=self.tracker.filled_slots(),
            dialogue=self.tracker.as_dialogue(),
            language=self.language,
            effects=tuple(self.effects),
            handoff=self.handoff,
            answers=tuple(self.answers),
            abstained=tuple(self.abstained),
            trace=tuple(self.trace),
            wake_at=self.mender.wake_at(pending[0][0] if pending else None),
        )
