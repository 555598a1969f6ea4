"""Identifiers in one form each, so that the same one is known again. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from context.orders.matching import REGIONS, normalise_email, normalise_phone
from kit.errors import InvalidInputError

MAX_VALUE = 254


class Kind(StrEnum):
    """What a contact can be known by."""

    PHONE = "phone"
    EMAIL = "email"
    MEMBER = "member"
    DEVICE = "device"


class Method(StrEnum):
    """How an identifier was proven, or where a mere claim came from."""

    SIGNED = "signed"  # the shop's site signed it
    CODE = "code"  # a one-time code reached it
    CHANNEL = "channel"  # the provider of a channel vouches for it, as WhatsApp does for a number
    AGENT = "agent"  # a person confirmed it
    ORDER = "order"  # number and address of an order: proves that order, not the person
    TYPED = "typed"
    API = "api"
    CRM = "crm"


STRONG = frozenset({Method.SIGNED, Method.CODE, Method.CHANNEL, Method.AGENT})


class IdentifierError(InvalidInputError):
    """This cannot be what somebody is known by."""


@dataclass(frozen=True)
class Identifier:
    """One identifier in its one form: E.164, a folded e-mail address, or what the shop calls its member or device."""

    kind: Kind
    value: str


def parse_identifier(kind: str, said: str, *, region: str = REGIONS[0]) -> Identifier:
    """The identifier in its one form; `region` is where a telephone number without a country code belongs. Raises IdentifierError."""
    if kind not in set(Kind):
        raise IdentifierError(f"There is no identifier {kind!r}", hint=f"There are: {', '.join(Kind)}.")
    plain = unicodedata.normalize("NFKC", said).strip()
    if not plain or len(plain) > MAX_VALUE or any(unicodedata.category(c).startswith("C") for c in plain):
        raise IdentifierError(f"{kind} must have 1 to {MAX_VALUE} characters, without control characters")
    if kind == Kind.PHONE:
        return Identifier(Kind.PHONE, _phone(plain, region))
    if kind == Kind.EMAIL:
        return Identifier(Kind.EMAIL, _email(plain))
    return Identifier(Kind(kind), plain)


def _phone(plain: str, region: str) -> str:
    number = normalise_phone(plain, region=region)
    if number is None:
        raise IdentifierError("This is no telephone number", hint="Write it with its country code, such as +853 6200 0000.")
    return number


def _email(plain: str) -> str:
    address = normalise_email(plain)
    name, _, host = address.rpartition("@")
    if not name or "." not in host.strip(".") or any(c.isspace() for c in address) or "@" in name:
        raise IdentifierError("This is no e-mail address", hint="It looks like name@example.com.")
    return address


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names may be one person's: one is missing, or a word of the shorter stands in the other."""
    first, second = (set(unicodedata.normalize("NFKC", name or "").casefold().replace(".", " ").split()) for name in (one, other))
    if not first or not second:
        return True
    joined = ["".join(sorted(words)) for words in (first, second)]
    return bool(first & second) or joined[0] in joined[1] or joined[1] in joined[0]
