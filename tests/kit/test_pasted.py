"""What is pasted says nothing of what is wanted."""

from __future__ import annotations

import time

import pytest

from kit.pasted import without_pasted


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


@pytest.mark.parametrize("piece", ["a-", "1-", "a1", "@", "a@", "www.", "+1 ", "x.", "https://"])
def test_no_text_takes_long(piece: str) -> None:
    began = time.thread_time()
    without_pasted(piece * (2000 // len(piece)))
    assert time.thread_time() - began < 0.1
