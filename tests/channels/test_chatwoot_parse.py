"""Chatwoot's webhooks: the signature, and what each payload becomes."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from channels.base import Account, Hook, ShapeError, SignatureError
from channels.chatwoot.door import ChatwootDoor
from channels.chatwoot.parse import parse
from channels.happenings import CustomerMessage, DeskChanged, DeskState, Echo, Edited, Unknown

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ACCOUNT = Account(uuid4(), "chatwoot", "1", "Acme", secrets={"webhook_secret": "s3cret"})
CONTACT = {"id": 7, "name": "Ann Example", "type": "contact"}


def message(**changed: Any) -> dict[str, Any]:
    """A webhook as the agent bot gets it."""
    conversation = {"id": 55, "inbox_id": 2, "status": changed.pop("status", "pending"), "channel": "Channel::WebWidget"}
    conversation |= {"meta": {"sender": CONTACT}, "updated_at": NOW.timestamp(), "timestamp": int(NOW.timestamp())}
    return {
        "event": "message_created", "id": 123, "content": "Hi", "content_type": "text", "content_attributes": {},
        "message_type": "incoming", "created_at": "2026-11-22T10:00:00.000Z", "private": False, "account": {"id": 1, "name": "Acme"},
        "sender": CONTACT, "conversation": conversation,
    } | changed  # fmt: skip


def read(body: dict[str, Any]) -> list[Any]:
    """What it becomes."""
    return list(parse(json.dumps(body).encode(), ACCOUNT))


def signed(body: bytes, *, secret: str = "s3cret", at: datetime = NOW) -> Hook:
    """A webhook as a newer Chatwoot signs it."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    known = {"x-chatwoot-timestamp": stamp, "x-chatwoot-signature": f"sha256={digest}", "x-chatwoot-delivery": "d-1"}
    return Hook("POST", "https://b.example/hooks/chatwoot/1", {}, known, body)


def test_the_signature_holds_for_these_bytes_this_secret_and_five_minutes() -> None:
    door, body = ChatwootDoor(lambda: NOW), b'{"event":"message_created"}'
    good = signed(body)
    door.check(good, ACCOUNT)
    assert door.delivery(good) == "d-1"
    old = datetime(2026, 11, 22, 9, 54, tzinfo=UTC)
    changed = Hook(good.method, good.url, {}, good.headers, body[:-1] + b" ")
    for bad in (changed, signed(body, secret="other"), signed(body, at=old), Hook("POST", good.url, {"key": "s3cret"}, {}, body)):
        with pytest.raises(SignatureError):
            door.check(bad, ACCOUNT)


def test_without_signatures_the_secret_stands_in_the_address_and_never_nothing() -> None:
    account = Account(uuid4(), "chatwoot", "1", "Acme", settings={"signature": "url"}, secrets={"webhook_secret": "s3cret"})
    door = ChatwootDoor(lambda: NOW)
    door.check(Hook("POST", "https://b.example", {"key": "s3cret"}, {}, b"{}"), account)
    for query in ({}, {"key": ""}, {"key": "s3creT"}, {"key": "\u00e9"}):
        with pytest.raises(SignatureError):
            door.check(Hook("POST", "https://b.example", query, {}, b"{}"), account)


@pytest.mark.parametrize(("status", "held"), [("pending", False), ("open", True), ("snoozed", True), ("resolved", False)])
def test_a_customers_message_says_whose_conversation_it_is(status: str, held: bool) -> None:
    (found,) = read(message(status=status))
    assert isinstance(found, CustomerMessage)
    assert (found.inbound.identity, found.aliases, found.inbound.external_id, found.held) == ("55", ("contact:7",), "123", held)
    assert (found.inbound.profile_name, found.at) == ("Ann Example", NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"private": True},
        {"message_type": "outgoing", "sender": {"id": 9, "name": "Baton", "type": "agent_bot"}},
        {"message_type": "outgoing", "sender": None},
        {"message_type": "template"},
        {"message_type": "activity"},
        {"event": "message_updated"},
        {"event": "webwidget_triggered"},
    ],
)
def test_notes_own_replies_automations_and_activities_are_nothing(changed: dict[str, Any]) -> None:
    assert read(message(**changed)) == []


def test_what_a_person_of_theirs_wrote_is_an_echo_with_their_name() -> None:
    (found,) = read(message(message_type="outgoing", sender={"id": 3, "name": "Ben", "type": "user"}))
    assert found == Echo("1", "55", "123", "Hi", NOW, name="Ben")


def test_a_choice_a_deletion_and_files_are_understood() -> None:
    chosen = {"submitted_values": [{"title": "Yes", "value": "b:0:1"}]}
    (choice,) = read(message(event="message_updated", message_type="outgoing", content_type="input_select", content_attributes=chosen))
    assert (choice.choice, choice.inbound.text, choice.inbound.external_id) == ("b:0:1", "Yes", "123:chosen")
    (gone,) = read(message(event="message_updated", content_attributes={"deleted": True}))
    assert gone == Edited("1", "55", "123", None, NOW)
    place = {"file_type": "location", "coordinates_lat": 22.2, "coordinates_long": 113.5, "fallback_title": "Praia"}
    sound = {"file_type": "audio", "data_url": "https://cw.example/rails/blobs/redirect/x/no%20sound.ogg", "extension": "ogg"}
    (file,) = read(message(content=None, attachments=[sound, place, {"file_type": "image"}]))
    assert file.inbound.text == "[audio] [location: Praia] [image]"
    assert [(m.source, m.kind, m.name) for m in file.media] == [(sound["data_url"], "audio", "no sound.ogg")]
    assert file.inbound.metadata["files"][0] == {"kind": "location", "coordinates_lat": 22.2, "coordinates_long": 113.5}


def test_what_is_set_at_the_desk_already_comes_with_the_message() -> None:
    about = message()["conversation"] | {"priority": "urgent", "custom_attributes": {"plan": "gold"}}
    (found,) = read(message(conversation=about))
    assert found.inbound.metadata["desk"] == {"priority": "urgent", "attributes": {"plan": "gold"}}
    (plain,) = read(message())
    assert "desk" not in plain.inbound.metadata


def test_states_are_read_from_every_event_that_tells_them() -> None:
    told = {"id": 55, "timestamp": int(NOW.timestamp()), "updated_at": NOW.timestamp()}
    changed = [{"status": {"previous_value": "open", "current_value": "pending"}}]
    assert read({"event": "conversation_opened", "status": "open", **told}) == [DeskChanged("1", "55", DeskState.PEOPLE, NOW)]
    assert read({"event": "conversation_resolved", "status": "resolved", **told}) == [DeskChanged("1", "55", DeskState.RESOLVED, NOW)]
    updated = {"event": "conversation_updated", "status": "pending", **told}
    assert read(updated | {"changed_attributes": changed}) == [DeskChanged("1", "55", DeskState.BOT, NOW)]
    assert read(updated | {"changed_attributes": [{"priority": {}}]}) == []


def test_what_is_not_known_is_flagged_and_never_breaks() -> None:
    for body in (message(account={"id": 2}), {"event": "moon_rose"}, {"event": "message_created"}, message(conversation={"id": "x"})):
        assert isinstance(read(body)[0], Unknown)
    for raw in (b"", b"[]", b"{}", b'{"event": 7}'):
        with pytest.raises(ShapeError):
            parse(raw, ACCOUNT)
