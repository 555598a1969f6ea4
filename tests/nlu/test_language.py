"""Which language a text is in."""

from __future__ import annotations

import pytest

from nlu.language import identify, train_latin

MODEL = train_latin(["where is my parcel", "refund please", "opening hours"], ["onde está a encomenda", "fatura", "horário da loja"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is your return policy?", "en"),
        ("退貨要點做？", "zh-Hant"),
        ("退货怎么办", "zh-Hans"),
        ("check 我張 order", "zh-Hant"),
        ("queria devolver um bule", "pt"),
        ("não", "pt"),
        ("yes", "en"),
        ("fatura", "pt"),
    ],
)
def test_a_telling_text_is_identified(text: str, language: str) -> None:
    found = identify(text, model=MODEL)
    assert (found.language, found.sure) == (language, True)


@pytest.mark.parametrize("text", ["LC-100234", "ok", "😀", "", "123", "a.b@example.com"])
def test_a_text_that_does_not_tell_keeps_the_previous_language(text: str) -> None:
    assert identify(text, previous="pt", model=MODEL).language == "pt"
    assert identify(text, previous="zh-Hant", model=MODEL).language == "zh-Hant"


def test_characters_of_both_scripts_take_the_hint() -> None:
    assert identify("你好", previous="zh-Hans").language == "zh-Hans"
    assert identify("你好", previous="en").language == "zh-Hant"


def test_characters_that_traditional_texts_use_too_are_no_sign_of_simplified() -> None:
    assert identify("皇后大道", previous="zh-Hant").language == "zh-Hant"


def test_cantonese_wording_is_flagged_and_mandarin_is_not() -> None:
    assert identify("我嘅包裹喺邊度").cantonese
    assert not identify("我的包裹在哪裡").cantonese
