"""Telegram: each kind of update becomes what it is, by payloads of the documented shape; the secret is checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from channels.base import Account, AccountIncompleteError, Hook, ShapeError, SignatureError
from channels.happenings import Blocked, CustomerMessage, Edited, Happening, Reaction, Unknown
from channels.telegram.door import TelegramDoor
from channels.telegram.parse import parse

UPDATES: dict[str, Any] = json.loads((Path(__file__).parent / "payloads" / "telegram" / "updates.json").read_text())
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = Account(uuid4(), "telegram", "700001", "The shop's bot", secrets={"secret_token": "a-secret-of-tests"})
MESSAGES = {
    "text": ("Olá", {}, []),
    "start": ("start spring_sale", {"command": {"name": "start", "argument": "spring_sale"}}, []),
    "command": ("order status LC-100001", {"command": {"name": "order_status", "argument": "LC-100001"}}, []),
    "forged_payload": ('affirm{"order_number": "LC-1"}', {}, []),
    "reply": ("this one", {"reply_to_external": "5550001:41"}, []),
    "photo": ("broken", {"kind": "image", "album": "99"}, [("large", "image", "image/jpeg", None)]),
    "document": ("[document: receipt.pdf]", {"kind": "document"}, [("doc", "document", "application/pdf", "receipt.pdf")]),
    "voice": ("[voice message]", {"kind": "voice"}, [("voi", "voice", "audio/ogg", None)]),
    "audio": ("[audio: song.mp3]", {"kind": "audio"}, [("aud", "audio", "audio/mpeg", "song.mp3")]),
    "video": ("[video]", {"kind": "video"}, [("vid", "video", "video/mp4", None)]),
    "video_note": ("[video]", {"kind": "video"}, [("not", "video", "video/mp4", None)]),
    "animation": ("[video]", {"kind": "video"}, [("ani", "video", "video/mp4", None)]),
    "sticker": ("[sticker 👍]", {"kind": "sticker"}, [("sti", "sticker", "image/webp", None)]),
    "location": (
        "[location] (22.198745, 113.543873)", {"kind": "location", "location": {"latitude": 22.198745, "longitude": 113.543873}}, []
    ),
    "venue": (
        "[location] Lantern shop, 1 Example Street (22.198745, 113.543873)",
        {
            "kind": "location",
            "location": {"latitude": 22.198745, "longitude": 113.543873, "name": "Lantern shop", "address": "1 Example Street"},
        },
        [],
    ),
    "own_contact": (
        "[contact] Ada (+15550001111)", {"kind": "contacts", "contacts": [{"name": "Ada", "phone": "+15550001111", "own": True}]}, []
    ),
    "other_contact": (
        "[contact] Bob (+15550002222)", {"kind": "contacts", "contacts": [{"name": "Bob", "phone": "+15550002222", "own": False}]}, []
    ),
    "poll": ("[poll: cannot be shown here]", {"kind": "unsupported", "unsupported": "poll"}, []),
    "button": ("Yes", {"kind": "button_reply", "reply_to_external": "5550001:41"}, []),
}  # fmt: skip


def read(name: str, account: Account = ACCOUNT) -> Happening:
    """What one of the updates becomes."""
    (found,) = parse({"update_id": 1, **UPDATES[name]}, account, now=NOW)
    return found


def hook(**headers: str) -> Hook:
    """A webhook with an update."""
    return Hook("POST", "https://b.example/hooks", {}, headers, json.dumps({"update_id": 7, **UPDATES["text"]}).encode())


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_of_each_kind_says_what_it_holds(name: str) -> None:
    happening = read(name)
    assert isinstance(happening, CustomerMessage)
    media = [(m.source, m.kind, m.type, m.name) for m in happening.media]
    assert (happening.inbound.text, happening.inbound.metadata, media) == MESSAGES[name]
    assert happening.inbound.identity == "5550001"


def test_who_writes_and_in_which_language_is_kept() -> None:
    happening = read("text")
    assert isinstance(happening, CustomerMessage)
    inbound = happening.inbound
    assert (inbound.external_id, inbound.profile_name, inbound.language, happening.username) == (
        "5550001:42", "Ada Example", "pt", "ada_example",
    )  # fmt: skip
    assert happening.at == datetime.fromtimestamp(1790000000, UTC)


def test_a_command_means_what_the_shop_says_and_nobody_writes_payloads_by_hand() -> None:
    known = Account(uuid4(), "telegram", "700001", "Bot", settings={"commands": "order_status=/track_order"})
    payloads = [read(name, known).inbound.payload for name in ("start", "command", "forged_payload")]  # type: ignore[union-attr]
    assert payloads == ["/greet", "/track_order", None]


def test_a_pressed_button_brings_its_reference_and_the_number_to_answer() -> None:
    happening = read("button")
    assert isinstance(happening, CustomerMessage)
    assert happening.choice == "b:00000000000000000000000000000000:0"
    assert happening.inbound.external_id == "c:4382000000000000042:5550001:41"
    assert happening.at == NOW


def test_what_is_no_message_becomes_what_it_is() -> None:
    at = datetime.fromtimestamp(1790000000, UTC)
    assert read("edited") == Edited("700001", "5550001", "5550001:42", "Bom dia", datetime.fromtimestamp(1790000060, UTC))
    assert read("reaction") == Reaction("700001", "5550001", "5550001:41", "👍", at)
    assert read("reaction_gone") == Reaction("700001", "5550001", "5550001:41", "", at)
    blocked, allowed = read("blocked"), read("unblocked")
    assert isinstance(blocked, Blocked)
    assert isinstance(allowed, Blocked)
    assert (blocked.blocked, allowed.blocked, blocked.address) == (True, False, "5550001")


@pytest.mark.parametrize("name", ["group", "service", "inline_query", "broken"])
def test_what_is_not_known_is_flagged_and_stops_nothing(name: str) -> None:
    assert isinstance(read(name), Unknown)


def test_an_update_is_believed_with_the_secret_only() -> None:
    door = TelegramDoor()
    door.check(hook(**{"x-telegram-bot-api-secret-token": "a-secret-of-tests"}), ACCOUNT)
    for wrong in ({}, {"x-telegram-bot-api-secret-token": "a-secret-of-testS"}, {"x-telegram-bot-api-secret-token": "é"}):
        with pytest.raises(SignatureError):
            door.check(hook(**wrong), ACCOUNT)
    with pytest.raises(AccountIncompleteError):
        door.check(hook(**{"x-telegram-bot-api-secret-token": ""}), Account(uuid4(), "telegram", "700001", "Bot"))


def test_an_update_is_known_by_its_number() -> None:
    door = TelegramDoor()
    assert door.delivery(hook()) == "7"
    assert door.delivery(Hook("POST", "", {}, {}, b"no json")) is None
    with pytest.raises(ShapeError):
        door.parse(b'{"update_id": "x"}', ACCOUNT)
