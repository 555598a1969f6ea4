"""A talk in the JSON of Rasa 3: its events, and the tracker's state as custom actions and Rasa's HTTP API show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.dialogue_events import (
    ActionRan,
    ActionRejected,
    BotSaid,
    DialogueEvent,
    FoundEntity,
    LoopInterrupted,
    ReminderCancelled,
    ReminderSet,
    Restarted,
    SlotSet,
    UserSaid,
)
from bot.engine import Turn
from bot.tracker import Tracker
from context.types import Content, Understanding

VERBOSITIES = ("NONE", "APPLIED", "AFTER_RESTART", "ALL")
Json = dict[str, Any]


def tracker_as_rasa_json(
    tracker: Tracker, turn: Turn, *, sender_id: str | None = None, verbosity: str = "ALL", extra: Sequence[DialogueEvent] = ()
) -> Json:
    """The state of a talk as Rasa 3.6's `current_state`.

    `sender_id` defaults to the conversation's id. `verbosity` is one of `VERBOSITIES`: which events it holds. `extra` events stand at the
    end without having happened: the slots that a form wants checked. Every event bears the time of the last message before it.
    """
    events = _timed([*_chosen(tracker, verbosity), *extra], turn)
    said = tracker.latest_user
    latest = _message_data(said, turn) if said else {"intent": {}, "entities": [], "text": None, "metadata": {}}
    slots = tracker.slots | {event.name: event.value for event in extra if isinstance(event, SlotSet)}
    return {
        "sender_id": sender_id or str(turn.conversation_id),
        "slots": slots,
        "latest_message": latest,
        "latest_event_time": events[-1]["timestamp"] if events else None,
        "followup_action": tracker.followup,
        "paused": tracker.paused,
        "events": None if verbosity == "NONE" else events,
        "latest_input_channel": turn.channel,
        "active_loop": _loop(tracker),
        "latest_action": {"action_name": tracker.latest_action} if tracker.latest_action else {},
        "latest_action_name": tracker.latest_action,
    }


def _loop(tracker: Tracker) -> Json:
    if tracker.loop is None:
        return {}
    return {
        "name": tracker.loop.name,
        "is_interrupted": tracker.loop.interrupted,
        "rejected": tracker.loop.rejected,
        "trigger_message": parse_data(tracker.latest_user) if tracker.latest_user else None,
    }


def _timed(events: Sequence[DialogueEvent], turn: Turn) -> list[Json]:
    at, found = 0.0, []
    first = next((e.at for e in events if isinstance(e, UserSaid) and e.at), turn.now.timestamp())
    for event in events:
        at = event.at if isinstance(event, UserSaid) and event.at else at or first
        shown = event_as_rasa_json(event, at=at, channel=turn.channel)
        if isinstance(event, UserSaid):
            data = _message_data(event, turn)
            shown |= {"parse_data": data, "message_id": data.get("message_id"), "metadata": data["metadata"]}
        found.append(shown)
    return found


def _message_data(said: UserSaid, turn: Turn) -> Json:
    """What was understood, with the id and metadata of the message where it is one of this turn."""
    message = next((m for m in turn.messages if m.at.timestamp() == said.at and m.text == said.text), None)
    data = parse_data(said)
    return data | {"message_id": str(message.id), "metadata": dict(message.metadata)} if message else data


def _chosen(tracker: Tracker, verbosity: str) -> list[DialogueEvent]:
    if verbosity == "APPLIED":
        return tracker.applied()
    restarts = [i for i, e in enumerate(tracker.events) if isinstance(e, Restarted)] if verbosity == "AFTER_RESTART" else []
    return tracker.events[restarts[-1] + 1 :] if restarts else tracker.events


def parse_data(said: UserSaid) -> Json:
    """What a customer message was understood as, in the form of Rasa's `/model/parse`."""
    ranking = said.ranking or ((said.full_intent, said.confidence),)
    part = {"full_retrieval_intent_name": said.full_intent} if said.full_intent != said.intent else {}
    return {
        "intent": {"name": said.intent or None, "confidence": said.confidence, **part},
        "entities": [entity_as_rasa_json(e) for e in said.entities],
        "text": said.text,
        "metadata": {},
        "intent_ranking": [{"name": name.split("/", 1)[0], "confidence": score} for name, score in ranking],
    }


