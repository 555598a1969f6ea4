"""Plays the conversations of a parity project with Baton's engine and gives its events in the normal form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from bot.actions.remote import RemoteActions
from bot.actions.remote_config import ActionEndpoint
from bot.baton_engine import BatonEngine
from bot.engine import Turn, TurnMessage
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.loader import load_project
from bot.rasa_json import event_as_rasa_json
from nlu.types import Entity, Understanding
from tests.parity.action_server import serving
from tests.parity.conversations import PROJECTS, START, Conversation, Step, load_conversations
from tests.parity.events import normal_event

_SPACE = UUID("8d6cb1f4-7ad6-4a6e-9a3e-5b9a7a5c2f10")


@dataclass
class _Talk:
    """One conversation being played."""

    name: str
    clock: float = START
    slots: dict[str, Any] = field(default_factory=dict)
    dialogue: dict[str, Any] = field(default_factory=dict)
    wake_at: datetime | None = None


async def play_project(project: str) -> dict[str, list[dict[str, Any]]]:
    """Conversation -> turns, in the shape of a recording. Raises what the engine or the project's loader raises."""
    with serving(project) as url:
        engine = engine_for(project, url)
        return {c.name: await play(engine, c) for c in load_conversations(project)}


def engine_for(project: str, actions_url: str) -> BatonEngine:
    """The engine of a parity project, whose own actions are served at `actions_url`."""
    remote = RemoteActions(ActionEndpoint(actions_url))
    project_read = load_project(PROJECTS / project, strict=False)
    return BatonEngine(project_read, orders=MemoryOrders(), knowledge=MemoryKnowledge(), remote=remote)


async def play(engine: BatonEngine, conversation: Conversation) -> list[dict[str, Any]]:
    """The events of each turn. A turn in which the engine raises holds one event of the kind `raised`."""
    talk, turns = _Talk(conversation.name), []
    for number, step in enumerate(conversation.steps, 1):
        try:
            events = await _pass_time(engine, talk, step, number) + await _take(engine, talk, step, number)
        except Exception as error:
            events = [{"event": "raised", "error": repr(error)}]
        turns.append({"turn": number, "said": step.said, "events": events})
    return turns


async def _pass_time(engine: BatonEngine, talk: _Talk, step: Step, number: int) -> list[dict[str, Any]]:
    """Wakes the engine whenever it wants to be woken until the step's time has come."""
    end, events = talk.clock + step.wait, []
    while talk.wake_at and talk.wake_at.timestamp() <= end:
        talk.clock = max(talk.clock, talk.wake_at.timestamp())
        events += await _take(engine, talk, Step(channel=step.channel), number)
    talk.clock = end
    return events


async def _take(engine: BatonEngine, talk: _Talk, step: Step, number: int) -> list[dict[str, Any]]:
    reply = await engine.respond(_turn(talk, step, number))
    talk.wake_at = reply.wake_at
    events = [event_as_rasa_json(e, at=talk.clock, channel=step.channel) for e in reply.events]
    talk.slots, talk.dialogue = reply.slots, json.loads(json.dumps(reply.dialogue))
    return [e for e in map(normal_event, events) if e]


def _turn(talk: _Talk, step: Step, number: int) -> Turn:
    now = datetime.fromtimestamp(talk.clock, UTC)
    key = f"{talk.name}:{number}"
    return Turn(
        id=uuid5(_SPACE, key),
        conversation_id=uuid5(_SPACE, talk.name),
        messages=_messages(step, uuid5(_SPACE, f"message {key}"), now),
        slots=talk.slots,
        dialogue=talk.dialogue,
        language="en",
        channel=step.channel,
        contact_id=uuid5(_SPACE, f"contact {talk.name}"),
        verified=False,
        email=None,
        phone=None,
        now=now,
    )


def _messages(step: Step, message_id: UUID, now: datetime) -> tuple[TurnMessage, ...]:
    if step.trigger:
        text = f"EXTERNAL: {step.trigger}"
        parse = {"intent": step.trigger, "confidence": 1.0, "entities": step.entities, "ranking": (), "selected": None}
        return (TurnMessage(message_id, text, text, _understanding(parse, text), now),)
    if step.text is None:
        return ()
    parse = step.parse or {"intent": None, "confidence": 0.0, "entities": (), "ranking": (), "selected": None}
    return (TurnMessage(message_id, step.text, None, _understanding(parse, step.text), now, step.metadata),)


def _understanding(parse: dict[str, Any], text: str) -> Understanding:
    intent = parse["selected"] or parse["intent"]
    ranking = tuple((str(n), float(c)) for n, c in parse["ranking"] or ([(intent, parse["confidence"])] if intent else ()))
    return Understanding("en", intent, parse["confidence"], ranking, tuple(_entity(e, text) for e in parse["entities"]))


def _entity(given: dict[str, Any], text: str) -> Entity:
    value = given["value"]
    start = max(text.find(str(value)), 0)
    return Entity(
        given["entity"],
        str(value),
        value,
        start,
        start + len(str(value)),
        role=given.get("role"),
        group=given.get("group"),
        extractor="given",
    )
