"""The question for an order's address is marked, so that a widget may offer a code; who has proven an address goes on without it."""

from __future__ import annotations

from bot.proof_offer import PROVE
from tests.bot.talking import Talk, said, text_of


async def test_only_the_question_for_the_address_is_marked() -> None:
    talk = Talk()
    first = await talk.say(said("where is my order", "track_order"))
    assert [PROVE in m.custom for m in first.messages] == [False] * len(first.messages)
    asked = await talk.say(said("LC-100234", "inform", order_number="LC-100234"))
    assert asked.messages[-1].custom == {PROVE: True}


async def test_who_has_proven_an_address_meanwhile_sees_the_order_without_saying_it() -> None:
    talk = Talk()
    await talk.say(said("where is it", "track_order", order_number="LC-100234"))
    talk.verified, talk.email = True, "ana@example.com"
    reply = await talk.say(said("/track_order", "track_order"))
    assert "LC-100234" in text_of(reply)
    assert all(PROVE not in m.custom for m in reply.messages)
