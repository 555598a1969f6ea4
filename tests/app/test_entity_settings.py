from __future__ import annotations

import pytest

from app.entity_settings import read_entity_settings
from kit.errors import InvalidInputError
from nlu.entities.settings import EntitySettings


def test_without_a_word_the_sample_shop_is_meant() -> None:
    assert read_entity_settings({}) == EntitySettings()


def test_another_shop_has_its_own_numbers_money_and_time() -> None:
    found = read_entity_settings(
        {
            "BATON_ORDER_PREFIX": "AB",
            "BATON_ORDER_DIGITS": "8",
            "BATON_ORDER_PATTERNS": r"X\d{3} Y\d{4}",
            "BATON_PHONE_REGIONS": "br, pt",
            "BATON_CURRENCY": "brl",
            "BATON_TIME_ZONE": "America/Sao_Paulo",
            "BATON_MONTH_FIRST": "yes",
        }
    )
    assert (found.order_prefix, found.order_digits, found.order_patterns) == ("AB", 8, (r"X\d{3}", r"Y\d{4}"))
    assert (found.regions, found.currency, found.zone, found.month_first) == (("BR", "PT"), "BRL", "America/Sao_Paulo", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("BATON_ORDER_DIGITS", "six"), ("BATON_CURRENCY", "money"), ("BATON_TIME_ZONE", "Mars/One"), ("BATON_ORDER_PATTERNS", "(")],
)
def test_a_wrong_value_is_said(name: str, value: str) -> None:
    with pytest.raises(InvalidInputError):
        read_entity_settings({name: value})
