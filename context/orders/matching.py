"""Comparing what people type with what the shop stores: order numbers, e-mails, telephone numbers. Pure."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

REGIONS = ("MO", "HK", "CN", "PT")  # where a number without a country code may belong
TAIL = 8  # equal last digits that are enough: a Macau or Hong Kong number without its country code
MAX_NUMBER = 40
_DASHES = re.compile(r"[\s_#‐-―−ー－-]+")
_INTERNATIONAL = re.compile(r"^\(?00[\s().\-/]*(?=[1-9])")
_LETTERS_DIGITS = re.compile(r"([A-Z]+)(\d+)")


def normalise_number(text: str) -> str:
    """An order number in one form: `lc 100234`, `LC100234` and full-width ＬＣ－１００２３４ become `LC-100234`.

    Anything else comes back in capitals with single dashes, at most 40 characters.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip("-").upper()
    found = _LETTERS_DIGITS.fullmatch(plain.replace("-", ""))
    return (f"{found[1]}-{found[2]}" if found else plain)[:MAX_NUMBER]


def normalise_email(text: str) -> str:
    """An e-mail address folded for comparing and storing."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def plain_phone(text: str) -> str:
    """A number as typed, in plain digits: full-width and Arabic ones become 0 to 9, and 00 before a country code becomes +."""
    digits = "".join(str(unicodedata.decimal(c, c)) for c in unicodedata.normalize("NFKC", text)).strip()
    return _INTERNATIONAL.sub("+", digits, count=1)


def phone_forms(text: str) -> frozenset[str]:
    """Every E.164 form that `text` can mean, trying each of REGIONS for a number without country code; empty when it is none."""
    plain = plain_phone(text)
    forms = set()
    for region in REGIONS:
        try:
            number = phonenumbers.parse(plain, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            forms.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return frozenset(forms)


def normalise_phone(text: str, *, region: str = REGIONS[0]) -> str | None:
    """A telephone number in E.164; None when it is none in `region`, a two-letter country code for numbers that name no country."""
    try:
        number = phonenumbers.parse(plain_phone(text), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def same_phone(one: str, other: str) -> bool:
    """Whether two numbers can be the same: a common E.164 form, or the last 8 digits equal."""
    first, second = (re.sub(r"\D", "", plain_phone(text)) for text in (one, other))
    if len(first) >= TAIL and len(second) >= TAIL and first[-TAIL:] == second[-TAIL:]:
        return True
    return bool(phone_forms(one) & phone_forms(other))


def proof_fits(proof: str, *, email: str, phone: str | None) -> bool:
    """Whether `proof` is the e-mail or the telephone number of an order."""
    if "@" in unicodedata.normalize("NFKC", proof):
        return normalise_email(proof) == normalise_email(email)
    return phone is not None and same_phone(proof, phone)
