"""Where the repair of a talk takes hold of a turn: before a message is read, after it, and when all has been said."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.actions.hand_off import hand_off
from bot.actions.intent_names import name_of
from bot.actions.port import ActionContext, ActionResult
from bot.commands import read_command
from bot.dialogue_events import ActionRan, ActionRejected, DialogueEvent, Followup, LoopActive, Rewound, SlotSet, UserSaid
from bot.engine import TurnMessage
from bot.project.types import LISTEN, NLU_FALLBACK, REQUESTED_SLOT
from bot.repair.cases import names_a_case
from bot.repair.corrections import find_correction, reopened_slot, without_negated
from bot.repair.phrases import say
from bot.repair.said import last_said, remember
from bot.repair.settled import ANEW, forget_intent, rather_another, settled_intents
from bot.repair.wishes import (
    Wish,
    answers_yes,
    as_message,
    beside_courtesy,
    close_intents,
    entities_as_json,
    intent_of,
    question_beside,
    rest_without,
    second_wishes,
    without_words,
)
from bot.repair.words import HUMAN, STOP, asks_again, is_whole
from context.types import Button, Entity, HandoffReason, HandoffRequest, Understanding

if TYPE_CHECKING:
    from bot.collecting_turn import CollectingTurn

ASKED_BACK, WISHES, OFFER, STUCK, SILENCE, ENDED = "asked_back", "wishes", "offer", "stuck", "silence", "ended_form"  # in memory


class Mender:
    """Follows `baton: repair:` of config.yml for one turn; a project without a `baton:` section has nothing of it."""

    def __init__(self, run: CollectingTurn[Any]) -> None:
        self.run, self.project = run, run.engine.project
        self.repair = run.config.repair
        self.before: Mapping[str, Any] = {}
        self.question: str | None = None
        self.form: str | None = None
        self.again = False

    @property
    def memory(self) -> dict[str, Any]:
        """The talk's counters and what is kept for the next turn."""
        return self.run.tracker.memory

    def meant(self, message: TurnMessage) -> TurnMessage:
        """The message itself; a choice between close intents or a yes to an offered wish becomes what it stands for."""
        self.again, self.before = False, dict(self.run.tracker.slots)
        self.question, self.form = self.run.tracker.requested_slot, self.run.tracker.loop_name
        self.memory.pop(SILENCE, None)
        asked, offered = self.memory.pop(ASKED_BACK, None), self.memory.pop(OFFER, None)
        intent = intent_of(message, self.project)
        if asked and message.payload and intent in asked["intents"]:
            self._note(f"the customer means {intent}")
            return as_message(message, intent, asked["text"], tuple(Entity(**e) for e in asked["entities"]))
        if offered and (answers_yes(intent, self.repair) or intent == offered["intent"]):
            self._note(f"the customer goes on with {offered['intent']}")
            return as_message(message, offered["intent"], offered["words"])
        if not self.run.tracker.loop and not read_command(message.payload or message.text, self.project.domain):
            wanted = {*self.project.domain.intents} - {*self.repair.yes, *self.repair.no}
            said, message = message, beside_courtesy(message, self.repair.courtesies, known=wanted)
            if message is not said:
                self._note(f"{said.understanding.intent} gives way to {message.understanding.intent}")
        return rather_another(message, settled_intents(self.memory), margin=self.repair.clarify_margin)

    def instead(self, message: TurnMessage, context: ActionContext) -> bool:
        """Deals with a message that asks for what was said last, for a person, to stop, or may mean two things; False: go on."""
        tracker, repair = self.run.tracker, self.repair
        angry = bool(repair.angry_action) and message.understanding.sentiment.angry
        command = read_command(message.payload or message.text, self.project.domain)
        if self.run.config.foreign or tracker.paused or angry or command:
            return False
        if names_a_case(message.text, context.setting("person_decides", ())):
            return self._take(message, self._person(context, HandoffReason.POLICY, "utter_repair_person"), "a person must decide this")
        known = message.understanding.intent in (*repair.leave_form, *repair.heard_first)
        if repair.human_words and not known and is_whole(HUMAN, message.text):
            return self._take(message, self._person(context, HandoffReason.CUSTOMER_ASKED, "utter_repair_person"), "a person is asked for")
        if repair.stop_words and not known and tracker.loop and is_whole(STOP, message.text):
            stopped = ActionResult(messages=(say(context, "utter_repair_stopped"),))
            self._take(message, stopped, "the customer stops")
            self._end_form()
            return True
        said = last_said(self.memory)
        if repair.repeat and said and asks_again(message.text):
            self.again = True
            return self._take(message, ActionResult(messages=said), "what was said last is said again")
        return self._was_settled(message, context) or self._asks_back(message, context)

    def _was_settled(self, message: TurnMessage, context: ActionContext) -> bool:
        """A person settled this task, and the customer may only be speaking of it: they are asked before it begins anew."""
        intent = (message.understanding.intent or "").split("/", 1)[0]
        is_settled = intent in settled_intents(self.memory) and self._starts_form(intent)
        if self.run.tracker.loop or not is_settled or message.understanding.confidence >= ANEW:
            return False
        self._take(message, ActionResult(), f"{intent} was settled by a person")
        self._offer(Wish(message.understanding.intent or intent, message.text), context, question="utter_repair_settled")
        return True

    def _asks_back(self, message: TurnMessage, context: ActionContext) -> bool:
        repair, domain = self.repair, self.project.domain
        settled = {*repair.leave_form, *repair.heard_first, *repair.yes, *repair.no}
        margin = 0.0 if self.run.tracker.loop or message.understanding.sentiment.angry else repair.clarify_margin
        names = close_intents(message.understanding, margin=margin, known=domain.intents, settled=settled)
        if not names or any(e.name == entity for entity, _, _ in repair.with_entity for e in message.understanding.entities):
            return False
        buttons = tuple(Button(name_of(context, name), f"/{name}") for name in names)
        asked = ActionResult(messages=(say(context, "utter_repair_clarify", buttons=buttons),))
        self.again = True
        self._take(message, asked, f"{names[0]} and {names[1]} are closer than {margin}")
        kept = {"intents": list(names), "text": message.text, "entities": entities_as_json(message.understanding)}
        self.memory[ASKED_BACK] = kept
        return True

    def _take(self, message: TurnMessage, result: ActionResult, why: str) -> bool:
        """The message is dealt with and, for those who decide what comes next, not said."""
        intent = intent_of(message, self.project) or NLU_FALLBACK
        said = UserSaid(message.text, intent.split("/", 1)[0], intent, message.understanding.confidence, at=message.at.timestamp())
        self.run.tracker.apply(said, Rewound())
        self._note(why)
        self.run.collect(result)
        self.run.tracker.apply(ActionRan(LISTEN))
        return True

    def heard(self, user: UserSaid) -> UserSaid:
        """What was read of the message, without what it says is not meant."""
        return without_negated(user) if self.repair.correct else user

    def interrupts(self, kind: str | None, user: UserSaid) -> bool:
        """Whether the message is a question that a rule answers, though the form would take any words: then it fills nothing."""
        tracker, question = self.run.tracker, self.question
        if not self.repair.interrupt or kind != "from_text" or question is None or tracker.loop is None:
            return False
        rule = self.run.engine.policies.rules.find(tracker.states(), tracker)
        asks = "?" in unicodedata.normalize("NFKC", user.text)
        if not asks or rule is None or rule.action in (LISTEN, *self.project.domain.forms) or rule.states[-1].intent != user.intent:
            return False
        tracker.apply(SlotSet(question, self.before.get(question)), ActionRejected(tracker.loop.name))
        self._note(f"the question is no answer to {question}")
        return True

    async def correct(self, context: ActionContext, *, answered: bool) -> bool:
        """Changes an earlier answer that the message corrects, and says so; whether it did."""
        tracker = self.run.tracker
        if not self.repair.correct or tracker.latest_user is None:
            return False
        form = tracker.domain.forms.get(tracker.loop_name or "")
        if form:
            correction = await find_correction(form, context, before=self.before, answered=answered)
            return bool(correction.slots) and self._changed(correction.slots, correction.events, context)
        ended = tracker.domain.forms.get(str(self.memory.get(ENDED) or ""))
        slot = reopened_slot(ended, tracker.latest_user, tracker.slots, self.before) if ended else None
        if ended is None or slot is None or self._starts_form(tracker.latest_user.intent):
            return False
        return self._changed((slot,), (Followup(ended.name),), context)

    def _changed(self, slots: tuple[str, ...], events: tuple[DialogueEvent, ...], context: ActionContext) -> bool:
        self.run.tracker.apply(*events)
        self._note(f"{', '.join(slots)} changed")
        self.run.say(say(context, "utter_repair_corrected"))
        return True

    def _starts_form(self, intent: str) -> bool:
        return intent in self.run.engine.policies.repair.tasks

    def parts(self, message: TurnMessage) -> tuple[TurnMessage, ...]:
        """The message, and before or after it the questions in it that can be answered at once; other wishes are kept for later."""
        if not self.repair.second_wish or read_command(message.payload or message.text, self.project.domain):
            return (message,)
        known = self.run.engine.policies.repair
        if self.run.tracker.loop:
            return self._answer_with_question(message, known.questions)
        leads = known.tasks | known.questions
        main = message.understanding.intent or ""
        wishes = second_wishes(message.understanding, main=main, leads=leads)
        over = settled_intents(self.memory)
        wishes = tuple(w for w in wishes if w.intent.split("/", 1)[0] not in over or w.intent.split("/", 1)[0] in known.questions)
        if wishes and not main:  # the whole was not understood, a part of it was
            message, main, wishes = as_message(message, wishes[0].intent, wishes[0].words), wishes[0].intent, wishes[1:]
        questions = [w for w in wishes if w.intent.split("/", 1)[0] in known.questions][:1]
        self.memory[WISHES] = [[w.intent, w.words] for w in wishes if w not in questions]
        extra = tuple(as_message(message, w.intent, w.words) for w in questions)
        for wish in questions:
            message = without_words(message, wish.words)
        return (*extra, message) if self._starts_form(main.split("/", 1)[0]) else (message, *extra)

    def _answer_with_question(self, message: TurnMessage, questions: Collection[str]) -> tuple[TurnMessage, ...]:
        """What a form asked for, and a question in the same breath: the form takes the one, then the other is answered."""
        wish = question_beside(message, questions=questions)
        rest = rest_without(message, wish.words) if wish else None
        if wish is None or rest is None:
            return (message,)
        if message.understanding.intent == wish.intent:
            rest = replace(rest, understanding=replace(rest.understanding, intent=None, confidence=0.0, ranking=()))
        self._note(f"{wish.intent} is asked beside what the form asked for")
        return (rest, as_message(message, wish.intent, wish.words))

    def afterwards(self, context: ActionContext) -> None:
        """Offers the next wish when nothing is going on, counts turns without progress, keeps what was said."""
        run, tracker = self.run, self.run.tracker
        if run.config.foreign:
            return
        self.memory[ENDED] = self._ended_form()
        if tracker.loop and tracker.latest_user:
            forget_intent(self.memory, tracker.latest_user.intent)
        self._count(context)
        wishes = self.memory.get(WISHES) or []
        if wishes and not tracker.loop and not run.handoff and not run.failed:
            self._offer(Wish(*wishes[0]), context)
            self.memory[WISHES] = wishes[1:]

    def _ended_form(self) -> str | None:
        if self.run.tracker.loop is not None or self.again:
            return None
        begun = next((e.name for e in reversed(self.run.tracker.events[self.run.began :]) if isinstance(e, LoopActive) and e.name), None)
        return self.form or begun

    def _offer(self, wish: Wish, context: ActionContext, *, question: str = "utter_repair_offer") -> None:
        yes = Button(say(context, "utter_repair_yes").text, f"/{wish.intent}")
        no = (Button(say(context, "utter_repair_no").text, f"/{self.repair.no[0]}"),) if self.repair.no else ()
        self.memory[OFFER] = {"intent": wish.intent, "words": wish.words}
        self._note(f"{wish.intent} is offered")
        self.run.say(say(context, question, buttons=(yes, *no), wish=wish.words))

    def _count(self, context: ActionContext) -> None:
        """Turns in which nothing moved: after too many of them in a row a person takes over."""
        run, tracker = self.run, self.run.tracker
        same = tracker.loop is not None and tracker.loop_name == self.form and tracker.requested_slot == self.question
        moved = {n: v for n, v in tracker.slots.items() if n != REQUESTED_SLOT and v != self.before.get(n)}
        stuck = self.again or bool(run.failed) or (same and self.question is not None and not moved and not self._did_something())
        self.memory[STUCK] = self.memory.get(STUCK, 0) + 1 if stuck else 0
        if self.repair.most_stuck and self.memory[STUCK] >= self.repair.most_stuck and not run.handoff:
            self._note(f"{self.memory[STUCK]} turns without progress")
            run.collect(self._person(context, HandoffReason.NOT_UNDERSTOOD, "utter_repair_stuck"))

    def _did_something(self) -> bool:
        """Whether anything but the form and the word that it was not understood followed the message."""
        nothing = {LISTEN, self.form, self.repair.unanswered_action, self.run.config.core_fallback_action}
        newest = reversed(self.run.tracker.events)
        since = itertools.takewhile(lambda e: not isinstance(e, UserSaid), newest)
        return any(isinstance(e, ActionRan) and e.name not in nothing for e in since)

    def _person(self, context: ActionContext, reason: HandoffReason, response: str) -> ActionResult:
        if self.project.has_response("utter_handoff_open") and self.project.has_response("utter_handoff_closed"):
            passed = hand_off(context, reason)
            first = () if response == "utter_repair_person" else (say(context, response),)
            return replace(passed, messages=(*first, *passed.messages))
        said = [say(context, name) for name in dict.fromkeys((response, "utter_repair_person"))]
        return ActionResult(messages=tuple(said), handoff=HandoffRequest(reason))

    def keep(self, now: datetime) -> None:
        """Keeps what was said, and when silence is to be broken, for the next turn."""
        if self.run.config.foreign or self.run.handoff:
            return
        if self.repair.repeat:
            remember(self.memory, self.run.messages[self.run.opened :])
        waits = self.run.tracker.loop is not None and self.run.tracker.requested_slot is not None
        if waits and self.run.turn.messages and self.repair.nudge_after:
            self.memory[SILENCE] = {"at": (now + timedelta(minutes=self.repair.nudge_after)).isoformat(), "step": "nudge"}

    def wake_at(self, reminder: datetime | None) -> datetime | None:
        """When the talk is to be looked at again: for the next reminder, or because the customer is silent."""
        silence = self.memory.get(SILENCE)
        at = datetime.fromisoformat(silence["at"]) if silence else None
        return min((t for t in (reminder, at) if t is not None), default=None)

    def break_silence(self, now: datetime) -> None:
        """A gentle word when the customer has left a form's question open for long; later the form ends."""
        silence = self.memory.get(SILENCE)
        if not silence or datetime.fromisoformat(silence["at"]) > now:
            return
        self.memory.pop(SILENCE)
        run, tracker = self.run, self.run.tracker
        if tracker.loop is None or tracker.paused:
            return
        message = TurnMessage(run.turn.id, "", None, Understanding(run.language, None, 0.0), now)
        context = run.context(message)
        self._note(f"the customer is silent: {silence['step']}")
        if silence["step"] == "nudge":
            for content in (say(context, "utter_repair_nudge"), *last_said(self.memory)[-1:]):
                run.say(content)
            if self.repair.close_after:
                self.memory[SILENCE] = {"at": (now + timedelta(minutes=self.repair.close_after)).isoformat(), "step": "close"}
            return
        run.say(say(context, "utter_repair_closed"))
        self._end_form()

    def _end_form(self) -> None:
        """Ends the running form and forgets what it alone was told."""
        tracker, forms = self.run.tracker, self.project.domain.forms
        form = forms.get(tracker.loop_name or "")
        others = {n for f in forms.values() if f is not form for n in f.required_slots}
        own = [n for n in form.required_slots if n not in others] if form else []
        forgotten = tuple(SlotSet(n, None) for n in own if tracker.slots.get(n) is not None)
        tracker.apply(LoopActive(None), SlotSet(REQUESTED_SLOT, None), *forgotten, ActionRan(LISTEN))

    def _note(self, why: str) -> None:
        self.run.trace.append({"step": "repaired", "why": why})
