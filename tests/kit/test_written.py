"""What is pasted says nothing of what is wanted, and capitals neither."""

from __future__ import annotations

import time

import pytest

from kit.written import plainly, unshouted, without_pasted


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("is it in stock? https://shop.example/p/moon-teapot?utm_source=chat&id=9f", "is it in stock?"),
        ("有貨嗎https://shop.example/p/moon-teapot", "有貨嗎"),
        ("see www.shop.example/p/9, I would like two", "see , I would like two"),
        ("change my address, ana@customer.example", "change my address,"),
        ("where is my parcel RR123456789HK", "where is my parcel"),
        ("the payment 4a771e64a7d84a14a2c6fe3e66eb87d3 failed twice", "the payment failed twice"),
        ("call me on +853 6123 4567 please", "call me on please"),
        ("LC-100234 ana@customer.example", "LC-100234"),
    ],
)
def test_what_is_pasted_says_nothing_of_what_is_wanted(text: str, rest: str) -> None:
    assert without_pasted(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/p/moon-teapot",
        "it is ana@customer.example",
        "呢個 RR123456789HK",
        "LC-100234",
        "2 of the 1000 ml jug by 2026-11-23",
        "",
    ],
)
def test_what_is_all_that_is_said_and_short_numbers_stay(text: str) -> None:
    assert without_pasted(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("WHERE IS MY ORDER LC-100234", "where is my order LC-100234"),
        ("QUAL É O HORÁRIO?!", "qual é o horário?!"),
        ("I WANT TO RETURN IT now", "i want to return it now"),
        ("IBAN", "IBAN"),
        ("Do you take VISA or JCB", "Do you take VISA or JCB"),
        ("我想退貨 ASAP", "我想退貨 ASAP"),
        ("LC-100234", "LC-100234"),
        ("12 34", "12 34"),
    ],
)
def test_a_text_in_capitals_is_read_in_small_letters(text: str, rest: str) -> None:
    assert unshouted(text) == rest


def test_both_together() -> None:
    assert plainly("WHERE IS IT https://shop.example/p/1?id=42") == "where is it"


@pytest.mark.parametrize("piece", ["a-", "1-", "a1", "@", "a@", "www.", "+1 ", "x.", "https://"])
def test_no_text_takes_long(piece: str) -> None:
    began = time.thread_time()
    without_pasted(piece * (2000 // len(piece)))
    assert time.thread_time() - began < 0.1
