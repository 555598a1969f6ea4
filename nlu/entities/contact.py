"""E-mail addresses and phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from nlu.entities.candidates import Asked, Candidate, candidate

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}"
    r"(?![A-Za-z0-9-])"
)
_DIGITS = re.compile(r"(?<![A-Za-z0-9#])(?:\(?\+ ?|00)?\(?[0-9][0-9 ()./-]{4,22}[0-9](?![0-9A-Za-z%])")
_DATE_LIKE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{2}|[0-9]{4})(?![0-9])")
_NO_PHONE_BEFORE = re.compile(
    r"\b(?:order|tracking|invoice|reference|ref|parcel|pedido|encomenda|fatura|factura|rastreio|sku|iban|account)"
    r"(?: (?:number|no|nr|n|code|numero|id))?[.:º#]{0,2} (?:is |e )?$|[單单編编][號号]?[:是係 ]{0,2}$"
)
_LONGEST = 15  # digits, ITU-T E.164
_WINDOW = 28


def find_emails(asked: Asked) -> Iterator[Candidate]:
    """Value in lower case."""
    if "@" not in asked.text:
        return
    for match in _EMAIL.finditer(asked.text):
        yield candidate(asked, "email", match.span(), match.group().lower(), priority=98)


def find_phones(asked: Asked) -> Iterator[Candidate]:
    """Numbers that phonenumbers takes as valid, in E.164, in the first of the shop's regions that fits."""
    if not asked.digits:
        return
    for match in _DIGITS.finditer(asked.text):
        text = match.group()
        certain = text.lstrip("(").startswith(("+", "00")) or asked.expected == "phone"
        if not certain and (_DATE_LIKE.match(text) or _NO_PHONE_BEFORE.search(asked.low, max(0, match.start() - _WINDOW), match.start())):
            continue
        number = _parse(text, asked.settings.regions) if 6 <= sum(c.isdigit() for c in text) <= _LONGEST + 2 else None
        if number is not None:
            start = match.start() + (text[0] == "(" and ")" not in text)
            yield candidate(
                asked, "phone", (start, match.end()), number, priority=86 if certain else 82, confidence=1.0 if certain else 0.8
            )


@lru_cache(maxsize=1024)
def _parse(text: str, regions: tuple[str, ...]) -> str | None:
    plain = text.lstrip("(")
    international = "+" + plain[2:] if plain.startswith("00") else plain
    for region in (None,) if international.startswith("+") else regions:
        try:
            number = phonenumbers.parse(international, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and (region != "CN" or _chinese(plain)):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _chinese(text: str) -> bool:
    """Mobile numbers, and others with the zero of their area: without it far too many numbers would be one."""
    digits = "".join(c for c in text if c.isdigit())
    return digits.startswith(("0", "400", "800")) or (digits[0] == "1" and len(digits) == 11)
