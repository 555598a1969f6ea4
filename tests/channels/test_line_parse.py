"""LINE: each event becomes what it is; signatures by the vector; messages within the documented limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from channels.base import Account, AccountIncompleteError, Choice, Fate, Hook, Part, Problem, ShapeError, SignatureError
from channels.happenings import AccountNotice, Blocked, CustomerMessage, Edited, Happening, Unknown
from channels.line.bodies import message_of
from channels.line.door import LineDoor
from channels.line.parse import parse
from channels.line.send import result_of

EVENTS: dict[str, Any] = json.loads((Path(__file__).parent / "payloads" / "line_events.json").read_text())
BOT, ADA = "U" + "f" * 32, "U" + "0" * 31 + "1"
ACCOUNT = Account(uuid4(), "line", BOT, "The shop", secrets={"channel_secret": "line_channel_secret"})
EMPTY = b'{"destination":"U00000000000000000000000000000000","events":[]}'
VECTOR = "mcgTABBM7kO6ceOY5EulhF8jp4CpNWfXWArrORhBgXg="
AT = datetime.fromtimestamp(1790000000, UTC)
PLACE = {"latitude": 22.198745, "longitude": 113.543873, "name": "Lantern shop", "address": "1 Example Street"}
MESSAGES: dict[str, tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = {
    "text": ("你好", {}, []),
    "quote": ("this", {"reply_to_external": "1"}, []),
    "image": ("[image]", {"kind": "image", "album": "S1"}, [("3", "image", "image/jpeg")]),
    "external": ("[image] https://img.example/a.jpg", {"kind": "image"}, []),
    "video": ("[video]", {"kind": "video"}, [("5", "video", "video/mp4")]),
    "audio": ("[audio]", {"kind": "audio"}, [("6", "audio", "audio/mp4")]),
    "file": ("[document: receipt.pdf]", {"kind": "document"}, [("7", "document", "")]),
    "location": ("[location] Lantern shop, 1 Example Street (22.198745, 113.543873)", {"kind": "location", "location": PLACE}, []),
    "sticker": ("[sticker: thanks, ok]", {"kind": "sticker", "sticker": {"package": "446", "sticker": "1988"}}, []),
    "new_kind": ("[hologram: cannot be shown here]", {"kind": "unsupported", "unsupported": "hologram"}, []),
}


def read(event: dict[str, Any]) -> list[Happening]:
    """What one event becomes."""
    common = {
        "mode": "active", "timestamp": 1790000000000, "source": {"type": "user", "userId": ADA}, "webhookEventId": "01JEVENT",
        "deliveryContext": {"isRedelivery": False},
    }  # fmt: skip
    return parse(json.dumps({"destination": BOT, "events": [common | event]}).encode(), ACCOUNT)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_of_each_type_says_what_it_holds(name: str) -> None:
    (happening,) = read(EVENTS[name] | {"replyToken": "r1"})
    assert isinstance(happening, CustomerMessage)
    media = [(m.source, m.kind, m.type) for m in happening.media]
    assert (happening.inbound.text, happening.inbound.metadata, media) == MESSAGES[name]
    assert (happening.inbound.identity, happening.inbound.external_id) == (ADA, EVENTS[name]["message"]["id"])
    assert (happening.handle, happening.handle_until, happening.at) == ("r1", AT + timedelta(seconds=50), AT)


def test_a_redelivered_event_is_the_same_message_and_says_so() -> None:
    (happening,) = read(EVENTS["text"] | {"deliveryContext": {"isRedelivery": True}})
    assert isinstance(happening, CustomerMessage)
    assert (happening.inbound.external_id, happening.inbound.metadata) == ("1", {"redelivered": True})


def test_a_postback_brings_its_reference_or_what_the_menu_says() -> None:
    (ours,), (menu,) = (read({"type": "postback", "postback": {"data": data}}) for data in ("b:" + "0" * 32 + ":1", "/track_order"))
    assert isinstance(ours, CustomerMessage)
    assert isinstance(menu, CustomerMessage)
    assert (ours.choice, ours.inbound.text, ours.inbound.external_id) == ("b:" + "0" * 32 + ":1", "", "01JEVENT")
    assert (menu.choice, menu.inbound.text) == ("/track_order", "[button]")


def test_what_is_no_message_becomes_what_it_is() -> None:
    assert read({"type": "unsend", "unsend": {"messageId": "1"}}) == [Edited(BOT, ADA, "1", None, AT)]
    (left,), (came,) = read({"type": "unfollow"}), read({"type": "follow", "follow": {"isUnblocked": True}})
    assert isinstance(left, Blocked)
    assert isinstance(came, Blocked)
    assert (left.blocked, came.blocked) == (True, False)
    (stopped,) = read({"type": "botSuspended"})
    assert isinstance(stopped, AccountNotice)
    assert stopped.blocked
    assert read({"type": "videoPlayComplete"}) == []


@pytest.mark.parametrize(
    "event",
    [
        {"type": "hologramOpened"},
        {"type": "message"},
        {"type": "message", "mode": "standby"},
        {"type": "join", "source": {"type": "group", "groupId": "C1"}},
        EVENTS["text"] | {"source": {"type": "group", "groupId": "C1", "userId": ADA}},
        EVENTS["text"] | {"timestamp": "soon"},
        {"type": "message", "message": {"id": "1", "type": "location", "latitude": "here"}},
    ],
)
def test_what_is_not_known_is_flagged_and_spoils_nothing_beside_it(event: dict[str, Any]) -> None:
    (found,) = read(event)
    assert isinstance(found, Unknown)
    both = parse(
        json.dumps({"events": [7, EVENTS["text"] | {"timestamp": 1, "source": {"type": "user", "userId": ADA}}]}).encode(), ACCOUNT
    )
    assert [type(h) for h in both] == [Unknown, CustomerMessage]


def test_a_body_of_somebody_else_is_refused() -> None:
    for body in (b"", b"[]", b'{"events": 7}', b"{" * 5000):
        with pytest.raises(ShapeError):
            parse(body, ACCOUNT)


def test_the_signature_is_that_of_the_raw_body() -> None:
    door = LineDoor()
    door.check(Hook("POST", "", {}, {"x-line-signature": VECTOR}, EMPTY), ACCOUNT)
    wrong = [
        ({"x-line-signature": VECTOR}, EMPTY + b" "), ({}, EMPTY), ({"x-line-signature": ""}, EMPTY), ({"x-line-signature": "é"}, EMPTY),
        ({"x-line-signature": VECTOR.lower()}, EMPTY), ({"x-line-signature": VECTOR}, json.dumps(json.loads(EMPTY)).encode()),
    ]  # fmt: skip
    for headers, body in wrong:
        with pytest.raises(SignatureError):
            door.check(Hook("POST", "", {}, headers, body), ACCOUNT)
    with pytest.raises(AccountIncompleteError):
        door.check(Hook("POST", "", {}, {"x-line-signature": VECTOR}, EMPTY), Account(uuid4(), "line", BOT, "The shop"))
    with pytest.raises(SignatureError):
        door.greet(Hook("GET", "", {}, {}), ACCOUNT)


def test_few_buttons_stay_and_many_are_quick_replies() -> None:
    choices = tuple(Choice(f"Choice {n}", f"b:{n}") for n in range(13))
    few = message_of(Part("Which?", buttons=choices[:4]), "en")
    assert (few["type"], few["template"]["type"], len(few["template"]["actions"])) == ("template", "buttons", 4)
    many, long = message_of(Part("Which?", buttons=choices), "en"), message_of(Part("w" * 161, buttons=choices[:2]), "en")
    assert (len(many["quickReply"]["items"]), len(long["quickReply"]["items"])) == (13, 2)
    assert many["quickReply"]["items"][0]["action"] == {"type": "postback", "label": "Choice 0", "data": "b:0", "displayText": "Choice 0"}


@pytest.mark.parametrize(
    ("status", "message", "fate", "problem"),
    [
        (400, "The property, 'to', in the request body is invalid", Fate.FAILED, Problem.RECIPIENT),
        (400, "Failed to send messages", Fate.FAILED, Problem.RECIPIENT),
        (400, "The request body has 1 error(s)", Fate.FAILED, Problem.BAD_REQUEST),
        (401, "Authentication failed", Fate.LATER, Problem.AUTH),
        (403, "Access to this API is not available for your account", Fate.LATER, Problem.PERMISSION),
        (404, "Not found", Fate.FAILED, Problem.RECIPIENT),
        (413, "Payload Too Large", Fate.FAILED, Problem.MEDIA),
        (429, "The API rate limit has been exceeded. Try again later.", Fate.LATER, Problem.RATE_ACCOUNT),
        (429, "You have reached your monthly limit.", Fate.LATER, Problem.BILLING),
        (500, "Internal Server Error", Fate.LATER, Problem.TRANSIENT),
    ],
)
def test_each_refusal_has_its_meaning(status: int, message: str, fate: Fate, problem: Problem) -> None:
    result = result_of(httpx.Response(status, json={"message": message}), repeatable=True)
    assert (result.fate, result.problem) == (fate, problem)
    if status == 500:
        assert result_of(httpx.Response(status, json={}), repeatable=False).fate == Fate.UNKNOWN


def test_a_key_that_was_sent_before_counts_as_sent() -> None:
    named = httpx.Response(409, json={"message": "The retry key is already accepted", "sentMessages": [{"id": "77"}]})
    bare = httpx.Response(409, json={}, headers={"x-line-accepted-request-id": "request-1"})
    assert [(r.fate, r.external_id) for r in (result_of(a, repeatable=True) for a in (named, bare))] == [
        (Fate.SENT, "77"),
        (Fate.SENT, "request-1"),
    ]


def test_a_place_a_link_and_a_sticker_go_out_as_line_has_them() -> None:
    place = {"latitude": 22.28, "longitude": 114.15, "name": "Central", "address": "1 Example Street"}
    assert message_of(Part("", special={"location": place}), "en") == {
        "type": "location", "title": "Central", "address": "1 Example Street", "latitude": 22.28, "longitude": 114.15,
    }  # fmt: skip
    link = {"title": "See your order in the shop", "url": "https://shop.example/o/1"}
    action = message_of(Part("Here it is", special={"link": link}), "en")["template"]["actions"][0]
    assert (action["uri"], len(action["label"])) == ("https://shop.example/o/1", 20)
    assert message_of(Part("x" * 200, special={"link": link}), "en")["text"].endswith("https://shop.example/o/1")
    sticker = {"package": 446, "sticker": 1988}
    assert message_of(Part("", special={"sticker": sticker}), "en") == {"type": "sticker", "packageId": "446", "stickerId": "1988"}
