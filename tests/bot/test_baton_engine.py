from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine import Turn
from bot.fakes import MemoryKnowledge
from bot.project.leading import intents_leading_to
from context.types import HandoffReason
from kit.errors import NotFoundError
from tests.bot.talking import Talk, said, shop, text_of


async def test_an_faq_is_answered_with_its_article() -> None:
    reply = await Talk().say(said("What is your return policy?", "faq/return_policy"))
    assert reply.messages[0].text == "You can return unused pieces within 30 days of delivery."
    assert [c.title for c in reply.messages[0].citations] == ["Return policy"]
    assert reply.answers[0].question == "What is your return policy?"


async def test_the_article_that_the_customer_reads_is_told_to_the_knowledge_base_also_on_a_later_page_without_one() -> None:
    talk = Talk()
    page = {"page": {"url": "https://shop.example/help/en/gifts", "article": "gifts", "language": "en"}}
    question = said("What is your return policy?", "faq/return_policy")
    await talk.say(replace(question, metadata=page))
    await talk.say(question)
    await talk.say(replace(question, metadata={"page": {"url": "https://shop.example/", "article": None, "language": "en"}}))
    knowledge = talk.readers.knowledge
    assert isinstance(knowledge, MemoryKnowledge)
    assert knowledge.about == ["gifts", "gifts", ""]


async def test_the_same_turn_always_gives_the_same_reply() -> None:
    message = said("hello", "greet")
    assert await Talk().say(message) == await Talk().say(message)


async def test_a_low_confidence_is_not_believed_but_looked_up() -> None:
    talk = Talk()
    reply = await talk.say(said("shipping?", "goodbye", confidence=0.1))
    assert "MOP 25" in text_of(reply)


async def test_abstaining_offers_the_nearest_topics_and_a_person() -> None:
    reply = await Talk().say(said("Do you sell umbrellas?", "faq/stock"))
    payloads = [b.payload for b in reply.messages[0].buttons]
    assert payloads[0] == "Return policy"
    assert payloads[-1] == "/talk_to_human"
    assert reply.abstained == ("Do you sell umbrellas?",)


async def test_a_topic_button_asks_its_title() -> None:
    talk = Talk()
    message = said("Return policy", "faq/return_policy")
    reply = await talk.say(message)
    assert reply.answers


async def test_two_questions_without_an_answer_hand_off_as_no_knowledge() -> None:
    talk = Talk()
    first = await talk.say(said("Do you sell umbrellas?", "faq/stock"))
    second = await talk.say(said("Do you sell boots?", "faq/stock"))
    assert first.handoff is None
    assert second.handoff is not None
    assert second.handoff.reason == HandoffReason.NO_KNOWLEDGE


async def test_two_messages_without_sense_hand_off_as_not_understood() -> None:
    talk = Talk()
    await talk.say(said("flurb", None))
    reply = await talk.say(said("blarg", None))
    assert reply.handoff is not None
    assert reply.handoff.reason == HandoffReason.NOT_UNDERSTOOD


async def test_declining_never_hands_off() -> None:
    talk = Talk()
    replies = [await talk.say(said(f"weather {n}", "out_of_scope")) for n in range(4)]
    assert all(r.handoff is None and r.messages for r in replies)


async def test_an_angry_message_gets_an_apology_and_a_person_with_urgency() -> None:
    reply = await Talk().say(said("this is outrageous", "complain", angry=True))
    assert reply.handoff is not None
    assert (reply.handoff.reason, reply.handoff.urgency) == (HandoffReason.ANGRY, 2)
    assert reply.messages[-1].text.startswith("I am truly sorry")


async def test_the_handoff_says_when_people_are_away() -> None:
    sunday = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    reply = await Talk(now=sunday).say(said("a person please", "talk_to_human"))
    assert "when they are back" in text_of(reply)
    assert "Monday to Saturday, 10:00 to 19:00" in text_of(reply)


async def test_after_a_handback_the_bot_goes_on_and_does_not_hand_off_again() -> None:
    talk = Talk()
    await talk.say(said("flurb", None))
    await talk.say(said("blarg", None))
    talk.dialogue, talk.slots = {"handed_back": True}, {}
    reply = await talk.say(said("flurb", None))
    assert reply.messages
    assert reply.handoff is None
    assert (await talk.say(said("thanks", "thank"))).handoff is None


