"""What the bot has just asked for decides how a bare answer is read, and which of overlapping entities are kept."""

from __future__ import annotations

import pytest

from nlu.entities import EntityExtractor, EntitySettings
from nlu.entities.patterns import Vocabulary
from tests.nlu.entity_reading import NOW, Found, read

ANSWERS: list[tuple[str, str, str, tuple[str, str]]] = [
    ("5", "en", "quantity", ("quantity", "5")),
    ("yes two", "en", "quantity", ("quantity", "2")),
    ("just one please", "en", "quantity", ("quantity", "1")),
    ("2 boxes", "en", "quantity", ("quantity", "2 box")),
    ("兩個", "zh-Hant", "quantity", ("quantity", "2 piece")),
    ("一個", "zh-Hant", "quantity", ("quantity", "1 piece")),
    ("uma", "pt", "quantity", ("quantity", "1")),
    ("umas 3", "pt", "number", ("number", "3")),
    ("2 pieces", "en", "number", ("number", "2")),
    ("兩個", "zh-Hant", "number", ("number", "2")),
    ("三百零五件", "zh-Hant", "number", ("number", "305")),
    ("one", "en", "number", ("number", "1")),
    ("the 5th", "en", "date", ("date", "2026-12-05")),
    ("5", "en", "date", ("date", "2026-12-05")),
    ("the 21st please", "en", "date", ("date", "2026-11-21")),
    ("quinta", "pt", "date", ("date", "2026-11-19")),
    ("segunda", "pt", "date", ("date", "2026-11-23")),
    ("dia 5", "pt", "date", ("date", "2026-12-05")),
    ("25/12", "en", "date", ("date", "2026-12-25")),
    ("1/12", "en", "date", ("date", "2026-12-01")),
    ("friday", "en", "date", ("date", "2026-11-20")),
    ("聽日", "zh-Hant", "date", ("date", "2026-11-19")),
    ("拜三", "zh-Hant", "date", ("date", "2026-11-18")),
    ("25號", "zh-Hant", "date", ("date", "2026-11-25")),
    ("3", "en", "time", ("time", "15:00")),
    ("at three", "en", "time", ("time", "15:00")),
    ("一點", "zh-Hant", "time", ("time", "13:00")),
    ("afternoon", "en", "time", ("time", "12:00/18:00")),
    ("20", "en", "money", ("money", "20.00 MOP")),
    ("三百", "zh-Hant", "money", ("money", "300.00 MOP")),
    ("100234", "en", "order_number", ("order_number", "LC-100234")),
    ("it's 100 234", "en", "order_number", ("order_number", "LC-100234")),
    ("62123456", "en", "phone", ("phone", "+85362123456")),
    ("100053", "zh-Hans", "postcode", ("postcode", "100053")),
    ("1100-053", "pt", "postcode", ("postcode", "1100-053")),
    ("旺角彌敦道123號", "zh-Hant", "address", ("address", "旺角彌敦道123號")),
    ("Largo do Senado, Macau", "pt", "address", ("address", "Largo do Senado, Macau")),
    ("the second", "en", "ordinal", ("ordinal", "2")),
]


@pytest.mark.parametrize(("text", "language", "expected", "found"), ANSWERS)
def test_a_bare_answer_is_what_was_asked_for(text: str, language: str, expected: str, found: tuple[str, str]) -> None:
    assert found in read(text, language, expected=expected)


@pytest.mark.parametrize(
    ("text", "language", "unasked"),
    [
        ("5", "en", [("number", "5")]),
        ("20", "en", [("number", "20")]),
        ("100234", "en", [("number", "100234")]),
        ("one", "en", []),
        ("afternoon", "en", []),
        ("一個", "zh-Hant", []),
        ("一點", "zh-Hant", []),
        ("uma", "pt", []),
    ],
)
def test_unasked_a_bare_answer_stays_what_it_is(text: str, language: str, unasked: Found) -> None:
    assert read(text, language) == unasked


@pytest.mark.parametrize("expected", ["number", "quantity"])
def test_a_span_is_number_and_quantity_only_when_either_was_asked_for(expected: str) -> None:
    assert {name for name, _ in read("5", expected=expected)} == ({"number", "quantity"} if expected == "quantity" else {"number"})
    assert read("5 cups", expected=None) == [("quantity", "5 cup")]


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("LC-100234 of 5 November", "quantity", [("order_number", "LC-100234"), ("date", "2026-11-05")]),
        ("ana5@shop.mo", "quantity", [("email", "ana5@shop.mo")]),
        ("tomorrow", "quantity", [("date", "2026-11-19")]),
        ("+853 6612 3456", "order_number", [("phone", "+85366123456")]),
        ("in 3 days", None, [("date", "2026-11-21")]),
        ("3 days", None, [("duration", "P3D")]),
        ("https://shop.mo/2026-11-30/3pm", "date", [("url", "https://shop.mo/2026-11-30/3pm")]),
        ("$20.12", "date", [("money", "20.12 MOP")]),
    ],
)
def test_the_longer_and_more_certain_wins(text: str, expected: str | None, found: Found) -> None:
    assert [one for one in read(text, expected=expected) if one[0] != "number"] == [one for one in found if one[0] != "number"]


def test_a_word_of_the_shops_tables_that_holds_a_date_wins_over_it() -> None:
    extractor = EntityExtractor(Vocabulary({"product": ("monday blend",)}, (), {}))
    assert [(e.name, e.text) for e in extractor.extract("two Monday Blend", language="en", now=NOW)] == [
        ("number", "two"),
        ("product", "Monday Blend"),
    ]


def test_a_word_of_the_shops_tables_is_no_unit() -> None:
    extractor = EntityExtractor(Vocabulary({"product": ("mug", "mugs", "cups", "600ml teapot")}, (), {}))

    def found(text: str) -> list[tuple[str, str]]:
        return [(e.name, e.text) for e in extractor.extract(text, language="en", now=NOW)]

    assert found("200 mugs or 3 cups") == [("number", "200"), ("product", "mugs"), ("number", "3"), ("product", "cups")]
    assert found("a 600ml teapot of 1l") == [("product", "600ml teapot"), ("quantity", "1l")]


def test_the_moment_is_turned_to_the_shops_time_zone() -> None:
    from datetime import UTC, datetime

    late = datetime(2026, 11, 18, 20, tzinfo=UTC)  # already the 19th in Macau
    extractor = EntityExtractor(Vocabulary({}, (), {}), EntitySettings())
    assert extractor.extract("today", language="en", now=late)[0].value == "2026-11-19"
    lisbon = EntityExtractor(Vocabulary({}, (), {}), EntitySettings(zone="Europe/Lisbon"))
    assert lisbon.extract("hoje", language="pt", now=late)[0].value == "2026-11-18"


def test_an_hour_without_morning_or_evening_is_when_shops_are_open() -> None:
    assert read("at 3") == [("time", "15:00")]
    assert read("at 3", settings=EntitySettings(first_hour=1)) == [("time", "03:00")]
