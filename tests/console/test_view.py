"""What the pages are told: plain, complete, and nothing that a browser would interpret."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import console.web
from console.inbox.view import citation_json, message_json, named_values, packet_json, row_json
from console.strings import STRINGS, strings
from context.types import Author, Button, Citation, Content, Delivery, Direction, Handler, MessageView, Status, Visibility
from desk.inbox import InboxRow

WEB = Path(console.web.__file__).parent
AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
MARKUP = '<img src=x onerror="alert(1)"> **bold** [link](javascript:alert(1))'


HELLO = MessageView(
    id=UUID(int=1),
    conversation_id=UUID(int=2),
    seq=7,
    direction=Direction.IN,
    author=Author.CUSTOMER,
    author_name="Ana",
    visibility=Visibility.PUBLIC,
    content=Content("Hello"),
    payload=None,
    channel="web",
    delivery=Delivery.DELIVERED,
    at=AT,
)


def test_a_line_of_the_inbox_says_who_waits_since_when_and_why() -> None:
    row = InboxRow(
        uuid4(), None, "ana@example.pt", "web", Status.OPEN, Handler.QUEUE, None, None, "Where is it?", "pt", 2, AT, AT
    )  # fmt: skip
    shown = row_json(row, "angry")
    assert (shown["name"], shown["reason"], shown["urgency"]) == ("ana@example.pt", "angry", 2)
    assert shown["waitingSince"] == int(AT.timestamp() * 1000)


def test_markup_of_a_customer_stays_the_text_it_is() -> None:
    assert message_json(replace(HELLO, content=Content(MARKUP)))["text"] == MARKUP


def test_a_note_is_told_apart_from_a_reply() -> None:
    assert message_json(replace(HELLO, author=Author.AGENT, visibility=Visibility.NOTE))["note"] is True
    assert message_json(replace(HELLO, author=Author.AGENT))["note"] is False


def test_whom_a_mail_names_beside_us_is_shown_and_nothing_else_that_came_under_that_name() -> None:
    assert message_json(replace(HELLO, metadata={"cc": ["bob@x.example", 7]}))["copies"] == ["bob@x.example"]
    assert message_json(replace(HELLO, metadata={"cc": "bob@x.example"}))["copies"] == []


def test_buttons_are_shown_as_the_choices_the_customer_had() -> None:
    assert message_json(replace(HELLO, content=Content("?", buttons=(Button("Yes", "/y"), Button("No", "/n")))))["buttons"] == ["Yes", "No"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", " javascript:alert(1)", "vbscript:x"])
def test_a_citation_with_an_unsafe_address_is_not_a_link(address: str) -> None:
    assert citation_json(Citation("a", "Title", address))["url"] == ""


def test_a_citation_with_a_safe_address_is_a_link() -> None:
    assert citation_json(Citation("a", "Title", "/help/en/a"))["url"] == "/help/en/a"


def test_the_packet_leaves_out_what_is_empty_and_internal() -> None:
    packet = packet_json(
        {
            "reason": "angry", "summary": "Third time I ask", "language": "pt", "urgency": 2, "sentiment": {"level": -2, "angry": True},
            "slots": {"order_number": "TK-1", "email": None, "requested_slot": "item", "_step": 3, "wishes": ["refund", "fast"]},
            "entities": [{"name": "order_number", "text": "tk 1", "value": "TK-1"}],
            "answers": [{"question": "Q", "answer": "A", "article_id": "delivery", "confidence": 0.8}],
            "orders_seen": ["TK-1"], "suggested_team": None,
        },
        "angry",
    )  # fmt: skip
    assert packet is not None
    assert packet["slots"] == [{"name": "Order number", "value": "TK-1"}, {"name": "Wishes", "value": "refund, fast"}]
    assert (packet["angry"], packet["sentiment"], packet["orders"]) == (True, -2, ["TK-1"])
    assert packet["answers"] == [{"question": "Q", "answer": "A", "article": "delivery"}]


def test_a_conversation_without_handoff_has_no_packet() -> None:
    assert packet_json(None, None) is None


def test_slots_that_hold_structures_are_not_shown_as_code() -> None:
    assert list(named_values({"form": {"a": 1}, "count": 0})) == [{"name": "Count", "value": "0"}]


def test_only_rendered_articles_are_ever_set_as_html() -> None:
    uses = {path.name: path.read_text().count("v-html") for path in WEB.glob("*.js")}
    assert {name: n for name, n in uses.items() if n} == {"article.js": 1, "article_sides.js": 1}
    assert not any(re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", p.read_text()) for p in WEB.glob("*.js"))


def test_every_word_the_browser_asks_for_exists() -> None:
    said = set(strings())
    asked = {(path.name, name) for path in WEB.glob("*.js") for name in re.findall(r"\b(?:this\.)?t\.([a-z_0-9]+)\b", path.read_text())}
    assert {(where, name) for where, name in asked if name not in said} == set()


def test_every_language_of_the_interface_has_the_same_words() -> None:
    assert all(words.keys() == STRINGS["en"].keys() for words in STRINGS.values())


def test_an_unknown_language_of_the_interface_gets_english() -> None:
    assert strings("xx") == STRINGS["en"]
