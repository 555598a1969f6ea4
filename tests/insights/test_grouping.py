"""Which sentences count as the same."""

from __future__ import annotations

import pytest

from insights.grouping import is_near, sentence_key


def same(one: str, other: str) -> bool:
    return is_near(sentence_key(one), sentence_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can you engrave a teapot?", "can you engrave a teapot"),
        ("Hello, can you engrave a teapot please", "can you engrave a teapot"),
        ("can you engrave a teapot", "can you engrave a teapott"),
        ("can you engrve a teapot", "can you engrave a teapt"),
        ("pleeease help", "pleease help"),
        ("olá, fazem oficinas?", "fazem oficinas"),
        ("請問你們有茶道課程嗎？", "你們有茶道課程呀"),
    ],
)
def test_politeness_punctuation_and_typing_errors_do_not_count(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("can i pay with visa", "can i pay with pix"),
        ("cancel my order", "change my order"),
        ("i want to return it", "i dont want to return it"),
        ("open on 12 may", "open on 13 may"),
        ("我有訂單", "我冇訂單"),
        ("buy now", "but now"),
    ],
)
def test_other_words_are_other_sentences(one: str, other: str) -> None:
    assert not same(one, other)


def test_a_text_of_fillers_keeps_its_words() -> None:
    assert sentence_key("Hello, thanks!") == "hello thanks"
    assert sentence_key("你好") == "你好"
