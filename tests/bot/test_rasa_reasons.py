"""Why the bot passes the baton, and what it knows after a handback, with Rasa as engine (a Rasa in memory, Baton's actions and shop)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.engine import Reply, Turn, TurnMessage
from bot.fakes import MemoryOrders
from bot.rasa.engine import RasaEngine
from bot.testing import load_readers
from context.types import HandoffReason
from tests.bot.fake_rasa import FakeRasa, Json, Script, bot, listening, ran
from tests.bot.talking import STORIES, Talk, said, shop, text_of

RETURN = [
    {"event": "active_loop", "name": "return_form"},
    {"event": "slot", "name": "order_number", "value": "LC-100100"},
    {"event": "slot", "name": "order_proof", "value": "ana@example.com"},
]


class RasaTalk:
    """A talk with the shop's project on a scripted Rasa."""

    def __init__(self, script: Script, *, dialogue: dict[str, Any] | None = None, slots: dict[str, Any] | None = None) -> None:
        readers, self.rasa = load_readers(STORIES), FakeRasa(script)
        assert isinstance(readers.orders, MemoryOrders)
        orders = readers.orders.orders
        orders["LC-100100"] = replace(orders["LC-100100"], total=250_000)
        self.engine = RasaEngine(shop(), self.rasa, orders=readers.orders, knowledge=readers.knowledge, shop=readers.shop)
        self.dialogue, self.slots = dialogue or {}, slots or {}

    def turn(self, message: TurnMessage) -> Turn:
        """The next turn, as the caller of the engine keeps the state."""
        return replace(Talk().turn(message), dialogue=self.dialogue, slots=self.slots)

    async def say(self, message: TurnMessage) -> Reply:
        """The reply; what it leaves is there for the next one."""
        reply = await self.engine.respond(self.turn(message))
        self.dialogue, self.slots = reply.dialogue, reply.slots
        return reply


async def wants_a_return(rasa: FakeRasa, body: Json) -> list[Json]:
    """Rasa starts the form, fills it, and asks Baton whether that is right."""
    answer = await rasa.call(body, "validate_return_form", *RETURN)
    return [ran("return_form"), *RETURN, *map(bot, answer["responses"]), *answer["events"], ran("action_listen")]


def handed_back(reason: str, *settled: str) -> dict[str, Any]:
    """The state that a person leaves."""
    return {"handed_back": True, "reason": reason, "settled": list(settled)}


async def test_what_a_person_must_decide_goes_to_one_before_rasa_hears_of_it() -> None:
    talk = RasaTalk(listening)
    reply = await talk.say(said("I will see you in court", "complain"))
    assert reply.handoff is not None
    assert (reply.handoff.reason, talk.rasa.told) == (HandoffReason.POLICY, [])


async def test_an_order_of_high_value_is_returned_by_people_only() -> None:
    reply = await RasaTalk(wants_a_return).say(said("I want to return it", "request_return"))
    assert reply.handoff is not None
    assert (reply.handoff.reason, reply.handoff.urgency) == (HandoffReason.HIGH_VALUE, 1)


async def test_what_a_person_settled_is_not_begun_until_the_customer_wants_it_anew() -> None:
    talk = RasaTalk(listening, dialogue=handed_back("customer_asked", "request_return"))
    reply = await talk.say(said("And the parcel with the return?", "request_return", confidence=0.6))
    assert "seen to this already" in text_of(reply)
    assert talk.rasa.told == []
    await talk.say(said("I want to return something else", "request_return", confidence=0.95))
    assert len(talk.rasa.told) == 1


@pytest.mark.parametrize(
    ("reason", "words", "intent"),
    [("policy", "My lawyer says thank you", "thank"), ("high_value", "I want to return it", "request_return")],
)
async def test_the_same_reason_calls_a_person_only_once_the_customer_insists(reason: str, words: str, intent: str) -> None:
    talk = RasaTalk(wants_a_return, dialogue=handed_back(reason))
    first = await talk.say(said(words, intent))
    assert first.handoff is None
    assert "has just seen to this" in text_of(first)
    again = await talk.say(said(words, intent))
    assert again.handoff is not None
    assert again.handoff.reason == reason


async def test_what_the_bot_offered_before_a_handback_is_forgotten_and_what_is_known_is_kept() -> None:
    talk = RasaTalk(listening, dialogue=handed_back("customer_asked"), slots={"offered": "person", "order_number": "LC-100100"})
    reply = await talk.say(said("yes", "affirm"))
    assert reply.handoff is None
    assert reply.slots.get("offered") is None
    assert [(e["name"], e["value"]) for e in talk.rasa.told[0]["changed"]] == [("order_number", "LC-100100")]
