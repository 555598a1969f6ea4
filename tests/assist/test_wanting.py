"""Which turns of customers want an answer: what reads like a question, and what was learned from sayings of any trade."""

from __future__ import annotations

import numpy as np
import pytest

from assist.asked import asks
from assist.told import IDLE, PERSON, STAFF, WANTING
from assist.wanting import SIGNS, Wanting, signs_of, wanting_of
from nlu.encoders.fake import HashingEncoder

ENCODER = HashingEncoder()
QUESTIONS = [
    "Is there parking",
    "what time do you open",
    "ok great, and when does it close",
    "can I bring a dog?",
    "tem estacionamento",
    "e quanto custa",
    "可以退貨嗎",
    "什么时候到",
    "點樣寄返俾你哋",
    "I was wondering about pets",
]
STATEMENTS = ["thank you", "book two rooms for friday", "yes please", "obrigado", "謝謝", "my name is Ann", "", "🙂"]


@pytest.mark.parametrize("text", QUESTIONS)
def test_questions_ask(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements_do_not_ask(text: str) -> None:
    assert not asks(text)


def signs(text: str, before: str) -> set[str]:
    return {name for name, value in zip(SIGNS, signs_of(text, before), strict=True) if value}


def test_what_the_agent_asked_for_is_answered_and_an_offer_of_help_is_not() -> None:
    assert "answers" in signs("Harbour Demo Ltd", "What is the name of the company?")
    assert "answers" in signs("示範馬路 9 號", "請提供地址。")
    assert "answers" not in signs("the lid came cracked", "How can I help you?")
    assert "answers" not in signs("the lid came cracked", "")
    assert signs("how long would that take", "Would you like the refund?") == {"asks", "asked back"}


def test_a_number_or_an_address_alone_is_a_datum() -> None:
    assert "only a datum" in signs("LC-000000", "")
    assert "only a datum" in signs("someone@example.org", "")
    assert "only a datum" not in signs("the 3 cups that I got are all broken in two", "")


def test_thanks_and_answers_want_nothing_and_questions_do() -> None:
    wanting = wanting_of(ENCODER)

    def chance(text: str, before: str = "") -> float:
        return wanting.chance(text, ENCODER.encode([text])[0], before=before)

    assert chance("thanks for your help") < 0.5
    assert chance("where do I find the opening hours?") > 0.5
    assert chance("Sample Street 3", "What is the address?") < 0.5
    assert wanting_of(ENCODER) is wanting


def test_odd_texts_have_a_chance_too() -> None:
    wanting = Wanting(ENCODER)
    for text in ("", " ", "😀" * 200, "a" * 10_000, "\x00"):
        assert 0 <= wanting.chance(text, ENCODER.encode([text])[0], before=text) <= 1


def test_every_language_has_both_kinds_of_sayings() -> None:
    assert IDLE.keys() == WANTING.keys() == PERSON.keys() == STAFF.keys() == {"en", "pt", "zh"}
    for language in IDLE:
        idle, wanting = (set(kind[language]) for kind in (IDLE, WANTING))
        assert min(len(idle), len(wanting)) > 50
        assert not idle & wanting
        assert any(before for before, _ in idle)
        assert any(before for before, _ in wanting)
    assert np.isfinite(signs_of("", "")).all()


@pytest.mark.parametrize(
    ("said", "matter"),
    [
        ("The lid of my jar is cracked, I want to talk to a human being", "The lid of my jar is cracked"),
        ("get me a human! my voucher is refused", "my voucher is refused"),
        (
            "One. Two. Three. Four. The lid is cracked. I want to talk to a human being. Five?",
            "One. Two. Three. Four. The lid is cracked. Five?",
        ),
        ("Your agent was rude to me, what now?", "Your agent was rude to me, what now?"),
        ("a conta está errada, quero falar com um humano", "a conta está errada"),
        ("我的杯子碎了，我要真人", "我的杯子碎了"),
        ("I want to talk to a person", "I want to talk to a person"),
        ("Who answers questions about wholesale? and is there a minimum", "Who answers questions about wholesale? and is there a minimum"),
        ("", ""),
    ],
)
def test_what_asks_for_a_person_is_not_what_the_turn_is_about(said: str, matter: str) -> None:
    assert wanting_of(ENCODER).matter(said) == matter
