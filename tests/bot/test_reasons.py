"""Why the bot passes the baton: cases that a person must decide, orders of high value, and no loop after a handback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.engine import TurnMessage
from bot.fakes import MemoryOrders
from bot.repair.cases import names_a_case
from context.types import HandoffReason, Understanding
from tests.bot.talking import Talk, said, text_of


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


def handed_back(reason: str, *settled: str, **slots: str) -> Talk:
    """A talk that a person has just given back."""
    talk = Talk(verified=True, email="ana@example.com")
    talk.dialogue, talk.slots = {"handed_back": True, "reason": reason, "settled": list(settled)}, dict(slots)
    return talk


async def test_what_a_person_settled_is_not_begun_by_the_bot_until_the_customer_wants_it_anew() -> None:
    talk = handed_back("customer_asked", "request_return")
    reply = await talk.say(said("And the parcel with the return?", "request_return", confidence=0.6))
    assert "seen to this already" in text_of(reply)
    assert {b.payload for b in reply.messages[-1].buttons} == {"/request_return", "/deny"}
    reply = await talk.say(said("yes", "affirm"))
    assert "seen to" not in text_of(reply)
    assert "LoopActive" in str(reply.events)
    assert talk.dialogue["memory"]["settled"]["intents"] == []


async def test_a_no_leaves_what_was_settled_alone_and_a_clear_wish_begins_it_at_once() -> None:
    talk = handed_back("customer_asked", "request_return")
    await talk.say(said("And the parcel with the return?", "request_return", confidence=0.6))
    declined = await talk.say(said("no", "deny"))
    assert "LoopActive" not in str(declined.events)
    begun = await talk.say(said("I want to return something else", "request_return", confidence=0.95))
    assert "LoopActive" in str(begun.events)
    unsettled = await handed_back("customer_asked").say(said("And the parcel with the return?", "request_return", confidence=0.6))
    assert "LoopActive" in str(unsettled.events)


async def test_a_second_wish_that_was_settled_is_not_offered_and_the_other_of_two_close_intents_is_meant() -> None:
    close = Understanding("en", "request_return", 0.45, ranking=(("request_return", 0.45), ("track_order", 0.42)))
    message = replace(said("the thing with my order", "request_return"), understanding=close)
    reply = await handed_back("customer_asked", "request_return").say(message)
    assert "track_order" in [step.get("intent") for step in reply.trace]
    assert "Which of these" not in text_of(reply)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("policy", said("My lawyer says thank you", "thank")),
        ("angry", said("This is an outrage", "complain", angry=True)),
        ("high_value", said("I want to return it", "request_return", order_number="LC-100100", email="ana@example.com")),
    ],
)
async def test_the_same_reason_calls_a_person_only_once_the_customer_insists(reason: str, message: TurnMessage) -> None:
    talk = handed_back(reason)
    assert isinstance(talk.readers.orders, MemoryOrders)
    orders = talk.readers.orders.orders
    orders["LC-100100"] = replace(orders["LC-100100"], total=250_000)
    first = await talk.say(message)
    assert first.handoff is None
    assert "has just seen to this" in text_of(first)
    assert "/talk_to_human" in {b.payload for message in first.messages for b in message.buttons}
    again = await talk.say(message)
    assert again.handoff is not None
    assert again.handoff.reason == reason


async def test_another_reason_and_a_wish_for_a_person_are_heard_at_once_after_a_handback() -> None:
    angry = await handed_back("policy").say(said("This is an outrage", "complain", angry=True))
    assert angry.handoff is not None
    asked = await handed_back("customer_asked", "request_return").say(said("a person please", "talk_to_human"))
    assert asked.handoff is not None


async def test_what_the_person_found_out_is_not_asked_again() -> None:
    unknown = await handed_back("customer_asked").say(said("I want to return it", "request_return"))
    known = await handed_back("customer_asked", order_number="LC-100100").say(said("I want to return it", "request_return"))
    assert "Which order is it?" in text_of(unknown)
    assert "Which order is it?" not in text_of(known)
