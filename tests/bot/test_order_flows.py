from __future__ import annotations

import pytest

from context.types import Effect, HandoffReason
from tests.bot.talking import NOW, Talk, said, text_of


async def test_each_try_with_a_proof_is_noted_and_a_shown_order_is_seen() -> None:
    talk = Talk()
    wrong = await talk.say(said("where is it", "track_order", order_number="LC-100234", email="x@example.com"))
    right = await talk.say(said("oh, this one", None, email="ana@example.com"))
    assert wrong.effects == (Effect("note_order_try", {"order_number": "LC-100234", "right": False}),)
    assert right.effects == (
        Effect("note_order_try", {"order_number": "LC-100234", "right": True}),
        Effect("order_seen", {"order_number": "LC-100234"}),
    )


async def test_a_wrong_number_and_a_wrong_proof_read_alike() -> None:
    wrong_number = await Talk().say(said("where", "track_order", order_number="LC-999999", email="ana@example.com"))
    wrong_proof = await Talk().say(said("where", "track_order", order_number="LC-100234", email="x@example.com"))
    assert text_of(wrong_number) == text_of(wrong_proof)


async def test_the_third_wrong_try_hands_off_as_not_allowed() -> None:
    talk = Talk()
    replies = [await talk.say(said("where", "track_order", order_number=f"LC-99999{n}", email="x@example.com")) for n in range(3)]
    assert [r.handoff is None for r in replies] == [True, True, False]
    assert replies[2].handoff is not None
    assert replies[2].handoff.reason == HandoffReason.NOT_ALLOWED
    assert len(replies[2].effects) == 1


async def test_a_verified_contact_sees_an_own_order_without_proof_and_without_a_noted_try() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    reply = await talk.say(said("where is it", "track_order", order_number="LC-100234"))
    assert reply.effects == (Effect("order_seen", {"order_number": "LC-100234"}),)


async def test_a_verified_contact_does_not_see_a_strangers_order() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    reply = await talk.say(said("where is it", "track_order", order_number="LC-100060"))
    assert "Bamboo" not in text_of(reply)
    assert "could not find that order" in text_of(reply)


async def test_a_verified_contact_gets_own_orders_as_buttons() -> None:
    reply = await Talk(verified=True, email="ana@example.com").say(said("where is my order", "track_order"))
    assert [b.payload for b in reply.messages[-1].buttons] == [
        '/inform{"order_number": "LC-100234"}',
        '/inform{"order_number": "LC-100100"}',
    ]


async def test_a_number_of_odd_form_counts_as_an_answer() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    await talk.say(said("12345678", None))
    assert talk.slots["order_number"] == "12345678"


async def test_stopping_says_so_and_frees_the_talk() -> None:
    talk = Talk()
    await talk.say(said("where is my order", "track_order"))
    reply = await talk.say(said("forget it", "stop"))
    assert "stopped" in text_of(reply)
    assert (await talk.say(said("hello", "greet"))).messages[-1].text.count("order number") == 0


async def test_switching_tasks_says_so_and_keeps_what_is_known() -> None:
    talk = Talk()
    await talk.say(said("return something", "request_return", order_number="LC-100234"))
    reply = await talk.say(said("wait, where is it?", "track_order"))
    assert reply.messages[0].text == "All right, I leave that and turn to this first."
    assert talk.slots["order_number"] == "LC-100234"
    assert "e-mail" in reply.messages[1].text


async def test_a_return_ends_in_one_effect_with_its_arguments() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100100"))
    await talk.say(said('/inform{"return_item": "CUP-SET"}', None))
    await talk.say(said("it came cracked", "faq/damaged_item"))
    await talk.say(said("exchange", None))
    reply = await talk.say(said("yes", "affirm"))
    wanted = {"order_number": "LC-100100", "item": "CUP-SET", "reason": "damaged", "wish": "exchange"}
    assert reply.effects == (Effect("request_return", wanted),)
    assert "{effect:reference}" in text_of(reply)
    assert "return_item" not in talk.slots


async def test_damaged_food_may_be_returned_within_a_week_only() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100100"))
    await talk.say(said('/inform{"return_item": "BIS-ALM"}', None))
    reply = await talk.say(said("they were broken", None))
    assert "7 days for food" in text_of(reply)
    assert not reply.effects


