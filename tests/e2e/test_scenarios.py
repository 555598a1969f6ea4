"""The scenarios of a customer, over HTTP against real server and worker processes."""

from __future__ import annotations

import re

import pytest

from tests.e2e.customer import Customer, words
from tests.live import LiveBaton

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("language", "question", "link", "hint"),
    [
        ("en", "What is your return policy?", "/help/en/return-policy", "30 days"),
        ("zh-Hant", "退貨要點做？", "/help/zh-Hant/", "退"),
        ("zh-Hans", "请问退货政策是什么？", "/help/zh-Hans/", "退货"),
        ("pt", "Qual é a vossa política de devoluções?", "/help/pt/return-policy", "30 dias"),
    ],
)
def test_a_question_is_answered_in_its_language_with_its_article(
    live: LiveBaton, language: str, question: str, link: str, hint: str
) -> None:
    customer = Customer(live.url, language=language)
    answers = customer.say(question)
    assert hint in words(answers)
    citation = next(c for m in answers for c in m["citations"])
    assert citation["url"].startswith(link)
    page = customer.http.get(citation["url"])
    assert page.status_code == 200
    assert citation["title"] in page.text


def test_an_order_is_shown_only_with_the_right_proof(live: LiveBaton) -> None:
    customer = Customer(live.url)
    assert "order number" in words(customer.say("Where is my order?")).lower()
    assert "e-mail" in words(customer.say("LC-100001"))
    wrong = words(customer.say("somebody.else@example.com"))
    assert "Gaiwan" not in wrong
    assert "order number" in wrong.lower()
    customer.say("LC-100001")
    shown = words(customer.say("ana.demo@example.com"))
    assert "LC-100001" in shown
    assert "Pato Courier" in shown


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_goes_on(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("Where is my order?")
    answers = words(customer.say("By the way, how much does delivery to Hong Kong cost?"))
    assert "50" in answers
    assert "order number" in answers.lower()
    assert "Pato" in words(customer.say("LC-100001 and my email is ana.demo@example.com"))


def test_a_form_can_be_cancelled(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("Where is my order?")
    stopped = words(customer.say("never mind, forget it"))
    assert "order number" not in stopped.lower()
    assert customer.handler == "bot"


def test_a_return_ends_in_a_stored_request_with_a_reference(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("I want to return something from my order")
    customer.say("LC-100002")
    answers = customer.say("ana.demo@example.com")
    answers = customer.press("teapot", answers)
    answers = customer.press("mind", answers)
    answers = customer.press("refund", answers)
    done = words(customer.say("yes, that is right"))
    assert re.search(r"RT-\d{5}", done)


@pytest.mark.parametrize(
    "text", ["I want to talk to a person", "This is outrageous, you lying thieves, I am absolutely furious and will call my lawyer!!!"]
)
def test_a_wish_or_anger_brings_a_human(live: LiveBaton, text: str) -> None:
    customer = Customer(live.url)
    assert words(customer.say(text))
    assert customer.handler == "queue"


def test_two_failed_understandings_in_a_row_bring_a_human(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("blorp zanthe quix")
    assert customer.handler == "bot"
    customer.say("splork venta muxi")
    assert customer.handler == "queue"


def test_the_bot_is_silent_while_the_conversation_waits(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("I want to talk to a human please")
    last = customer.read()["last_seq"]
    customer.send("Hello?")
    customer.say("What is your return policy?")  # the house quotes the article; the bot says nothing
    assert [m for m in customer.read(last)["messages"] if m["author"] == "bot"] == []
