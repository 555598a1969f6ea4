"""Identifiers in one form, whatever way they are written."""

from __future__ import annotations

import pytest

from context.identity.identifiers import IdentifierError, parse_identifier, same_name


@pytest.mark.parametrize(
    ("said", "region", "value"),
    [
        ("6200 0000", "MO", "+85362000000"),
        ("+853 6200-0000", "HK", "+85362000000"),
        ("00853 6200 0000", "MO", "+85362000000"),
        ("＋８５３ ６２００ ００００", "MO", "+85362000000"),
        ("(11) 91234-5678", "BR", "+5511912345678"),
        ("+49 (0)171 1234567", "MO", "+491711234567"),
        ("0912 345 678", "TW", "+886912345678"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+351 912 345 678", "CN", "+351912345678"),
    ],
)
def test_a_telephone_number_of_any_country_has_one_form(said: str, region: str, value: str) -> None:
    assert parse_identifier("phone", said, region=region).value == value


@pytest.mark.parametrize("said", ["", "12", "call me", "+999 1234567890123456", "6200\x000000", "x" * 300])
def test_what_is_no_telephone_number_is_refused(said: str) -> None:
    with pytest.raises(IdentifierError):
        parse_identifier("phone", said)


@pytest.mark.parametrize(("said", "value"), [(" Ana@Example.COM ", "ana@example.com"), ("ａｎａ@example.com", "ana@example.com")])
def test_an_address_is_folded(said: str, value: str) -> None:
    assert parse_identifier("email", said).value == value


@pytest.mark.parametrize("said", ["ana", "@example.com", "ana@", "ana@localhost", "a b@example.com", "a@b@example.com"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(IdentifierError):
        parse_identifier("email", said)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(IdentifierError, match="no identifier 'passport'"):
        parse_identifier("passport", "1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana Reis", "Ana", True),
        ("Ana Reis", None, True),
        ("Reis, Ana", "Ana Silva", True),
        ("Ana Reis", "Rui Alves", False),
        ("陳大文", "陳小美", False),
    ],
)
def test_names_that_share_a_word_may_be_one_persons(one: str, other: str | None, same: bool) -> None:
    assert same_name(one, other) is same
