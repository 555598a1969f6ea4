"""What the webhooks of pages become, and what each error code means. Pure."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from channels.base import Account, Problem
from channels.happenings import CustomerMessage, Echo, Edited, Opened, Receipt, Unknown
from channels.messenger.errors import CODES, SUBCODES, problem_of
from channels.messenger.parse import parse

PAGE = "110001"
BOX = Account(uuid4(), "messenger", PAGE, "Page")


@pytest.mark.parametrize("key", [*[(c, None) for c in CODES], *[(10, s) for s in SUBCODES], (None, None), (99999, None)])
def test_each_code_has_its_problem(key: tuple[int | None, int | None]) -> None:
    problem = problem_of(*key, status=400)
    assert problem == (SUBCODES.get(key[1] or -1) or CODES.get(key[0] or -1) or Problem.BAD_REQUEST)
    assert problem_of(None, None, status=503) == Problem.TRANSIENT
    assert problem_of(None, None, status=401) == Problem.AUTH


def one(channel: str = "messenger", **event: Any) -> Any:
    """What one event becomes."""
    sides = {"sender": {"id": "7001"}, "recipient": {"id": PAGE}, "timestamp": 1_790_000_000_000}
    whole = {"object": "page" if channel == "messenger" else "instagram", "entry": [{"id": PAGE, "messaging": [sides | event]}]}
    (found,) = parse(json.dumps(whole).encode(), BOX, channel)
    return found


def test_each_kind_of_event_becomes_what_it_is() -> None:
    postback = one(postback={"mid": "m", "title": "Go", "payload": "/go", "referral": {"ref": "x", "source": "SHORTLINK"}})
    assert isinstance(postback, CustomerMessage)
    assert (postback.choice, postback.inbound.text, postback.inbound.metadata["referral"]["ref"]) == ("/go", "Go", "x")
    assert isinstance(one(referral={"ref": "x"}), Opened)
    assert isinstance(one(message={"mid": "m", "is_deleted": True}), Edited)
    assert isinstance(one(message={"mid": "m", "text": "x", "is_echo": True}), Echo)
    key = uuid4()
    echo = one(message={"mid": "m", "text": "x", "is_echo": True, "metadata": str(key)})
    assert isinstance(echo, Receipt)
    assert echo.key == key
    assert isinstance(one(surprise={"ref": "x"}), Unknown)
    story = one("instagram", message={"mid": "m", "text": "nice", "reply_to": {"story": {"id": "s", "url": "https://x"}}})
    assert story.inbound.metadata["story"] == "s"
    assert one(message={"mid": "m", "is_unsupported": True}).inbound.metadata["kind"] == "unsupported"
    shared = one("instagram", message={"mid": "m", "attachments": [{"type": "share", "payload": {"url": "https://x", "title": "A lamp"}}]})
    assert shared.inbound.text == "[share: A lamp] https://x"
    assert [
        m.kind
        for m in one(
            message={
                "mid": "m",
                "attachments": [{"type": t, "payload": {"url": "https://x"}} for t in ("audio", "file", "sticker", "reel")],
            }
        ).media
    ] == ["audio", "document", "sticker", "video"]


def test_what_another_app_holds_or_another_page_gets_is_kept_and_not_answered() -> None:
    standby = {"object": "page", "entry": [{"id": PAGE, "standby": [{"sender": {"id": "1"}, "message": {"mid": "m", "text": "x"}}]}]}
    other = {"object": "page", "entry": [{"id": "999", "messaging": [{}]}]}
    for body in (standby, other):
        assert all(isinstance(h, Unknown) for h in parse(json.dumps(body).encode(), BOX, "messenger"))
