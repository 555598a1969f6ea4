"""Parses the webhooks of the Cloud API: four levels of lists, each entry by itself. Pure.

What one entry holds that is not known becomes an `Unknown` and does not hide the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from channels.base import ShapeError
from channels.happenings import (
    AccountNotice,
    AddressChanged,
    CustomerMessage,
    Echo,
    Edited,
    Happening,
    OptOut,
    Reaction,
    Receipt,
    Unknown,
)
from channels.whatsapp.administration import ADMINISTRATION
from channels.whatsapp.capabilities import NAME
from channels.whatsapp.contents import read_content
from channels.whatsapp.errors import problem_of, reason_of
from context.types import Inbound

OBJECT = "whatsapp_business_account"
STATUSES = frozenset({"sent", "delivered", "read", "played", "failed"})
WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def parse(body: bytes) -> list[Happening]:
    """Everything that a body tells, in its order. Raises ShapeError when it is no webhook of this kind at all."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("The body is not JSON") from None
    if not isinstance(data, dict) or data.get("object") != OBJECT or not isinstance(data.get("entry"), list):
        raise ShapeError("The body is not a webhook of WhatsApp")
    return [happening for entry in data["entry"] for happening in _entry(entry)]


def _entry(entry: Any) -> Iterator[Happening]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unknown("an entry without changes")
        return
    for change in changes:
        try:
            yield from _change(change, entry)
        except WRONG as error:
            yield Unknown(f"a change of an unknown shape ({type(error).__name__})")


def _change(change: dict[str, Any], entry: dict[str, Any]) -> Iterator[Happening]:
    field, value = change["field"], change["value"]
    if field in ADMINISTRATION:
        yield from ADMINISTRATION[field](value, entry)
    elif field == "messages":
        yield from _messages(value)
    elif field == "smb_message_echoes":
        account = value["metadata"]["phone_number_id"]
        yield from _each(value.get("message_echoes"), lambda echo: _echo(echo, account))
    elif field == "user_preferences":
        account = value["metadata"]["phone_number_id"]
        yield from _each(value.get("user_preferences"), lambda wish: _preference(wish, account))
    elif field == "user_id_update":
        account = value["metadata"]["phone_number_id"]
        yield from _each(value.get("user_id_update"), lambda update: _new_user_id(update, account))
    else:
        yield Unknown(f"the field {str(field)[:80]!r}")


def _each(entries: Any, read: Any) -> Iterator[Happening]:
    """What `read` makes of each entry; one that it cannot read is an `Unknown`."""
    for entry in entries if isinstance(entries, list) else ():
        try:
            yield read(entry)
        except WRONG as error:
            kind = entry.get("type") if isinstance(entry, dict) else None
            yield Unknown(f"an entry of an unknown shape ({kind or type(error).__name__})")


def _messages(value: dict[str, Any]) -> Iterator[Happening]:
    account = str(value["metadata"]["phone_number_id"])
    people = [person for person in value.get("contacts") or () if isinstance(person, dict)]
    yield from _each(value.get("messages"), lambda message: _message(message, account, people))
    yield from _each(value.get("statuses"), lambda status: _status(status, account))
    yield from _each(value.get("errors"), lambda error: AccountNotice(account, f"error {error['code']}: {reason_of(error)}"))


def read_time(value: Any) -> datetime:
    """Unix seconds, as text or number."""
    return datetime.fromtimestamp(int(value), UTC)


def _message(message: dict[str, Any], account: str, people: list[dict[str, Any]]) -> Happening:
    kind, at = message["type"], read_time(message["timestamp"])
    if "group_id" in message:
        return Unknown("a message of a group")
    phone, user = message.get("from"), message.get("from_user_id")
    addresses = [str(a) for a in (user, phone) if a]
    identity = addresses[0]
    if kind == "reaction":
        reaction = message["reaction"]
        return Reaction(account, identity, reaction["message_id"], reaction.get("emoji") or "", at)
    if kind == "edit":
        edited = message["edit"]
        text = read_content(edited["message"]).text
        return Edited(account, identity, edited["original_message_id"], text, at)
    if kind == "revoke":
        return Edited(account, identity, message["revoke"]["original_message_id"], None, at)
    if kind == "system":
        return _system(message, account, at)
    return _customer_message(message, account, addresses, person=_person(people, phone, user))


