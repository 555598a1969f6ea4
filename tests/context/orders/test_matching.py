"""Order numbers, e-mails and phones as people type them."""

from __future__ import annotations

import pytest

from context.orders.matching import normalise_number, normalise_phone, phone_forms, proof_fits, same_phone


@pytest.mark.parametrize("said", ["LC-100234", "LC100234", "lc-100234", " lc 100 234 ", "ＬＣ－１００２３４", "LC–100234", "#lc_100234"])
def test_every_written_form_of_a_number_is_one(said: str) -> None:
    assert normalise_number(said) == "LC-100234"


def test_what_is_no_order_number_stays_harmless() -> None:
    assert normalise_number(" - ") == ""
    assert normalise_number("訂單 12") == "訂單-12"
    assert len(normalise_number("x" * 500)) == 40


@pytest.mark.parametrize("said", ["66000001", "+853 6600 0001", "853 6600-0001", "００８５３６６０００００１", "６６０００００１"])
def test_a_macau_phone_fits_with_and_without_country_code(said: str) -> None:
    assert same_phone(said, "+85366000001")


@pytest.mark.parametrize("said", ["66000002", "0001", "", "phone", "6600000"])
def test_another_or_a_partial_phone_does_not_fit(said: str) -> None:
    assert not same_phone(said, "+85366000001")


def test_a_portuguese_phone_fits_without_country_code() -> None:
    assert same_phone("910 000 105", "+351910000105")
    assert "+351910000105" in phone_forms("910000105")


def test_a_phone_is_stored_in_e164_of_its_country() -> None:
    assert normalise_phone("910 000 105", region="PT") == "+351910000105"
    assert normalise_phone("call me") is None


def test_an_email_proof_is_case_folded_and_never_taken_for_a_phone() -> None:
    assert proof_fits(" Ana.Demo@Example.COM ", email="ana.demo@example.com", phone=None)
    assert not proof_fits("66000001@example.com", email="ana.demo@example.com", phone="+85366000001")
    assert not proof_fits("66000001", email="ana.demo@example.com", phone=None)
