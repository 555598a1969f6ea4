"""The webhooks' shapes: a message of a customer, a status, an envelope; text as the provider writes and signs it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from simulators.whatsapp.world import Config, Customer, Message


def message_entry(customer: Customer, message: Message) -> dict[str, Any]:
    """`messages[]` for what a customer wrote."""
    entry: dict[str, Any] = {"from_user_id": customer.user_id, "id": message.id, "timestamp": str(int(message.at))}
    if not customer.hidden:
        entry["from"] = customer.phone
    return entry | message.body


def contact_entry(customer: Customer) -> dict[str, Any]:
    """`contacts[]` for a customer."""
    profile = {"name": customer.name} | ({"username": customer.username} if customer.username else {})
    entry: dict[str, Any] = {"profile": profile, "user_id": customer.user_id}
    return entry if customer.hidden else entry | {"wa_id": customer.phone}


def status_entry(customer: Customer, message: Message, state: str, at: float, *, code: int | None = None) -> dict[str, Any]:
    """`statuses[]` for what the business sent."""
    entry: dict[str, Any] = {"id": message.id, "status": state, "timestamp": str(int(at)), "recipient_user_id": customer.user_id}
    if not customer.hidden:
        entry["recipient_id"] = customer.phone
    if message.key:
        entry["biz_opaque_callback_data"] = message.key
    if code is not None:
        title = TITLES.get(code, "Message failed to send")
        entry["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
    elif state in {"sent", "delivered"}:
        entry["pricing"] = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
    return entry


TITLES = {131047: "Re-engagement message", 131026: "Message undeliverable", 131000: "Something went wrong", 130429: "Rate limit hit"}


def change(config: Config, *, messages: Sequence[Any] = (), statuses: Sequence[Any] = (), people: Sequence[Any] = ()) -> dict[str, Any]:
    """One change of the field `messages`."""
    metadata = {"display_phone_number": config.display_phone, "phone_number_id": config.phone_number_id}
    value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": metadata}
    named = {"contacts": people, "messages": messages, "statuses": statuses}
    return {"field": "messages", "value": value | {name: list(entries) for name, entries in named.items() if entries}}


def envelope(config: Config, changes: Sequence[dict[str, Any]]) -> bytes:
    """The body as it is sent and signed: ASCII only, other characters as escapes in lower case."""
    body = {"object": "whatsapp_business_account", "entry": [{"id": config.waba_id, "changes": list(changes)}]}
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()


def signature(secret: str, body: bytes) -> str:
    """The header X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
