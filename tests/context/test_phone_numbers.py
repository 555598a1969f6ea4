"""Telephone numbers as people of other countries write them, at each place where one is typed: one form, or a refusal."""

from __future__ import annotations

import pytest

from context.callbacks import AddressError, parse_address
from context.identity.identifiers import IdentifierError, parse_identifier
from context.orders.matching import normalise_phone, phone_forms, same_phone

PORTO, MACAU = "+351912345678", "+85366000001"
WAYS = (
    "+351 912 345 678", "00351 912 345 678", "00 351 912-345-678", "+351 (912) 345.678", "＋３５１　９１２３４５６７８",
    "００３５１９１２３４５６７８",
    "٠٠٣٥١٩١٢٣٤٥٦٧٨", "+٣٥١ ٩١٢ ٣٤٥ ٦٧٨",
)  # fmt: skip
NONE = ("", "+", "00", "phone", "+351", "12", "+351 912 345 678 901 234 567", "0000000000", "+999 123", "９１２ＡＢＣ", "١٢")


@pytest.mark.parametrize("said", WAYS)
def test_a_number_with_its_country_code_has_one_form_however_it_is_written(said: str) -> None:
    assert normalise_phone(said) == PORTO
    assert parse_identifier("phone", said).value == PORTO
    assert PORTO in phone_forms(said)
    assert same_phone(said, PORTO)
    assert parse_address(said) == ("phone", PORTO)


@pytest.mark.parametrize(
    ("said", "region", "form"),
    [
        ("912 345 678", "PT", PORTO), ("6600 0001", "MO", MACAU), ("６６００ ０００１", "MO", MACAU), ("٦٦٠٠٠٠٠١", "MO", MACAU),
        ("07911 123456", "GB", "+447911123456"), ("(415) 555-2671", "US", "+14155552671"), ("011 44 7911 123456", "US", "+447911123456"),
        ("00 853 6600 0001", "HK", MACAU), ("0171 1234567", "DE", "+491711234567"),
    ],
)  # fmt: skip
def test_a_number_without_its_country_code_belongs_to_the_region_of_the_account(said: str, region: str, form: str) -> None:
    assert normalise_phone(said, region=region) == form
    assert parse_identifier("phone", said, region=region).value == form


@pytest.mark.parametrize("said", NONE)
def test_what_is_no_number_is_refused_with_what_to_write(said: str) -> None:
    assert normalise_phone(said) is None
    assert not same_phone(said, PORTO)
    with pytest.raises(IdentifierError):
        parse_identifier("phone", said)


@pytest.mark.parametrize("said", ["", "+", "00", "phone", "12", "٠", "+351 912 345 678 901 234 567"])
def test_a_call_back_needs_a_number_that_can_be_dialled(said: str) -> None:
    with pytest.raises(AddressError, match="neither an e-mail address nor") as refused:
        parse_address(said)
    assert "+351 912 345 678" in str(refused.value.hint)