async def test_the_start_says_that_a_machine_answers_save_where_the_channel_does() -> None:
    web = await Talk().say(said("hello", "greet"))
    phone = await Talk(channel="whatsapp").say(said("hello", "greet"))
    other = await Talk(channel="callback").say(said("hello", "greet"))
    assert "automated assistant" not in text_of(web) + text_of(phone)
    assert "automated assistant" in other.messages[0].text


async def test_the_language_follows_the_customer_but_not_a_bare_number() -> None:
    talk = Talk()
    first = await talk.say(said("onde está a minha encomenda?", "track_order", language="pt"))
    second = await talk.say(said("LC-100234", None, language="en", order_number="LC-100234"))
    assert first.language == second.language == "pt"
    assert "e-mail" in text_of(second)
    third = await talk.say(said("我的訂單呢？", "track_order", language="zh-Hant"))
    assert third.language == "zh-Hant"


async def test_simplified_chinese_is_converted() -> None:
    reply = await Talk().say(said("你好", "greet", language="zh-Hans"))
    assert "灯笼里" in text_of(reply) or "帮" in text_of(reply)
    assert "甚么" not in text_of(reply)
    assert "麼" not in text_of(reply)


async def test_messages_of_one_turn_are_answered_in_order_and_repeats_said_once() -> None:
    reply = await Talk().say(
        said("what is your return policy?", "faq/return_policy"),
        said("your return policy?", "faq/return_policy"),
        said("shipping", "faq/delivery_cost"),
    )
    assert [m.citations[0].title for m in reply.messages] == ["Return policy", "Delivery costs"]


async def test_nothing_is_done_after_a_handoff() -> None:
    reply = await Talk().say(said("a person", "talk_to_human"), said("what is your return policy?", "faq/return_policy"))
    assert reply.handoff is not None
    assert len(reply.messages) == 1


async def test_the_trace_says_what_was_understood_and_which_rule_decided() -> None:
    reply = await Talk().say(said("hello", "greet"))
    began, understood, decided, *_ = reply.trace
    assert began["step"] == "session started"
    assert understood | {"step": "understood", "intent": "greet", "confidence": 0.9} == understood
    assert "Greet back" in decided["why"]
    assert "training_data/rules/talk.yml:" in decided["why"]


async def test_the_state_stays_small_and_the_slots_survive_its_cutting() -> None:
    talk = Talk()
    await talk.say(said("where is it", "track_order", order_number="LC-100234", email="ana@example.com"))
    for _ in range(60):
        await talk.say(said("what is your return policy?", "faq/return_policy"))
    assert len(json.dumps(talk.dialogue)) < 20_000
    assert talk.dialogue["truncated"] is True
    assert talk.slots["order_known"] == "LC-100234"
    assert (await talk.say(said("hello", "greet"))).trace[1]["action"] == "utter_greet"


async def test_the_state_names_the_entity_that_would_answer() -> None:
    talk = Talk()
    await talk.say(said("where is my order?", "track_order"))
    assert talk.dialogue["expected"] == "order_number"


async def test_a_payload_that_is_no_command_is_taken_as_text() -> None:
    reply = await Talk().say(said("/rm -rf {", None))
    assert next(t for t in reply.trace if t["step"] == "understood")["intent"] == "nlu_fallback"


async def test_braces_of_a_customer_are_never_filled_in() -> None:
    talk = Talk(verified=True, email="rui@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100060"))
    await talk.say(said("because {effect:reference} {order_number}", None))
    reply = await talk.say(said('/inform{"return_wish": "refund"}', None))
    assert "(effect:reference) (order_number)" in text_of(reply)


async def test_an_action_that_there_is_not_raises_for_the_caller_to_hand_over() -> None:
    talk = Talk()
    talk.dialogue = {"events": [{"event": "action", "name": "action_listen"}]}

    class Broken:
        async def access(self, number: str, *, proof: str | None, turn: Turn) -> object:
            raise NotFoundError("no order system")

        async def own(self, turn: Turn) -> tuple[object, ...]:
            return ()

    object.__setattr__(talk.readers, "orders", Broken())
    with pytest.raises(NotFoundError):
        await talk.say(said("where is it", "track_order", order_number="LC-100234", email="ana@example.com"))


def test_rules_say_which_intents_are_looked_up_in_the_articles() -> None:
    assert intents_leading_to(shop(), "action_answer_from_knowledge") == {"faq", "nlu_fallback"}
    assert intents_leading_to(shop(), "action_that_is_not_there") == frozenset()
