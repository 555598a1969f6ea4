"""What a talk stores between two turns comes back as it was."""

from __future__ import annotations

import json

import pytest

from bot.dialogue_events import DialogueEvent, FoundEntity, SlotSet, UserSaid, event_as_json, event_from_json


@pytest.mark.parametrize(
    "event",
    [
        SlotSet("note", ""),
        SlotSet("count", 0),
        SlotSet("sliced", False),
        UserSaid("", "", "", 0.0),
        UserSaid("none", "inform", "inform", 1.0, (FoundEntity("count", 0), FoundEntity("sure", False), FoundEntity("name", ""))),
    ],
    ids=["empty text", "zero", "no", "nothing understood", "empty entities"],
)
def test_an_event_with_an_empty_value_is_stored_and_read(event: DialogueEvent) -> None:
    assert event_from_json(json.loads(json.dumps(event_as_json(event)))) == event
