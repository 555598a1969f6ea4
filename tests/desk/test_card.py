"""The handoff card: few words, the right ones, in the agent's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from context.types import HandoffReason
from desk.callbacks import Callback
from desk.card import make_card
from desk.card_words import WORDS

PACKET: dict[str, Any] = {
    "reason": "angry",
    "summary": "My teapot arrived in pieces",
    "answers": [{"question": "q", "answer": "a", "article_id": "returns", "confidence": 0.9}],
    "orders_seen": ["LC-100002"],
    "actions": [{"name": "request_return", "result": {"reference": "RT-10001"}}, {"name": "note_order_try", "result": {}}],
}


def test_the_card_says_what_why_what_was_done_and_what_is_next() -> None:
    card = make_card(PACKET, language="en")
    assert card.title == "Angry customer"
    assert card.why == "“My teapot arrived in pieces”"
    assert card.done == ("Return requested (RT-10001)", "Order LC-100002 was shown", "1 answer given by the bot")
    assert card.next == "Apologise first, then solve one thing at once."


def test_the_card_is_in_the_agents_language_with_the_customers_own_words() -> None:
    card = make_card(PACKET, language="zh-Hant")
    assert (card.title, card.why) == ("顧客生氣", "「My teapot arrived in pieces」")
    assert make_card(PACKET, language="fr") == make_card(PACKET, language="en")


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("reason", HandoffReason)
def test_every_reason_is_read_in_three_seconds(reason: HandoffReason, language: str) -> None:
    card = make_card(PACKET | {"reason": reason, "summary": ""}, language=language)
    own_words = " ".join((card.title, *card.done, card.next))
    read = len(own_words.split()) if language == "en" else len(own_words)
    assert read <= (40 if language == "en" else 80)
    assert all((card.title, card.why, card.done, card.next))


def test_every_language_has_the_same_words() -> None:
    assert len({frozenset(words) for words in WORDS.values()}) == 1


def test_nothing_done_is_said_and_an_unknown_action_is_named() -> None:
    assert make_card({"reason": "policy", "summary": ""}, language="en").done == ("Nothing has been done yet",)
    other = {"reason": "policy", "actions": [{"name": "send_parcel_again", "result": None}]}
    assert make_card(other, language="en").done == ("send parcel again",)


def test_an_address_that_was_left_is_what_to_do_next() -> None:
    callback = Callback(uuid4(), uuid4(), "phone", "+351912345678", "pt", None, datetime(2026, 1, 1, tzinfo=UTC))
    assert make_card(PACKET, language="en", callback=callback).next == "Call +351912345678."
