"""The catalogue of events is closed and complete."""

from __future__ import annotations

import pytest

import context.events  # fills the catalogue
from app.tables import metadata
from app.wiring import CONSEQUENCES
from context.event_base import EVENTS, UnknownEventError, parse_event

CATALOGUE = {
    "message.received",
    "message.understood",
    "message.queued",
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "conversation.opened",
    "conversation.resolved",
    "conversation.reopened",
    "conversation.snoozed",
    "conversation.merged",
    "conversation.unmerged",
    "conversation.labelled",
    "conversation.unlabelled",
    "agent.mentioned",
    "turn.taken",
    "turn.dropped",
    "answer.given",
    "answer.abstained",
    "action.done",
    "action.failed",
    "handoff.requested",
    "handoff.queued",
    "handoff.accepted",
    "handoff.abandoned",
    "callback.requested",
    "callback.closed",
    "agent.assigned",
    "agent.released",
    "agent.replied",
    "handback.done",
    "suggestion.shown",
    "suggestion.accepted",
    "suggestion.edited",
    "suggestion.dismissed",
    "rating.asked",
    "rating.given",
    "contact.identified",
    "contact.merged",
    "contact.unmerged",
    "contact.verified",
    "contact.erased",
    "article.published",
    "article.retired",
    "article.helped",
    "article.not_helped",
    "order.seen",
    "visitor.viewed",
    "sla.warned",
    "sla.breached",
    "alert.raised",
    "call.recorded",
    "conversation.routed",
    "alert.acknowledged",
    "sentence.taught",
    "sentence.dismissed",
    "sentence.reopened",
    "training.asked",
    "training.ended",
    "model.activated",
    "model.refused",
}


def test_the_catalogue_is_that_of_the_design() -> None:
    assert set(EVENTS) == CATALOGUE
    assert EVENTS["message.received"] is context.events.MessageReceived


def test_an_unknown_event_or_field_is_an_error() -> None:
    with pytest.raises(UnknownEventError):
        parse_event("message.lost", {})
    with pytest.raises(UnknownEventError):
        parse_event("rating.asked", {"rating_id": "1", "mood": "fine"})
    with pytest.raises(UnknownEventError):
        parse_event("rating.asked", {})


def test_an_event_survives_its_json() -> None:
    event = parse_event("rating.given", {"rating_id": "1", "score": 5, "comment_given": False})
    assert parse_event(event.name, event.as_json()) == event


def test_consequences_name_events_that_exist() -> None:
    assert set(CONSEQUENCES) <= set(EVENTS)


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_table_says_what_is_personal_and_how_long_it_is_kept(table: str) -> None:
    info, columns = metadata.tables[table].info, set(metadata.tables[table].columns.keys())
    assert info.get("keep")
    assert set(info["personal"]) <= columns
    telling = {"email", "phone", "name", "address", "text", "customer_name", "comment", "transcript"}
    things = (
        "event",
        "customer_rule",
        "custom_role",
        "team",
        "channel_account",
        "channel_template",
        "team_holiday",
        "staff_skill",
        "sla_policy",
    )  # their names are nobody's
    own_words = {one: {"name"} for one in things}
    assert not (telling & columns) - set(info["personal"]) - own_words.get(table, set()) or table.startswith("knowledge_")
