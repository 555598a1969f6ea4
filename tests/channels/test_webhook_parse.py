"""The generic channel: each documented form becomes what it is; signatures by the vector of Standard Webhooks; the schema is the code's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels.base import Account, AccountIncompleteError, Fate, Hook, Problem, ShapeError, SignatureError
from channels.happenings import Blocked, CustomerMessage, Edited, Happening, Reaction, Receipt, Unknown
from channels.webhook.door import WebhookDoor
from channels.webhook.parse import parse
from channels.webhook.schemas import schemas
from channels.webhook.send import result_of
from kit.clock import FixedClock
from kit.outside import Answer

ROOT = Path(__file__).parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}  # fmt: skip
BODY = b'{"test": 2432232314}'
CLOCK = FixedClock(datetime.fromtimestamp(1614265330, UTC))
ACCOUNT = Account(uuid4(), "webhook", "shop", "Our shop", secrets={"secret": SECRET})
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
ADA = {"id": "u-42", "name": "Ada Example", "email": "ada@example.com", "phone": "+15550001111", "locale": "pt_BR"}
KEY = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"


def read(kind: str, data: Any) -> Happening:
    """What an event becomes."""
    (found,) = parse(json.dumps({"type": kind, "timestamp": "2026-11-22T10:00:00Z", "data": data, "new_field": 1}).encode(), ACCOUNT)
    return found


def message(content: Any, **more: Any) -> Happening:
    """A message with this content."""
    return read("message.received", {"message_id": "m-1", "user": ADA, "content": content, **more})


def test_a_text_brings_who_wrote_and_what_they_claim_to_be() -> None:
    found = message({"type": "text", "text": "Hi"}, reply_to="m-0", metadata={"basket": 3})
    assert isinstance(found, CustomerMessage)
    inbound = found.inbound
    assert (inbound.identity, inbound.external_id, inbound.text, inbound.profile_name, inbound.language) == (
        "u-42", "m-1", "Hi", "Ada Example", "pt",
    )  # fmt: skip
    claimed = {"email": "ada@example.com", "phone": "+15550001111"}
    assert inbound.metadata == {"basket": 3, "claimed": claimed, "reply_to_external": "m-0"}
    assert found.at == AT


def test_choices_files_and_places_are_what_they_are() -> None:
    chosen = message({"type": "choice", "id": "b:1", "title": "Yes"})
    file = message({"type": "file", "url": "https://f.example/a.pdf", "name": "a.pdf", "media_type": "application/pdf", "size": 7})
    place = message({"type": "location", "latitude": 22.2, "longitude": 113.5, "name": "Shop"})
    assert isinstance(chosen, CustomerMessage)
    assert isinstance(file, CustomerMessage)
    assert isinstance(place, CustomerMessage)
    assert (chosen.choice, chosen.inbound.text) == ("b:1", "Yes")
    assert [(m.source, m.kind, m.type, m.name) for m in file.media] == [("https://f.example/a.pdf", "document", "application/pdf", "a.pdf")]
    assert place.inbound.text == "[location] Shop (22.200000, 113.500000)"


def test_what_is_no_message_becomes_what_it_is() -> None:
    assert read("message.edited", {"message_id": "m-1", "user": ADA, "text": "Hello"}) == Edited("shop", "u-42", "m-1", "Hello", AT)
    assert read("message.edited", {"message_id": "m-1", "user": ADA}) == Edited("shop", "u-42", "m-1", None, AT)
    assert read("message.reacted", {"message_id": "m-1", "user": ADA, "emoji": "👍"}) == Reaction("shop", "u-42", "m-1", "👍", AT)
    assert read("message.status", {"delivery": KEY, "status": "read"}) == Receipt("shop", None, "read", AT, key=UUID(KEY))
    failed = read("message.status", {"message_id": "x", "status": "failed", "reason": "no such user"})
    assert failed == Receipt("shop", "x", "failed", AT, problem="unknown", reason="no such user")
    blocked, allowed = read("user.blocked", {"user": ADA}), read("user.allowed", {"user": ADA})
    assert isinstance(blocked, Blocked)
    assert isinstance(allowed, Blocked)
    assert (blocked.blocked, allowed.blocked) == (True, False)


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("order.paid", {}, "type"),
        ("message.received", {}, "message_id"),
        ("message.received", {"message_id": "m", "user": {"id": ""}, "content": {"type": "text", "text": "x"}}, "user.id"),
        ("message.received", {"message_id": "m", "user": ADA, "content": {"type": "hologram"}}, "content"),
        ("message.received", {"message_id": "m", "user": ADA, "content": {"type": "location", "latitude": 91, "longitude": 0}}, "latitude"),
        ("message.status", {"status": "read"}, "neither"),
        ("message.status", {"delivery": "x", "status": "read"}, "webhook-id"),
        ("message.status", {"delivery": KEY, "status": "teleported"}, "status"),
        ("message.edited", [], "data"),
    ],
)
def test_what_is_not_understood_says_what_is_wrong(kind: str, data: Any, told: str) -> None:
    found = read(kind, data)
    assert isinstance(found, Unknown)
    assert told in found.reason


def test_a_signature_counts_for_five_minutes_also_with_the_secret_before() -> None:
    door = WebhookDoor(CLOCK)
    rotated = Account(uuid4(), "webhook", "shop", "Our shop", secrets={"secret": "whsec_" + "A" * 32, "old_secret": SECRET})
    svix = {name.replace("webhook", "svix"): value for name, value in VECTOR.items()}
    two = VECTOR | {"webhook-signature": "v1a,other v1,AAAA " + VECTOR["webhook-signature"]}
    for account, headers in ((ACCOUNT, VECTOR), (rotated, VECTOR), (ACCOUNT, svix), (ACCOUNT, two)):
        door.check(Hook("POST", "", {}, headers, BODY), account)
    changed = [
        ("id", "msg_other"), ("timestamp", "1614265331"), ("timestamp", "soon"), ("timestamp", "-1"), ("signature", ""), ("signature", "é"),
        ("signature", VECTOR["webhook-signature"][3:]),
    ]  # fmt: skip
    wrong: list[tuple[dict[str, str], bytes]] = [(VECTOR, BODY + b" "), ({}, BODY)]
    wrong += [(VECTOR | {f"webhook-{name}": value}, BODY) for name, value in changed]
    for headers, body in wrong:
        with pytest.raises(SignatureError):
            door.check(Hook("POST", "", {}, headers, body), ACCOUNT)
    for seconds in (301, -301):
        late = WebhookDoor(FixedClock(datetime.fromtimestamp(1614265330 + seconds, UTC)))
        with pytest.raises(SignatureError):
            late.check(Hook("POST", "", {}, VECTOR, BODY), ACCOUNT)
    with pytest.raises(AccountIncompleteError):
        door.check(Hook("POST", "", {}, VECTOR, BODY), Account(uuid4(), "webhook", "shop", "Our shop"))
    with pytest.raises(SignatureError):
        door.greet(Hook("GET", "", {}, {}), ACCOUNT)
    with pytest.raises(ShapeError):
        door.parse(b"{" * 5000, ACCOUNT)


@pytest.mark.parametrize(
    ("status", "fate", "problem"),
    [
        (302, Fate.LATER, Problem.PERMISSION),
        (400, Fate.FAILED, Problem.BAD_REQUEST),
        (401, Fate.LATER, Problem.AUTH),
        (403, Fate.LATER, Problem.AUTH),
        (404, Fate.LATER, Problem.PERMISSION),
        (408, Fate.LATER, Problem.TRANSIENT),
        (410, Fate.LATER, Problem.PERMISSION),
        (422, Fate.FAILED, Problem.BAD_REQUEST),
        (429, Fate.LATER, Problem.RATE_ACCOUNT),
        (500, Fate.LATER, Problem.TRANSIENT),
        (503, Fate.LATER, Problem.TRANSIENT),
    ],
)
def test_each_answer_has_its_meaning(status: int, fate: Fate, problem: Problem) -> None:
    result = result_of(Answer(status, b"", 7.0), KEY)
    assert (result.fate, result.problem) == (fate, problem)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"message_id": 7}', b'{"message_id": ""}', b"{" * 5000])
def test_a_system_that_names_no_id_is_known_by_ours(body: bytes) -> None:
    assert result_of(Answer(200, body), KEY).external_id == KEY
    assert result_of(Answer(200, b'{"message_id": "x-1"}'), KEY).external_id == "x-1"


def test_the_schema_in_the_documents_is_that_of_the_code() -> None:
    written = json.loads((ROOT / "docs" / "webhook-channel.schema.json").read_text())
    assert written == schemas()
    assert "$ref" not in json.dumps(written)
