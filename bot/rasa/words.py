"""Between Baton's words and Rasa's: the events before a message, what a message means, and what the bot said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.dialogue_events import DialogueEvent, LoopActive, SlotSet, UserSaid
from bot.engine import Turn
from bot.project.types import Project
from bot.rasa_domain import response_as_rasa_json
from bot.rasa_json import event_as_rasa_json, parse_data
from bot.tracker import Tracker
from context.types import Button, Content

RICH = ("image", "attachment", "elements", "custom")


def past_events(tracker: Tracker, turn: Turn) -> list[dict[str, Any]]:
    """All that Rasa must know of the talk before the message: the state before the first kept event as events, then those."""
    domain = tracker.domain
    first = [SlotSet(n, v) for n, v in tracker.base_slots.items() if v != (domain.slots[n].initial if n in domain.slots else None)]
    loop = [LoopActive(tracker.base_loop)] if tracker.base_loop else []
    at = next((e.at for e in tracker.events if isinstance(e, UserSaid) and e.at), turn.now.timestamp())
    found: list[dict[str, Any]] = []
    known: list[DialogueEvent] = [*first, *loop, *tracker.events]
    for event in known:
        at = event.at if isinstance(event, UserSaid) and event.at else at
        found.append(event_as_rasa_json(event, at=at, channel=turn.channel))
    return found


def is_of_turn(event: Mapping[str, Any], key: str) -> bool:
    """Whether an event is the message that Rasa was just given: actions may add customer messages of their own."""
    return event.get("event") == "user" and (event.get("metadata") or {}).get("baton_turn") == key


def json_of(event: DialogueEvent, turn: Turn) -> dict[str, Any]:
    """An event of this moment as Rasa writes it."""
    return event_as_rasa_json(event, at=turn.now.timestamp(), channel=turn.channel)


def parse_data_of(said: UserSaid, project: Project) -> dict[str, Any]:
    """What a message means, as Rasa's own understanding would say it; a whole intent (`faq/returns`) selects its response."""
    data = parse_data(said)
    if "/" in said.full_intent:
        data["intent"]["full_retrieval_intent_name"] = said.full_intent
        action = f"utter_{said.full_intent}"
        response = next((said_in[action] for said_in in project.responses.values() if action in said_in), None)
        selected = {
            "responses": response_as_rasa_json(response) if response else [],
            "confidence": said.confidence,
            "intent_response_key": said.full_intent,
            "utter_action": action,
        }
        data["response_selector"] = {"all_retrieval_intents": [said.intent], said.intent: {"response": selected, "ranking": []}}
    return data


def content_of_event(data: Mapping[str, Any], kept: Sequence[Content]) -> Content:
    """The message of Rasa's bot event: the one that Baton kept under the number in its metadata, else made of its own parts."""
    number = (data.get("metadata") or {}).get("baton")
    if isinstance(number, int) and 0 < number <= len(kept):
        return kept[number - 1]
    parts = data.get("data") or {}
    offered = parts.get("buttons") or parts.get("quick_replies") or []
    buttons = tuple(Button(str(b["title"]), str(b.get("payload") or b["title"])) for b in offered if b.get("title"))
    return Content(str(data.get("text") or ""), buttons=buttons, custom={k: parts[k] for k in RICH if parts.get(k)})
