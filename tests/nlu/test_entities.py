"""Typed extractors, tables and the settling of overlaps."""

from __future__ import annotations

from datetime import datetime

import pytest

from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary
from nlu.types import Entity

NOW = datetime(2026, 11, 18, 12)  # noqa: DTZ001
WORDS = {"product": ("pu'er tea", "tea", "茶壺", "chá")}
EXTRACTOR = EntityExtractor(Vocabulary(WORDS, (("coupon", r"SAVE\d{2}"),), {"普洱": "pu'er tea", "brick tea": "pu'er tea"}))


def extract(text: str, language: str = "en", expected: str | None = None) -> list[tuple[str, str]]:
    found = EXTRACTOR.extract(text, language=language, now=NOW, expected=expected)
    return [(e.name, e.value) for e in found]


@pytest.mark.parametrize("text", ["LC-100234", "lc 100234", "LC100234", "ＬＣ－１００２３４", "#100234", "lc - 100 234", "no.LC.100234!"])
def test_order_numbers_are_read_in_every_form(text: str) -> None:
    assert extract(text) == [("order_number", "LC-100234")]


def test_bare_digits_are_an_order_number_only_when_one_was_asked_for() -> None:
    assert extract("100234", expected="order_number") == [("order_number", "LC-100234")]
    assert ("order_number", "LC-100234") not in extract("100234")


@pytest.mark.parametrize("text", ["LC-1002345", "LC-10023", "XLC-100234"])
def test_too_long_or_short_numbers_are_no_order_number(text: str) -> None:
    assert "order_number" not in [name for name, _ in extract(text, expected=None)]


def test_another_shop_has_other_order_numbers() -> None:
    extractor = EntityExtractor(Vocabulary({}, (), {}), EntitySettings(order_prefix="AB", order_digits=4))
    found = extractor.extract("ab 1234 LC-100234", language="en", now=NOW)
    assert [(e.name, e.value) for e in found if e.name == "order_number"] == [("order_number", "AB-1234")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6612 3456", "+85366123456"),
        ("+351 912 345 678", "+351912345678"),
        ("電話62123456", "+85362123456"),
        ("13812345678", "+8613812345678"),
    ],
)
def test_phone_numbers_get_their_international_form(text: str, value: str) -> None:
    assert ("phone", value) in extract(text)


def test_an_order_number_is_no_phone_number() -> None:
    assert extract("LC-661234 please") == [("order_number", "LC-661234")]


def test_mail_addresses_are_lower_cased_and_hide_what_is_inside() -> None:
    assert extract("write to Ana.Silva66123456@Example.COM.") == [("email", "ana.silva66123456@example.com")]


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("tomorrow", "en", "2026-11-19"),
        ("next Tuesday", "en", "2026-11-24"),
        ("friday", "en", "2026-11-20"),
        ("last friday", "en", "2026-11-13"),
        ("3 days ago", "en", "2026-11-15"),
        ("in two weeks", "en", "2026-12-02"),
        ("5 March 2027", "en", "2027-03-05"),
        ("25/12/2026", "en", "2026-12-25"),
        ("2026-12-25", "en", "2026-12-25"),
        ("下星期二", "zh-Hant", "2026-11-24"),
        ("聽日", "zh-Hant", "2026-11-19"),
        ("后天", "zh-Hans", "2026-11-20"),
        ("12月25日", "zh-Hans", "2026-12-25"),
        ("十二月廿五號", "zh-Hant", "2026-12-25"),
        ("三日後", "zh-Hant", "2026-11-21"),
        ("amanhã à tarde", "pt", "2026-11-19T12:00/2026-11-19T18:00"),
        ("depois de amanhã", "pt", "2026-11-20"),
        ("sexta-feira", "pt", "2026-11-20"),
        ("há 3 dias", "pt", "2026-11-15"),
        ("25 de dezembro", "pt", "2026-12-25"),
    ],
)
def test_dates_are_resolved_from_now(text: str, language: str, day: str) -> None:
    assert ("date", day) in extract(text, language)


def test_an_impossible_date_is_none() -> None:
    assert not [e for e in extract("31/02/2026") if e[0] == "date"]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1,299.50", "en", "1299.5"),
        ("1.299,50", "pt", "1299.5"),
        ("twelve", "en", "12"),
        ("三百零五", "zh-Hant", "305"),
    ],
)
def test_numbers_are_normalised(text: str, language: str, value: str) -> None:
    assert ("number", value) in extract(text, language)


def test_the_longest_lookup_word_wins_between_word_borders() -> None:
    assert extract("Pu’er  TEA or a steak") == [("product", "Pu’er  TEA")]
    assert extract("呢個茶壺", "zh-Hant") == [("product", "茶壺")]


def test_accents_may_be_left_out() -> None:
    assert extract("cha verde", "pt") == [("product", "cha")]


def test_synonyms_and_patterns_give_values() -> None:
    extractor = EntityExtractor(Vocabulary({"product": ("brick tea",)}, (("coupon", r"save\d{2}"),), {"brick tea": "pu'er tea"}))
    found = extractor.extract("Brick Tea with SAVE10", language="en", now=NOW)
    assert [(e.name, e.value, e.extractor) for e in found] == [("product", "pu'er tea", "lookup"), ("coupon", "SAVE10", "regex")]


def test_offsets_are_those_of_the_message() -> None:
    text = "號碼：ＬＣ－１００２３４ 唔該"
    entity: Entity = EXTRACTOR.extract(text, language="zh-Hant", now=NOW)[0]
    assert text[entity.start : entity.end] == entity.text == "ＬＣ－１００２３４"
