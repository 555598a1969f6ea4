"""The people beside the sender whom a mail names (To and Cc): who they are, and who of them gets a copy of an answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from channels.base import Account, Sending
from channels.email.loops import is_robot
from channels.email.reading import Mail
from context.types import Author

MOST_PEOPLE = 20
_PLAIN = re.compile(r"[^\s<>@,;\"()]{1,64}@[A-Za-z0-9.-]{1,253}")
_ARRIVED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def own_addresses(account: Account) -> set[str]:
    """The addresses that are ours, as far as the account says."""
    given = [account.account, account.setting("user"), *account.setting("own").split(",")]
    return {one.strip().lower() for one in given if "@" in one}


def is_own(address: str, own: set[str]) -> bool:
    """Whether an address is ours, also with something behind a plus."""
    name, _, host = address.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{host}" in own or address.lower() in own


def people_beside(mail: Mail, account: Account) -> list[str]:
    """Whom the mail names beside its sender and us. What brought it here is ours too: an alias would send our answers to ourselves."""
    own = own_addresses(account) | {mail.header(name).strip().strip("<>").lower() for name in _ARRIVED}
    found = [one for one in mail.named if one != mail.sender and not is_own(one, own) and not is_robot(one) and _PLAIN.fullmatch(one)]
    return found[:MOST_PEOPLE]


def copies_of(sending: Sending) -> list[str]:
    """Who gets a copy of what people answer: whoever the customer's side named last, and whoever of them wrote last.

    What a machine says goes to one address only (RFC 3834, section 4), so that no two of them can write to each other by copies.
    """
    account, place = sending.account, sending.place
    if place is None or sending.message.author != Author.AGENT or account.setting("copies") == "off":
        return []
    own = own_addresses(account)
    known = [one.lower() for one in (str(place.last.get("sender") or ""), *_listed(place.last)) if _PLAIN.fullmatch(one)]
    return [one for one in dict.fromkeys(known) if one != sending.to.lower() and not is_own(one, own)][: MOST_PEOPLE + 1]


def _listed(last: Mapping[str, Any]) -> list[str]:
    found = last.get("cc")
    return [str(one) for one in found] if isinstance(found, list) else []