async def test_a_question_at_the_reason_is_answered_and_is_no_reason() -> None:
    talk = Talk(verified=True, email="rui@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100060"))
    reply = await talk.say(said("what is your return policy if it is broken?", "faq/return_policy"))
    assert "return_reason" not in talk.slots
    assert len(reply.messages) == 2


async def test_another_order_in_the_middle_forgets_the_answers_for_the_first() -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100100", email="ana@example.com"))
    await talk.say(said('/inform{"return_item": "CUP-SET"}', None))
    reply = await talk.say(said("no, this order", None, order_number="LC-100060", email="rui@example.com"))
    assert talk.slots["return_item"] == "TRAY-BAM"
    assert reply.handoff is None


async def test_a_person_is_had_at_once_at_any_question() -> None:
    talk = Talk(verified=True, email="rui@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100060"))
    reply = await talk.say(said("give me a human", "talk_to_human"))
    assert reply.handoff is not None
    assert reply.handoff.reason == HandoffReason.CUSTOMER_ASKED
    assert reply.slots["order_number"] == "LC-100060"


async def test_a_bare_number_answers_the_form_whatever_intent_it_is_taken_for() -> None:
    talk = Talk()
    await talk.say(said("return something", "request_return"))
    reply = await talk.say(said("LC-100060", "track_order", order_number="LC-100060"))
    assert "turn to this first" not in text_of(reply)
    assert talk.dialogue["expected"] == "email"
    assert (await talk.say(said("rui@example.com", None, email="rui@example.com"))).slots["return_item"] == "TRAY-BAM"


async def test_the_other_order_goes_on_with_the_task_that_was_refused() -> None:
    talk = Talk()
    await talk.say(said("return", "request_return", order_number="LC-100234", email="ana@example.com"))
    await talk.say(said("the other order", "faq/wrong_item"))
    await talk.say(said("LC-100100", "track_order", order_number="LC-100100"))
    assert talk.slots["order_known"] == "LC-100100"
    assert talk.dialogue["events"][-2]["text"] == "Which item would you like to send back?"


async def test_the_name_of_an_item_is_an_answer_even_when_it_sounds_like_a_question_of_ours() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100100"))
    await talk.say(said("almond biscuits", "faq/ingredients"))
    assert talk.slots["return_item"] == "BIS-ALM"


async def test_a_changed_mind_is_a_reason_when_the_reason_was_asked() -> None:
    talk = Talk(verified=True, email="rui@example.com")
    await talk.say(said("return", "request_return", order_number="LC-100060"))
    await talk.say(said("changed my mind", "stop"))
    assert talk.slots["return_reason"] == "changed_mind"


async def test_who_is_no_longer_verified_must_prove_an_order_again() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    await talk.say(said("where", "track_order", order_number="LC-100100"))
    talk.verified, talk.email = False, None
    tracked = await talk.say(said("and where is it now", "track_order"))
    returned = await talk.say(said("return it", "request_return"))
    assert "Celadon" not in text_of(tracked) + text_of(returned)
    assert "e-mail address or phone number" in text_of(tracked)


async def test_while_the_shop_s_system_is_down_it_is_said_and_no_try_is_counted() -> None:
    talk = Talk()
    talk.readers.orders.down = True
    reply = await talk.say(said("where", "track_order", order_number="LC-100234", email="ana@example.com"))
    assert "does not answer at the moment" in text_of(reply)
    assert (reply.effects, reply.handoff) == ((), None)
    talk.readers.orders.down = False
    talk.readers.orders.as_of = NOW
    again = await talk.say(said("and now? where is it", "track_order", order_number="LC-100234", email="ana@example.com"))
    assert "This is how the order stood at" in text_of(again)
    assert "LC-100234" in text_of(again)


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hant", "暫時沒有回應"), ("zh-Hans", "暂时没有回应"), ("pt", "não responde neste momento")]
)
async def test_it_is_said_in_the_customer_s_language(language: str, words: str) -> None:
    talk = Talk()
    talk.readers.orders.down = True
    reply = await talk.say(said("where", "track_order", order_number="LC-100234", email="ana@example.com", language=language))
    assert words in text_of(reply)
