"""E-mail addresses and phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from nlu.entities.candidates import Asked, Candidate, candidate

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}"
    r"(?![A-Za-z0-9-])"
)
_DIGITS = re.compile(r"(?<![A-Za-z0-9#])(?:\+|00)?\(?[0-9][0-9 ()./-]{4,22}[0-9](?![0-9A-Za-z])")
_DATE_LIKE = re.compile(r"^(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4})$")


def find_emails(asked: Asked) -> Iterator[Candidate]:
    """Value in lower case."""
    for match in _EMAIL.finditer(asked.text):
        yield candidate(asked, "email", match.span(), match.group().lower(), priority=98)


def find_phones(asked: Asked) -> Iterator[Candidate]:
    """Numbers that phonenumbers takes as valid, in E.164, in the first of the shop's regions that fits."""
    for match in _DIGITS.finditer(asked.text):
        if _DATE_LIKE.match(match.group()):
            continue
        number = _parse(match.group(), asked.settings.regions)
        if number is not None:
            certain = match.group().startswith(("+", "00")) or asked.expected == "phone"
            yield candidate(asked, "phone", match.span(), number, priority=85, confidence=1.0 if certain else 0.8)


def _parse(text: str, regions: tuple[str, ...]) -> str | None:
    international = "+" + text[2:] if text.startswith("00") else text
    for region in (None,) if international.startswith("+") else regions:
        try:
            number = phonenumbers.parse(international, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
