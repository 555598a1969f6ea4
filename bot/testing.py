"""Runs Rasa 3 test stories on the engine, with readers in memory; what customers say is annotated, or understood by a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from bot.baton_engine import BatonEngine
from bot.engine import DialogueEngine, Reply, Turn, TurnMessage
from bot.fake_shop import MemoryShop, shop_from_json
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.loader import load_stories
from bot.project.types import LISTEN, REQUESTED_SLOT, ActionStep, BotStep, Flow, Project, SlotStep, UserStep
from context.types import Order, OrderItem, Shipment
from nlu.annotations import parse_annotations
from nlu.types import Entity, Sentiment, Understanding

READERS = "readers.json"
Understand = Callable[[str, str, str | None], Understanding]
"""(text, language, the entity just asked for) -> what a model makes of it."""
_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True)
class Readers:
    """The world of the test stories: orders, articles and the present moment."""

    orders: MemoryOrders = field(default_factory=MemoryOrders)
    knowledge: MemoryKnowledge = field(default_factory=MemoryKnowledge)
    shop: MemoryShop = field(default_factory=MemoryShop)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Talk:
    """One test story being played."""

    story: Flow
    readers: Readers
    understand: Understand | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    dialogue: dict[str, Any] = field(default_factory=dict)
    turns: int = 0


async def run_test_stories(
    project: Project, path: Path | str, *, readers: Readers | None = None, understand: Understand | None = None
) -> dict[str, Any]:
    """Plays every story under `path` on Baton's engine: each customer step is a turn, what follows is compared with the actions that ran.

    `readers` default to `readers.json` beside the stories. `understand` reads what customers say; without it the stories' own intents
    and entities count, as they do for a step without a text and for one that is a button. A story's `metadata` may set language,
    verified, email, channel and angry. A `bot:` step must be said word for word; a `slot_was_set` with a value must hold at the end of
    its turn. Returns counts of stories, passed, actions, actions_correct, and `failures` with story, place, said, expected and actual.
    """
    world = readers or readers_of(Path(path))
    engine = BatonEngine(project, orders=world.orders, knowledge=world.knowledge, shop=world.shop)
    return await play_stories(engine, path, readers=world, understand=understand)


async def play_stories(
    engine: DialogueEngine, path: Path | str, *, readers: Readers, understand: Understand | None = None
) -> dict[str, Any]:
    """The same on an engine that reads `readers`."""
    return await _play_all(engine, [_Talk(story, readers, understand) for story in load_stories(path)])


def readers_of(stories: Path) -> Readers:
    """The readers that lie beside test stories."""
    return load_readers(stories if stories.is_dir() else stories.parent)


def load_readers(folder: Path) -> Readers:
    """The readers described by `readers.json` in `folder`; empty ones when there is no such file."""
    file = folder / READERS
    if not file.exists():
        return Readers()
    data = json.loads(file.read_text(encoding="utf-8"))
    orders = MemoryOrders(
        tuple(_order(o) for o in data["orders"]),
        locked=frozenset(data.get("locked", ())),
        not_returnable=frozenset(data.get("not_returnable", ())),
    )
    articles = tuple((tuple(a["words"]), a["title"], a["text"]) for a in data["articles"])
    return Readers(orders, MemoryKnowledge(articles), shop_from_json(data, orders=orders), datetime.fromisoformat(data["now"]))


def _order(data: dict[str, Any]) -> Order:
    return Order(
        **{k: v for k, v in data.items() if k not in ("items", "shipments", "placed_at")},
        placed_at=datetime.fromisoformat(data["placed_at"]),
        items=tuple(OrderItem(**i) for i in data["items"]),
        shipments=tuple(Shipment(**s) for s in data["shipments"]),
    )


async def _play_all(engine: DialogueEngine, talks: list[_Talk]) -> dict[str, Any]:
    result: dict[str, Any] = {"stories": len(talks), "passed": 0, "actions": 0, "actions_correct": 0, "failures": []}
    for talk in talks:
        failures_before = len(result["failures"])
        await _play(engine, talk, result)
        result["passed"] += len(result["failures"]) == failures_before
    return result


async def _play(engine: DialogueEngine, talk: _Talk, result: dict[str, Any]) -> None:
    steps = talk.story.steps
    starts = [i for i, step in enumerate(steps) if isinstance(step, UserStep)]
    for start, end in zip(starts, [*starts[1:], len(steps)], strict=True):
        user = steps[start]
        assert isinstance(user, UserStep)
        reply = await engine.respond(_turn(talk, user))
        talk.slots, talk.dialogue = reply.slots, json.loads(json.dumps(reply.dialogue))
        following = steps[start + 1 : end]
        expected = [s.name for s in following if isinstance(s, ActionStep) and s.name != LISTEN]
        actual = actions_of(reply)
        result["actions"] += len(expected)
        result["actions_correct"] += sum(e == a for e, a in zip(expected, actual, strict=False))
        said = [m.text for m in reply.messages]
        expected += [f"bot: {s.text.strip()}" for s in following if isinstance(s, BotStep)]
        actual += [f"bot: {s.text.strip()}" for s in following if isinstance(s, BotStep) and s.text.strip() in said]
        slots = talk.slots | {REQUESTED_SLOT: _requested(reply)}
        wanted = {s.name: s.value for s in following if isinstance(s, SlotStep) and s.given}
        expected += [f"slot {n}: {v}" for n, v in wanted.items()]
        actual += [f"slot {n}: {slots.get(n)}" for n in wanted]
        if expected != actual:
            failure = {"story": talk.story.name, "place": str(user.place), "said": user.text or user.full_intent}
            result["failures"].append(failure | {"expected": expected, "actual": actual, "messages": said})


def actions_of(reply: Reply) -> list[str]:
    """The actions that ran in a turn, without listening and without forms that let the message pass."""
    ran: list[str] = []
    for entry in reply.trace:
        if entry["step"] == "decided" and entry["action"] != LISTEN:
            ran.append(entry["action"])
        elif entry["step"] == "rejected":
            ran.pop()
    return ran


def _requested(reply: Reply) -> Any:
    asked = [e for e in reply.dialogue["events"] if e["event"] == "slot" and e["name"] == REQUESTED_SLOT]
    return asked[-1]["value"] if asked else reply.dialogue["base"]["slots"].get(REQUESTED_SLOT)


def _turn(talk: _Talk, step: UserStep) -> Turn:
    talk.turns += 1
    about = talk.story.metadata
    key = f"{talk.story.place}:{talk.turns}"
    return Turn(
        id=uuid5(_SPACE, key),
        conversation_id=uuid5(_SPACE, str(talk.story.place)),
        messages=(_message(step, talk, uuid5(_SPACE, f"message {key}")),),
        slots=talk.slots,
        dialogue=talk.dialogue,
        language=str(about.get("language", "en")),
        channel=str(about.get("channel", "test")),
        contact_id=uuid5(_SPACE, f"contact {talk.story.place}"),
        verified=about.get("verified") is True,
        email=about.get("email") if about.get("verified") is True else None,
        phone=None,
        now=talk.readers.now,
    )


def _message(step: UserStep, talk: _Talk, message_id: UUID) -> TurnMessage:
    """The customer step as a message: a text that begins with a slash is a button, entities stand in the text or beside it."""
    payload = step.text if step.text.startswith("/") else None
    annotated = parse_annotations(step.text) if payload is None else None
    text = annotated.text if annotated else step.text
    language = str(talk.story.metadata.get("language", "en"))
    if talk.understand and text and payload is None:
        understanding = talk.understand(text, language, talk.dialogue.get("expected"))
    else:
        understanding = _as_annotated(step, talk.story.metadata, text)
    return TurnMessage(message_id, text or f"/{step.full_intent}", payload, understanding, talk.readers.now)


def _as_annotated(step: UserStep, about: dict[str, Any], text: str) -> Understanding:
    annotated = parse_annotations(step.text) if not step.text.startswith("/") else None
    spans = annotated.entities if annotated else ()
    entities = [Entity(s.name, text[s.start : s.end], s.value, s.start, s.end, role=s.role, group=s.group) for s in spans]
    if not entities:
        entities = [Entity(e.name, str(e.value), str(e.value), 0, 0, role=e.role, group=e.group) for e in step.entities]
    intent = None if step.intent == "nlu_fallback" else step.full_intent
    sentiment = Sentiment(-2, 1.0, angry=True) if about.get("angry") == step.text and step.text else Sentiment()
    return Understanding(str(about.get("language", "en")), intent, 1.0, entities=tuple(entities), sentiment=sentiment)
