"""A talk over a small domain in which an action server is to be called."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bot.actions.port import ActionContext
from bot.dialogue_events import (
    ActionRan,
    FoundEntity,
    SlotSet,
    UserSaid,
)
from bot.engine import Turn, TurnMessage
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.loader import load_project
from bot.project.types import LISTEN
from bot.speaker import Speaker
from bot.tracker import Tracker
from context.types import Understanding

SPACE = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
DOMAIN = """
version: "3.1"
intents:
- book
- greet:
    ignore_entities: [city]
entities:
- city:
    roles: [from, to]
slots:
  city:
    type: text
    mappings:
    - type: from_entity
      entity: city
      role: to
  seats:
    type: float
    min_value: 1
    max_value: 9
    mappings:
    - type: custom
      action: action_seats
  name:
    type: text
    influence_conversation: false
    mappings:
    - type: from_text
      conditions:
      - active_loop: booking_form
        requested_slot: name
forms:
  booking_form:
    required_slots: [city, name]
responses:
  utter_where:
  - text: "To {city}, with {who}?"
    buttons:
    - title: "Yes"
      payload: /affirm
actions: [action_book, action_seats, validate_booking_form]
"""


def make_context(folder: Path) -> ActionContext:
    """A talk over the small domain, written to `folder`."""
    (folder / "config.yml").write_text("language: en\n")
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data").mkdir()
    project = load_project(folder)
    understood = Understanding("en", "book", 0.9)
    message = TurnMessage(SPACE, "to Macau please", None, understood, NOW, metadata={"cart": 3})
    turn = Turn(
        id=SPACE, conversation_id=SPACE, messages=(message,), slots={}, dialogue={}, language="en", channel="web", contact_id=SPACE,
        verified=False, email=None, phone=None, now=NOW,
    )  # fmt: skip
    tracker = Tracker(project.domain)
    user = UserSaid(message.text, "book", "book", 0.9, (FoundEntity("city", "Macau", "Macau", start=3, end=8),), at=NOW.timestamp())
    tracker.apply(ActionRan(LISTEN), user, SlotSet("city", "Macau"))
    return ActionContext(
        project=project, tracker=tracker, turn=turn, message=message, language="en", speaker=Speaker(project), orders=MemoryOrders(),
        knowledge=MemoryKnowledge(), actions={}, forms={},
    )  # fmt: skip
