"""What is set of a generator, and what is refused."""

from __future__ import annotations

import pytest

from app.settings import SettingError, read_settings

URL = {"BATON_GENERATOR_URL": "https://models.example/v1/", "BATON_GENERATOR_MODEL": "small"}


def test_there_is_no_generator_unless_one_is_named() -> None:
    assert read_settings({}).generator is None
    assert read_settings({"BATON_GENERATOR_MODEL": "small", "BATON_GENERATOR_KEY": "k"}).generator is None


def test_an_address_and_a_model_are_enough() -> None:
    found = read_settings(URL).generator
    assert found is not None
    assert (found.url, found.model, found.seconds, found.cost_per_day) == ("https://models.example/v1", "small", 6.0, None)


def test_the_whole_address_is_understood_too() -> None:
    found = read_settings(URL | {"BATON_GENERATOR_URL": "http://127.0.0.1:8080/v1/chat/completions"}).generator
    assert found is not None
    assert found.url == "http://127.0.0.1:8080/v1"


def test_costs_are_reckoned_from_prices_for_a_million_tokens_and_rounded_up() -> None:
    more = {"BATON_GENERATOR_PRICE_IN": "0.15", "BATON_GENERATOR_PRICE_OUT": "0.6", "BATON_GENERATOR_COST_PER_DAY": "2.5"}
    found = read_settings(URL | more).generator
    assert found is not None
    assert (found.cost(1_000_000, 1_000_000), found.cost(1, 0), found.cost_per_day) == (750_000, 1, 2.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BATON_GENERATOR_URL", "models.example"),
        ("BATON_GENERATOR_URL", "file:///etc/passwd"),
        ("BATON_GENERATOR_MODEL", ""),
        ("BATON_GENERATOR_SECONDS", "0"),
        ("BATON_GENERATOR_SECONDS", "600"),
        ("BATON_GENERATOR_SECONDS", "soon"),
        ("BATON_GENERATOR_SECONDS", "nan"),
        ("BATON_GENERATOR_TOKENS_PER_DAY", "-1"),
        ("BATON_GENERATOR_PRICE_IN", "inf"),
        ("BATON_GENERATOR_COST_PER_DAY", "5"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read_settings(URL | {name: value})
