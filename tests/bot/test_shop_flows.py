"""What the tasks of the shop ask to have done: the effects with their arguments, and nothing before the customer has said yes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.actions.feedback_flow import score_of
from bot.actions.gift_card_flow import CODE, asks_balance
from bot.actions.open_order import POINTS_AT
from bot.actions.order_questions import facet_of
from bot.actions.points import asks_own_points
from bot.actions.product_answers import find_products
from bot.dialogue_events import FoundEntity, UserSaid
from bot.engine import Reply
from context.types import Effect, HandoffReason
from tests.bot.talking import Talk, said, text_of

MEI: Any = {"order_number": "LC-100300", "email": "mei@example.com"}


def wanted(reply: Reply) -> list[Effect]:
    """The effects that change something."""
    return [e for e in reply.effects if e.name not in ("note_order_try", "order_seen", "note_gift_card_try")]


@pytest.mark.parametrize(
    ("language", "wish", "yes"),
    [
        ("en", "cancel my order", "yes please"),
        ("zh-Hant", "我想取消張單", "係"),
        ("zh-Hans", "我要取消订单", "是的"),
        ("pt", "quero cancelar a encomenda", "sim"),
    ],
)
async def test_cancelling_does_nothing_before_a_yes_and_one_effect_after(language: str, wish: str, yes: str) -> None:
    talk = Talk()
    asked = await talk.say(said(wish, "cancel_order", language=language, **MEI))
    assert wanted(asked) == []
    assert "LC-100300" in text_of(asked)
    done = await talk.say(said(yes, "affirm", language=language))
    assert wanted(done) == [Effect("cancel_order", {"order_number": "LC-100300"})]
    assert "{effect:reference}" in text_of(done)
    assert wanted(await talk.say(said(yes, "affirm", language=language))) == []


async def test_a_verified_contact_is_asked_which_order_is_meant_and_may_choose_another() -> None:
    talk = Talk(verified=True, email="ana@example.com")
    await talk.say(said("where is it", "track_order", order_number="LC-100234"))
    asked = await talk.say(said("I want to return something", "request_return"))
    assert [b.payload for b in asked.messages[-1].buttons] == ["/affirm", '/inform{"order_number": "LC-100100"}', "/deny"]
    chosen = await talk.say(said('/inform{"order_number": "LC-100100"}', "inform"))
    assert talk.slots["order_meant"] == "LC-100100"
    assert "Which item" in text_of(chosen)


async def test_an_address_is_taken_whole_when_it_names_its_city() -> None:
    talk = Talk()
    await talk.say(said("another address please", "change_address", **MEI))
    found = said("Rua do Campo 45, Macau", None, address="Rua do Campo 45, Macau")
    city = replace(found.understanding.entities[0], name="address_part", text="Macau", value="Macau", role="city")
    both = replace(found.understanding, entities=(*found.understanding.entities, city))
    await talk.say(replace(found, understanding=both))
    done = await talk.say(said("yes", "affirm"))
    assert wanted(done) == [Effect("change_address", {"order_number": "LC-100300", "line": "Rua do Campo 45, Macau", "city": "Macau"})]


@pytest.mark.parametrize("intent", ["stop", "talk_to_human", "track_order", "faq/delivery_cost"])
async def test_what_means_something_else_is_no_address(intent: str) -> None:
    talk = Talk()
    await talk.say(said("another address please", "change_address", **MEI))
    await talk.say(said("what does shipping cost" if intent.startswith("faq") else "hm", intent))
    assert talk.slots.get("address_line") is None


async def test_a_problem_is_reported_with_the_customers_words() -> None:
    talk = Talk()
    await talk.say(said('/report_problem{"problem_kind": "wrong"}', "report_problem"))
    await talk.say(said("here", None, order_number="LC-100302", email="mei@example.com"))
    asked = await talk.say(said("you sent green cups, I ordered gold ones", "faq/wrong_item"))
    assert wanted(asked) == []
    done = await talk.say(said("yes", "affirm"))
    arguments = {"order_number": "LC-100302", "problem": "wrong", "details": "you sent green cups, I ordered gold ones"}
    assert wanted(done) == [Effect("report_problem", arguments)]


@pytest.mark.parametrize(
    ("language", "question", "topic"),
    [
        ("en", "it arrived broken", "faq/damaged_item"),
        ("zh-Hant", "收到嗰陣已經爛咗", "faq/damaged_item"),
        ("zh-Hans", "收到的时候碎了", "faq/damaged_item"),
        ("pt", "chegou partido", "faq/damaged_item"),
    ],
)
async def test_a_problem_is_offered_to_be_reported_and_a_person_too(language: str, question: str, topic: str) -> None:
    talk = Talk()
    reply = await talk.say(said(question, topic, language=language))
    payloads = [b.payload for b in reply.messages[-1].buttons]
    assert payloads == ['/report_problem{"problem_kind": "damaged"}', "/talk_to_human"]
    assert talk.slots["offered"] == "problem"
    await talk.say(said("...", "thank", language=language))
    assert talk.slots.get("offered") is None


async def test_an_offer_is_not_made_while_a_form_runs() -> None:
    talk = Talk()
    await talk.say(said("another address please", "change_address", **MEI))
    reply = await talk.say(said("I need an invoice", "faq/invoice"))
    assert "Shall I?" not in text_of(reply)
    assert "Where should it go instead" in text_of(reply)


async def test_the_invoice_names_no_e_mail_in_full() -> None:
    talk = Talk()
    await talk.say(said("/ask_invoice", "ask_invoice"))
    await talk.say(said("this one", None, order_number="LC-100234", email="ana@example.com"))
    asked = await talk.say(said("no, as it was", "deny"))
    assert "a***@example.com" in text_of(asked)
    assert "ana@example.com" not in text_of(asked)
    done = await talk.say(said("yes", "affirm"))
    assert wanted(done) == [Effect("request_invoice", {"order_number": "LC-100234", "made_out_to": ""})]


async def test_a_stranger_is_not_told_of_a_refund() -> None:
    talk = Talk()
    await talk.say(said("/check_refund", "check_refund"))
    reply = await talk.say(said("here", None, order_number="LC-100060", email="eve@example.com"))
    assert "RT-10007" not in text_of(reply)


async def test_every_code_is_noted_and_the_third_wrong_one_hands_off() -> None:
    talk = Talk()
    await talk.say(said("/check_gift_card", "check_gift_card"))
    replies = [await talk.say(said(f"LANT-1111-222{n}", None)) for n in range(3)]
    assert all(Effect("note_gift_card_try", {"right": False}) in r.effects for r in replies)
    assert [r.handoff.reason if r.handoff else None for r in replies] == [None, None, HandoffReason.NOT_ALLOWED]


async def test_a_right_code_is_forgotten_after_it_was_answered() -> None:
    talk = Talk()
    await talk.say(said("/check_gift_card", "check_gift_card"))
    reply = await talk.say(said("it is LANT-7Q2M-XK84", None))
    assert "MOP 350" in text_of(reply)
    assert Effect("note_gift_card_try", {"right": True}) in reply.effects
    assert talk.slots.get("gift_card_code") is None


async def test_a_complaint_is_recorded_in_the_customers_words_only_after_a_yes() -> None:
    talk = Talk()
    words = "the parcel came late and nobody ever answered my three messages"
    asked = await talk.say(said(words, "complain"))
    assert wanted(asked) == []
    done = await talk.say(said("yes", "affirm"))
    assert wanted(done) == [Effect("record_complaint", {"words": words})]
    assert done.messages[-1].buttons[0].payload == "/talk_to_human"
    handed = await talk.say(said("yes please", "affirm"))
    assert handed.handoff is not None


async def test_a_complaint_is_recorded_whole_though_a_clause_of_it_is_answered_by_itself() -> None:
    talk, words = Talk(), "I wish to complain, my parcel is lost for good"
    message = said(words, "complain")
    clauses = (("complain", "I wish to complain"), ("faq/lost_parcel", "my parcel is lost for good"))
    known = replace(message.understanding, also=(("faq/lost_parcel", 0.9),), clauses=clauses)
    asked = await talk.say(replace(message, understanding=known))
    assert len(asked.messages) > 1
    done = await talk.say(said("/record_complaint", "record_complaint"))
    assert wanted(done) == [Effect("record_complaint", {"words": words})]


async def test_feedback_is_stored_with_and_without_words() -> None:
    talk = Talk()
    await talk.say(said("I want to rate you", "give_feedback"))
    await talk.say(said('/inform{"feedback_score": "5"}', "inform"))
    done = await talk.say(said('/inform{"feedback_comment": "-"}', "inform"))
    assert wanted(done) == [Effect("record_feedback", {"score": 5, "comment": ""})]


@pytest.mark.parametrize(
    ("text", "score"),
    [("4", 4), ("5/5", 5), ("three stars", 3), ("it was very good", 4), ("not good", 2), ("terrible", 1), ("五星", 5), ("畀4分", 4),
    ("四颗星", 4),
     ("péssimo", 1), ("mais ou menos", 3), ("quatro", 4), ("LC-100234", None), ("12", None), ("whatever", None)],
)  # fmt: skip
def test_a_rating_is_read_from_words(text: str, score: int | None) -> None:
    assert score_of(text) == score


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("when will it arrive?", "arrival"), ("when is my parcel coming", "arrival"), ("will it be here by Friday?", "arrival"),
        ("eta?", "arrival"),
        ("who delivers it?", "carrier"), ("which courier has it", "carrier"), ("what's the tracking number", "carrier"),
        ("what is in it?", "contents"), ("what did I order again", "contents"), ("how much did I pay", "total"),
        ("幾時送到呀", "arrival"), ("我件貨幾時會到", "arrival"), ("邊個送㗎", "carrier"), ("入面有咩", "contents"),
        ("我畀咗幾多錢", "total"),
        ("什么时候到货", "arrival"), ("哪家快递", "carrier"), ("里面有什么", "contents"), ("付了多少钱", "total"),
        ("quando é que chega?", "arrival"), ("qual é a transportadora", "carrier"), ("o que vem na encomenda", "contents"),
        ("quanto paguei", "total"),
        ("how long does delivery to Portugal take?", None), ("do you deliver to Lisbon?", None), ("寄去香港要幾多日先到", None),
        ("when will it be back in stock, when does it come back", None),
        ("when do you open?", None), ("quanto custa o envio", None), ("what is in the mooncakes?", None), ("一般多久能收到", None),
    ],
)  # fmt: skip
def test_questions_on_the_open_order_are_told_from_general_ones(text: str, facet: str | None) -> None:
    assert facet_of(text) == facet


@pytest.mark.parametrize(
    ("text", "points"),
    [("I want to return it", True), ("cancel this order", True), ("呢張單我想取消", True), ("退这个", True), ("quero devolvê-lo", True),
     ("cancele esta encomenda", True), ("I want to return something", False), ("我想退貨", False), ("quero devolver um artigo", False)],
)  # fmt: skip
def test_pointing_at_the_open_order_is_told_from_speaking_of_some_order(text: str, points: bool) -> None:
    assert bool(POINTS_AT.search(text)) is points


@pytest.mark.parametrize(
    ("text", "asks"),
    [("how many points do I have?", True), ("我有幾多積分", True), ("查一下我的积分", True), ("quantos pontos tenho", True),
     ("how do points work?", False), ("積分點樣計㗎", False), ("os pontos expiram?", False)],
)  # fmt: skip
def test_own_points_are_told_from_the_programme(text: str, asks: bool) -> None:
    assert asks_own_points(text) is asks


@pytest.mark.parametrize(
    ("text", "asks"),
    [("how much is left on my gift card", True), ("張卡仲有幾多錢", True), ("查礼品卡余额", True), ("qual é o saldo do cartão", True),
     ("do you sell gift cards?", False), ("禮品卡有冇限期", False), ("vendem cartões-presente?", False)],
)  # fmt: skip
def test_a_balance_is_told_from_gift_cards_in_general(text: str, asks: bool) -> None:
    assert asks_balance(text) is asks


@pytest.mark.parametrize(
    ("text", "code"),
    [("LANT-7Q2M-XK84", "LANT-7Q2M-XK84"), ("code: lant 7q2m xk84 thanks", "lant 7q2m xk84"), ("LANT7Q2MXK84", "LANT7Q2MXK84"),
     ("I have no code", None), ("some long words here", None)],
)  # fmt: skip
def test_a_gift_card_code_is_found_in_a_sentence(text: str, code: str | None) -> None:
    found = CODE.search(text)
    assert (found[0] if found else None) == code


@pytest.mark.parametrize(
    ("text", "named", "skus", "certain"),
    [
        ("how much is the 300 ml teapot", "teapot", ["POT-300"], True),
        ("how much are your teapots", "teapots", ["POT-300", "POT-600", "POT-ENG"], True),
        ("an engraved teapot, how much", "teapot", ["POT-ENG"], True),
        ("刻字茶壶怎么卖", "茶壶", ["POT-ENG"], True),
        ("得唔得買普洱", "普洱", ["TEA-PUER"], True),
        ("there is one for me, is there?", "", [], True),
        ("do you have matcha", "matcha", [], False),
        ("a celadon teapot", "celadon teapot", ["CUP-SET"], False),
    ],
)
async def test_products_are_found_by_words_of_any_language(text: str, named: str, skus: list[str], certain: bool) -> None:
    shelf = await Talk().readers.shop.products()
    entities = (FoundEntity("product", named, named),) if named else ()
    found = find_products(shelf, UserSaid(text, "ask_product", "ask_product", 0.9, entities))
    assert [p.sku for p in found.products] == skus
    assert found.certain is certain


async def test_a_shop_without_a_catalogue_answers_from_the_knowledge_base() -> None:
    talk = Talk()
    talk.readers = replace(talk.readers, shop=replace(talk.readers.shop, shelf=()))
    reply = await talk.say(said("is the teapot in stock, or is it open only", "faq/stock", product="teapot"))
    assert "On public holidays" in text_of(reply)
