"""What a worker answers to Rasa's HTTP API: it holds the model, the bot and its project (`channels/rasa/api.py` asks)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.brain import Brain, NotReadyError
from bot.baton_engine import BatonEngine
from bot.commands import read_command
from bot.dialogue_events import ActionRan, BotSaid, DialogueEvent, SessionStarted, SlotSet
from bot.engine import Turn, TurnMessage
from bot.project.types import LISTEN, Project
from bot.rasa_domain import response_as_rasa_json
from bot.rasa_events import event_from_rasa_json
from bot.rasa_json import tracker_as_rasa_json, understanding_as_rasa_json
from bot.rasa_story import tracker_as_story
from bot.reading import read_message
from bot.reminders import pending_reminders
from bot.slot_filling import mapped_values, mapping_holds
from bot.tracker import Tracker, restore_tracker
from bot.turn import WAKE_AT
from channels.rasa.finding import find_conversation
from channels.rasa.types import REST
from context.conversations import lock_conversation
from context.inbound import find_or_open_conversation
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import add_message
from context.types import Author, Button, Content, Handler, Inbound, Understanding
from insights.models import TrainingRunRow
from kit.asking import Respond
from kit.db import Database
from kit.errors import ConflictError, NotFoundError

NEW_TALK: tuple[DialogueEvent, ...] = (ActionRan("action_session_start"), SessionStarted(), ActionRan(LISTEN))
TRIES, PAUSE = 25, 0.2
ASKED = "asked"


class BusyTalkError(ConflictError):
    """The bot is having its turn in this conversation."""


class DoorQuestions:
    """Answers the questions, each with JSON."""

    def __init__(self, database: Database, ledger: Ledger, brain: Brain, *, tries: int = TRIES) -> None:
        self.database, self.ledger, self.brain, self.tries = database, ledger, brain, tries

    def all(self) -> dict[str, Respond]:
        """The questions by name."""
        return {
            "status": self.status, "parse": self.parse, "tracker": self.tracker, "append": self.append, "replace": self.replace,
            "message": self.message, "story": self.story, "predict": self.predict, "knows_intent": self.knows_intent,
        }  # fmt: skip

    @property
    def project(self) -> Project:
        """The project of the live bot. Raises NotReadyError."""
        if self.brain.engine is None:
            raise NotReadyError("No agent loaded", hint="Train one: `baton train`.")
        return self.brain.engine.project

    async def status(self, **_: Any) -> dict[str, Any]:
        """The live model, and how many are being trained."""
        _project, model = self.project, self.brain.model_name
        async with self.database.transaction() as session:
            running = select(func.count()).select_from(TrainingRunRow).where(TrainingRunRow.state == "running")
            count = (await session.execute(running)).scalar_one()
        return {"model_file": f"{model}.tar", "model_id": model, "num_active_training_jobs": count}

    async def knows_intent(self, *, name: str, **_: Any) -> dict[str, Any]:
        """Whether the domain has the intent."""
        return {"known": name.split("/", 1)[0] in self.project.domain.intents}

    async def parse(self, *, text: str, **_: Any) -> dict[str, Any]:
        """What a text means, in the form of /model/parse."""
        project, message = self.project, await self._read(text)
        said = read_message(message, domain=project.domain, config=project.config)
        command = read_command(text, project.domain) is not None

        def responses(name: str) -> list[dict[str, Any]]:
            found = next((said[name] for said in project.responses.values() if name in said), None)
            return response_as_rasa_json(found) if found else []

        return understanding_as_rasa_json(said, None if command else message.understanding, responses=responses)

    async def _read(self, text: str) -> TurnMessage:
        understood = await asyncio.to_thread(self.brain.understand, text) if text.strip() else Understanding("und", None, 0.0)
        return TurnMessage(uuid5(NAMESPACE_OID, text), text, None, understood, self.ledger.now)

    async def tracker(self, *, sender: str, verbosity: str, **_: Any) -> dict[str, Any]:
        """The state of a talk; a fresh one for somebody who never wrote."""
        async with self.database.transaction() as session:
            conversation = await find_conversation(session, sender)
            return self._state(sender, conversation, verbosity)

    async def story(self, *, sender: str, **_: Any) -> str:
        """The talk as a test story in YAML. Raises NotFoundError."""
        async with self.database.transaction() as session:
            conversation = await _get(session, sender)
            return tracker_as_story(self._restore(conversation), name=sender)

    async def predict(self, *, sender: str, **_: Any) -> dict[str, Any]:
        """What the policies would do next. Raises NotFoundError, and ConflictError where Rasa leads the dialogue."""
        project, engine = self.project, self.brain.engine
        if not isinstance(engine, BatonEngine):
            raise ConflictError("Rasa leads the dialogue here", hint="Ask Rasa itself, or set BATON_ENGINE=baton.")
        async with self.database.transaction() as session:
            conversation = await _get(session, sender)
            tracker = self._restore(conversation)
            state = self._state(sender, conversation, "ALL")
        chosen = await asyncio.to_thread(engine.policies.predict, tracker)
        scores = dict.fromkeys([*project.domain.actions, *project.domain.forms, LISTEN], 0.0)
        scores |= dict(chosen.others) | {chosen.action: chosen.confidence}
        ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "scores": [{"action": name, "score": score} for name, score in ranked],
            "policy": chosen.policy, "confidence": chosen.confidence, "tracker": state,
        }  # fmt: skip

    async def message(self, *, ask_id: str, sender: str, text: str, verbosity: str, **_: Any) -> dict[str, Any]:
        """Notes a message of the customer in the talk, with the slots that it fills, without an answer. No action runs."""
        project = self.project
        said = read_message(await self._read(text), domain=project.domain, config=project.config)
        return await self._change(ask_id, sender, (said,), verbosity=verbosity, fill=True)

    async def append(self, *, ask_id: str, sender: str, events: list[Any], verbosity: str, side_effects: bool, **_: Any) -> dict[str, Any]:
        """Adds events. Raises RasaEventError for one that cannot be read."""
        known = _known(events)
        said = [_content(e) for e in events if e.get("event") == "bot"] if side_effects else []
        return await self._change(ask_id, sender, known, verbosity=verbosity, said=said)

    async def replace(self, *, ask_id: str, sender: str, events: list[Any], verbosity: str, **_: Any) -> dict[str, Any]:
        """Puts events in the place of all that were. Raises RasaEventError for one that cannot be read."""
        return await self._change(ask_id, sender, _known(events), verbosity=verbosity, anew=True)

    async def _change(
        self, ask_id: str, sender: str, events: Sequence[DialogueEvent], *, verbosity: str, said: Sequence[Content] = (), **how: bool
    ) -> dict[str, Any]:
        """Changes the talk between turns; waits a while for a turn to end. Doing it again for the same question changes nothing."""
        for _ in range(self.tries):
            async with self.database.transaction() as session:
                conversation = await self._lock(session, sender)
                if conversation.lease_until is None or conversation.lease_until < self.ledger.now:
                    if conversation.dialogue.get(ASKED) != ask_id:
                        await self._say(session, conversation, said)
                        self._apply(conversation, events, ask_id=ask_id, **how)
                    return self._state(sender, conversation, verbosity)
            await asyncio.sleep(PAUSE)
        raise BusyTalkError(hint="Try again shortly.")

    async def _lock(self, session: AsyncSession, sender: str) -> ConversationRow:
        found = await find_conversation(session, sender)
        if found is not None:
            return await lock_conversation(session, found.id)
        return await find_or_open_conversation(session, self.ledger, Inbound(REST, REST, sender, "", ""))

    async def _say(self, session: AsyncSession, conversation: ConversationRow, said: Sequence[Content]) -> None:
        if said and conversation.handler != Handler.BOT:
            raise ConflictError("A person holds this conversation: the bot does not speak in it now")
        for content in said:
            await add_message(session, self.ledger, conversation, content=content, author=Author.BOT)

    def _apply(
        self, conversation: ConversationRow, events: Sequence[DialogueEvent], *, ask_id: str, anew: bool = False, fill: bool = False
    ) -> None:
        """`anew`: nothing stays of what was; `fill`: the last message fills slots."""
        tracker = Tracker(self.project.domain) if anew else self._restore(conversation)
        tracker.apply(*events)
        if fill:
            tracker.apply(*_slots_told(tracker))
        conversation.slots = tracker.filled_slots()
        waiting = pending_reminders(tracker)
        conversation.dialogue = tracker.as_dialogue() | {ASKED: ask_id, WAKE_AT: waiting[0][0].isoformat() if waiting else None}

    def _restore(self, conversation: ConversationRow) -> Tracker:
        tracker = restore_tracker(self.project.domain, slots=dict(conversation.slots), dialogue=dict(conversation.dialogue))
        if not tracker.events and not tracker.truncated:
            tracker.apply(*NEW_TALK)
        return tracker

    def _state(self, sender: str, conversation: ConversationRow | None, verbosity: str) -> dict[str, Any]:
        if conversation is None:
            tracker = Tracker(self.project.domain)
            tracker.apply(*NEW_TALK)
            return tracker_as_rasa_json(tracker, self._turn(None), sender_id=sender, verbosity=verbosity)
        turn = self._turn(conversation)
        return tracker_as_rasa_json(self._restore(conversation), turn, sender_id=sender, verbosity=verbosity)

    def _turn(self, conversation: ConversationRow | None) -> Turn:
        nobody = uuid5(NAMESPACE_OID, "nobody")
        turn = Turn(
            id=nobody, conversation_id=nobody, messages=(), slots={}, dialogue={}, language="und", channel=REST, contact_id=nobody,
            verified=False, email=None, phone=None, now=self.ledger.now,
        )  # fmt: skip
        if conversation is None:
            return turn
        return replace(turn, conversation_id=conversation.id, channel=conversation.channel, now=conversation.updated_at)


async def _get(session: AsyncSession, sender: str) -> ConversationRow:
    found = await find_conversation(session, sender)
    if found is None:
        raise NotFoundError("Conversation ID not found.")
    return found


def _slots_told(tracker: Tracker) -> list[SlotSet]:
    """The slots that the last message fills by mappings that need no action."""
    user, found = tracker.latest_user, []
    for slot in tracker.domain.slots.values() if user else ():
        for mapping in slot.mappings:
            values = mapped_values(mapping, tracker, user) if user and mapping_holds(mapping, slot, tracker, user) else []
            if values:
                found.append(SlotSet(slot.name, values if slot.kind == "list" else values[-1]))
                break
    return found


def _known(events: list[Any]) -> list[DialogueEvent]:
    return [known for known in map(event_from_rasa_json, events) if known is not None]


def _content(event: dict[str, Any]) -> Content:
    """What a bot event says, with its rich parts."""
    data = event.get("data")
    rich = data if isinstance(data, dict) else {}
    buttons = tuple(
        Button(str(b.get("title")), str(b.get("payload") or b.get("title"))) for b in rich.get("buttons") or () if isinstance(b, dict)
    )
    said = BotSaid(str(event.get("text") or ""))
    return Content(said.text, buttons=buttons, custom={k: rich[k] for k in ("image", "attachment", "custom", "elements") if rich.get(k)})
