"""Why the bot passes the baton: cases that a person must decide, orders of high value, and no loop after a handback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.fakes import MemoryOrders
from bot.repair.cases import names_a_case
from context.types import HandoffReason
from tests.bot.talking import Talk, said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "I will see you in court"),
        ("pt", "O carregador pegou fogo"),
        ("zh-Hant", "我已經搵咗律師信俾你"),
        ("zh-Hans", "充电时触电了"),
    ],
)
async def test_a_threat_of_law_or_an_injury_goes_to_a_person_as_policy(language: str, words: str) -> None:
    reply = await Talk().say(said(words, "complain", language=language))
    assert reply.handoff is not None
    assert reply.handoff.reason == HandoffReason.POLICY


async def test_an_ordinary_complaint_does_not() -> None:
    reply = await Talk().say(said("The cup court set is scratched", "complain"))
    assert reply.handoff is None
    assert not names_a_case("my lawyers", ["my lawyer"])
    assert not names_a_case("anything", [])


@pytest.mark.parametrize(("intent", "words"), [("request_return", "I want to return it"), ("cancel_order", "Cancel my order")])
async def test_an_order_of_high_value_is_returned_and_cancelled_by_people_only(intent: str, words: str) -> None:
    talk = Talk()
    assert isinstance(talk.readers.orders, MemoryOrders)
    orders = talk.readers.orders.orders
    orders["LC-100100"] = replace(orders["LC-100100"], total=250_000)
    reply = await talk.say(said(words, intent, order_number="LC-100100", email="ana@example.com"))
    assert reply.handoff is not None
    assert (reply.handoff.reason, reply.handoff.urgency) == (HandoffReason.HIGH_VALUE, 1)


async def test_below_that_value_the_bot_goes_on() -> None:
    reply = await Talk().say(said("I want to return it", "request_return", order_number="LC-100100", email="ana@example.com"))
    assert reply.handoff is None


async def test_after_a_handback_a_mere_yes_does_not_call_a_person_again() -> None:
    talk = Talk()
    talk.dialogue, talk.slots = {"handed_back": True}, {"offered": "person", "order_number": "LC-100100"}
    reply = await talk.say(said("yes", "affirm"))
    assert reply.handoff is None
    assert (reply.slots.get("offered"), reply.slots["order_number"]) == (None, "LC-100100")