def entity_as_rasa_json(entity: FoundEntity) -> Json:
    """An entity; `start` and `end` only where it is a span of the text."""
    data: Json = {"entity": entity.name, "value": entity.value}
    if entity.end > entity.start:
        data |= {"start": entity.start, "end": entity.end}
    return data | {k: v for k, v in (("role", entity.role), ("group", entity.group)) if v}


def understanding_as_rasa_json(said: UserSaid, understanding: Understanding | None, *, responses: Callable[[str], Sequence[Json]]) -> Json:
    """The answer of `/model/parse`. `said` is what the bot makes of the text, `understanding` what the model found (None: a command).

    `responses` gives the variations of `utter_<retrieval intent>`.
    """
    found = [(n, c) for n, c in understanding.ranking if n != said.full_intent] if understanding else []
    ranking = [(said.full_intent, said.confidence), *found]
    return {
        "text": said.text,
        "intent": {"name": said.intent, "confidence": said.confidence},
        "entities": _parsed_entities(said, understanding),
        "intent_ranking": [{"name": name.split("/", 1)[0], "confidence": score} for name, score in ranking],
        "response_selector": _selector(said.full_intent, ranking, responses),
    }


def _parsed_entities(said: UserSaid, understanding: Understanding | None) -> list[Json]:
    sources = {(e.name, e.start, e.end): e for e in understanding.entities} if understanding else {}
    shown = []
    for entity in said.entities:
        source = sources.get((entity.name, entity.start, entity.end))
        confidence = source.confidence if source else 1.0
        extractor = source.extractor if source else ("BatonTagger" if understanding else "RegexMessageHandler")
        shown.append(entity_as_rasa_json(entity) | {"confidence_entity": confidence, "extractor": extractor or "BatonTagger"})
    return shown


def _selector(full: str, ranking: list[tuple[str, float]], responses: Callable[[str], Sequence[Json]]) -> Json:
    if "/" not in full:
        return {}
    base = full.split("/", 1)[0]
    found = [(name, score) for name, score in ranking if name.split("/", 1)[0] == base and "/" in name]
    response = {
        "responses": list(responses(f"utter_{full}")),
        "confidence": found[0][1],
        "intent_response_key": full,
        "utter_action": f"utter_{full}",
    }
    ranked = [{"confidence": score, "intent_response_key": name} for name, score in found]
    return {"all_retrieval_intents": [base], "default": {"response": response, "ranking": ranked}}


def event_as_rasa_json(event: DialogueEvent, *, at: float, channel: str) -> Json:
    """An event as Rasa writes it; `at` is seconds since 1970."""
    data: Json = {"event": event.kind, "timestamp": at}
    if isinstance(event, UserSaid):
        said = {"text": event.text, "parse_data": parse_data(event), "input_channel": channel, "message_id": None, "metadata": {}}
        return data | said
    if isinstance(event, BotSaid):
        return data | {"text": event.text, "data": content_as_rasa_data(event.content), "metadata": {}}
    if isinstance(event, ActionRan):
        ran = {"name": event.name, "policy": event.by or None, "confidence": None, "action_text": None, "hide_rule_turn": event.hidden}
        return data | ran
    if isinstance(event, ActionRejected):
        return data | {"name": event.name, "policy": event.by or None, "confidence": None}
    if isinstance(event, LoopInterrupted):
        return data | {"is_interrupted": event.interrupted}
    if isinstance(event, ReminderSet):
        found = [entity_as_rasa_json(e) for e in event.entities]
        return data | {
            "intent": event.intent, "entities": found, "date_time": event.at, "name": event.name,
            "kill_on_user_msg": event.kill_on_user_message,
        }  # fmt: skip
    if isinstance(event, ReminderCancelled):
        return data | {"intent": event.intent, "entities": None, "name": event.name}
    return data | vars(event)


def content_as_rasa_data(content: Content | None) -> Json:
    """The rich parts of a message as the `data` of Rasa's bot event."""
    rich = content.custom if content else {}
    buttons = [{"title": b.title, "payload": b.payload} for b in content.buttons] if content else []
    image = rich.get("image")
    return {
        "elements": rich.get("elements"),
        "quick_replies": None,
        "buttons": buttons or None,
        "attachment": rich.get("attachment") or image,
        "image": image,
        "custom": rich.get("custom"),
    }
