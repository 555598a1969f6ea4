"""A talk with the shop's bot, for tests: readers in memory, understanding given by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from bot.baton_engine import BatonEngine
from bot.engine import Reply, Turn, TurnMessage
from bot.project import Project, load_project
from bot.testing import Readers, load_readers
from nlu.types import Entity, Sentiment, Understanding

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "training_data" / "tests" / "stories"
SPACE = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon in Macau, a Wednesday


@lru_cache(maxsize=1)
def shop() -> Project:
    """The shop's project, read once."""
    return load_project(ROOT / "bot", domain=ROOT / "bot" / "domain", data=ROOT / "training_data")


def said(
    text: str, intent: str | None, *, language: str = "en", confidence: float = 0.9, angry: bool = False, **entities: str
) -> TurnMessage:
    """A message as nlu would hand it over; a text that begins with a slash is a button."""
    found = tuple(Entity(name, value, value, 0, len(value)) for name, value in entities.items())
    sentiment = Sentiment(-2, 0.9, angry=True) if angry else Sentiment()
    understanding = Understanding(language, intent, confidence, entities=found, sentiment=sentiment)
    return TurnMessage(uuid5(SPACE, text), text, text if text.startswith("/") else None, understanding, NOW)


@dataclass
class Talk:
    """Keeps the state between turns as the caller of the engine does."""

    verified: bool = False
    email: str | None = None
    now: datetime = NOW
    channel: str = "web"
    project: Project = field(default_factory=shop)
    readers: Readers = field(default_factory=lambda: load_readers(STORIES))
    slots: dict[str, Any] = field(default_factory=dict)
    dialogue: dict[str, Any] = field(default_factory=dict)
    turns: int = 0
    language: str = "en"

    def turn(self, *messages: TurnMessage) -> Turn:
        """The next turn."""
        return Turn(
            id=uuid5(SPACE, f"turn {self.turns}"), conversation_id=SPACE, messages=messages, slots=self.slots, dialogue=self.dialogue,
            language=self.language, channel=self.channel, contact_id=SPACE, verified=self.verified, email=self.email, phone=None,
            now=self.now,
        )  # fmt: skip

    async def say(self, *messages: TurnMessage) -> Reply:
        """Says messages in one turn; the state goes through JSON as in the database."""
        engine = BatonEngine(self.project, orders=self.readers.orders, knowledge=self.readers.knowledge, shop=self.readers.shop)
        reply = await engine.respond(self.turn(*messages))
        self.turns += 1
        self.slots, self.dialogue = json.loads(json.dumps([reply.slots, reply.dialogue]))
        self.language = reply.language
        json.dumps(reply.trace)
        return reply


def text_of(reply: Reply) -> str:
    """Everything that was said."""
    return "\n".join(content.text for content in reply.messages)
