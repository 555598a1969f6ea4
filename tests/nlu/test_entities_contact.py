"""Order numbers, mail addresses, phone numbers and web addresses, with what stands around them."""

from __future__ import annotations

import pytest

from nlu.entities import EntitySettings
from nlu.entities.settings import EntitySettingError
from tests.nlu.entity_reading import Found, read

CASES: list[tuple[str, Found]] = [
    ("my mail is a@b.co.", [("email", "a@b.co")]),
    ("ana@shop.com.mo, thanks", [("email", "ana@shop.com.mo")]),
    ("<Ana.Silva+tea@Example.PT>", [("email", "ana.silva+tea@example.pt")]),
    ("電郵係ana@example.com多謝", [("email", "ana@example.com")]),
    ("ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", [("email", "ana@example.com")]),
    ("two: a@b.mo;c@d.mo", [("number", "2"), ("email", "a@b.mo"), ("email", "c@d.mo")]),
    ("a@b is no address", []),
    ("+853 6612 3456", [("phone", "+85366123456")]),
    ("(853) 6612 3456", [("phone", "+85366123456")]),
    ("(+853) 66123456.", [("phone", "+85366123456")]),
    ("tel:+351-912-345-678", [("phone", "+351912345678")]),
    ("00 351 912 345 678", [("phone", "+351912345678")]),
    ("ring ６６１２ ３４５６!", [("phone", "+85366123456")]),
    ("+55 11 91234-5678", [("phone", "+5511912345678")]),
    ("+44 20 7946 0958", [("phone", "+442079460958")]),
    ("打９１２３４５６７搵我", [("phone", "+85291234567")]),
    ("order 66123456", [("number", "66123456")]),
    ("LC-661234 or 6612 3456", [("order_number", "LC-661234"), ("phone", "+85366123456")]),
    ("#100234, please", [("order_number", "LC-100234")]),
    ("訂單lc１００２３４。", [("order_number", "LC-100234")]),
    ("https://baton.example/track?id=1&x=2).", [("url", "https://baton.example/track?id=1&x=2")]),
    ("see www.Shop.mo/Track, ok", [("url", "https://www.shop.mo/Track")]),
    ("shop.com.mo is down", [("url", "https://shop.com.mo")]),
    ("(http://a.example/b_(c))", [("url", "http://a.example/b_(c)")]),
    ("睇https://a.example/b，唔得", [("url", "https://a.example/b")]),
    ("HTTPS://SHOP.MO/A", [("url", "https://shop.mo/A")]),
    ("ref 1-2990176298", [("number", "1"), ("number", "2990176298")]),
    ("99.99999999% sure", [("percentage", "99.99999999")]),
    ("thanks.see you", []),
    ("end.No more", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_contact_details_are_read_whatever_stands_around_them(text: str, found: Found) -> None:
    assert read(text) == found


def test_a_shop_may_have_more_forms_of_order_numbers() -> None:
    settings = EntitySettings(order_patterns=(r"W[0-9]{4}[A-Z]", r"[0-9]{4}/[0-9]{2}"))
    assert read("w1234b and 2026/07", settings=settings) == [("order_number", "W1234B"), ("order_number", "2026/07")]
    assert read("LC-100234", settings=settings) == [("order_number", "LC-100234")]


def test_a_shop_may_have_plain_figures_as_order_numbers() -> None:
    settings = EntitySettings(order_prefix="", order_digits=8)
    assert read("66123456", settings=settings, expected="order_number") == [("order_number", "66123456")]
    assert read("#66123456", settings=settings) == [("order_number", "66123456")]
    assert ("order_number", "66123456") not in read("66123456", settings=settings)


@pytest.mark.parametrize(
    "settings", [{"zone": "Moon/Base"}, {"zone": "../etc"}, {"currency": "euro"}, {"order_patterns": ("(",)}, {"currency": ""}]
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(EntitySettingError):
        EntitySettings(**settings)  # type: ignore[arg-type]