def _customer_message(message: dict[str, Any], account: str, addresses: list[str], *, person: dict[str, Any]) -> CustomerMessage:
    content, at = read_content(message), read_time(message["timestamp"])
    profile = person.get("profile") or {}
    metadata = dict(content.metadata) | _around(message)
    inbound = Inbound(
        channel=NAME, account=account, identity=addresses[0], external_id=message["id"], text=content.text, sent_at=at,
        profile_name=profile.get("name") or None, metadata=metadata,
    )  # fmt: skip
    alias = [str(person[name]) for name in ("user_id", "wa_id") if person.get(name)]
    aliases = tuple(a for a in dict.fromkeys([*addresses[1:], *alias]) if a != addresses[0])
    return CustomerMessage(
        inbound, at, aliases, content.media, content.choice, username=profile.get("username") or person.get("username"),
        free_entry="ctwa_clid" in (message.get("referral") or {}), phone=_number(message.get("from") or person.get("wa_id")),
    )  # fmt: skip


def _number(said: object) -> str | None:
    digits = str(said or "")
    return f"+{digits}" if digits.isascii() and digits.isdigit() else None


def _person(people: list[dict[str, Any]], phone: str | None, user: str | None) -> dict[str, Any]:
    """The contact entry that belongs to a message: by id, not by place."""
    for person in people:
        if (user and person.get("user_id") == user) or (phone and person.get("wa_id") == phone):
            return person
    return {}


def _around(message: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around a message: which one it answers, whether it was forwarded, the advertisement that it came from."""
    found: dict[str, Any] = {}
    context = message.get("context") or {}
    if context.get("id"):
        found["reply_to_external"] = context["id"]
    if context.get("forwarded") or context.get("frequently_forwarded"):
        found["forwarded"] = "often" if context.get("frequently_forwarded") else "once"
    if context.get("referred_product"):
        found["product"] = context["referred_product"]
    if message.get("referral"):
        known = ("source_url", "source_id", "source_type", "headline", "body", "ctwa_clid")
        found["referral"] = {name: message["referral"][name] for name in known if name in message["referral"]}
    return found


def _system(message: dict[str, Any], account: str, at: datetime) -> Happening:
    system = message["system"]
    kind, old = system.get("type"), message.get("from")
    if kind in {"user_changed_number", "customer_changed_number"} and system.get("wa_id") and old:
        proof = system.get("user_id") or message.get("from_user_id")
        return AddressChanged(account, str(old), str(system["wa_id"]), at, proof=proof)
    if kind == "user_changed_user_id" and system.get("user_id") and message.get("from_user_id"):
        return AddressChanged(account, message["from_user_id"], system["user_id"], at, proof=old or message["from_user_id"])
    return AccountNotice(account, f"system message: {str(system.get('body') or kind)[:200]}")


def _status(status: dict[str, Any], account: str) -> Happening:
    state = status["status"]
    if state not in STATUSES:
        return Unknown(f"the status {str(state)[:40]!r}")
    error = (status.get("errors") or [{}])[0]
    failed = state == "failed"
    code = error.get("code")
    return Receipt(
        account, status["id"], state, read_time(status["timestamp"]), key=_key(status.get("biz_opaque_callback_data")),
        address=status.get("recipient_id") or status.get("recipient_user_id"),
        problem=problem_of(code).value if failed else None, code=str(code) if failed and code is not None else None,
        reason=reason_of(error) if failed else None,
    )  # fmt: skip


def _key(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _echo(echo: dict[str, Any], account: str) -> Echo:
    address = echo.get("to_user_id") or echo["to"]
    return Echo(account, str(address), echo["id"], read_content(echo).text, read_time(echo["timestamp"]))


def _preference(wish: dict[str, Any], account: str) -> Happening:
    if wish["category"] != "marketing_messages":
        return Unknown(f"the preference {str(wish['category'])[:40]!r}")
    address = wish.get("user_id") or wish["wa_id"]
    return OptOut(account, str(address), wish["value"] == "stop", read_time(wish["timestamp"]))


def _new_user_id(update: dict[str, Any], account: str) -> AddressChanged:
    ids = update["user_id"]
    proof = update.get("wa_id") or ids["previous"]
    return AddressChanged(account, ids["previous"], ids["current"], read_time(update["timestamp"]), proof=str(proof))
