"""Reads the webhooks of Chatwoot. Pure. A conversation's number is the customer's address; its contact is an alias of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from channels.base import Account, ShapeError
from channels.chatwoot.capabilities import NAME
from channels.happenings import CustomerMessage, DeskChanged, DeskState, Echo, Edited, Happening, MediaRef, Unknown
from context.types import Inbound

Data = Mapping[str, Any]
INCOMING, OUTGOING = frozenset({"incoming", 0}), frozenset({"outgoing", 1})
STATES = {"pending": DeskState.BOT, "open": DeskState.PEOPLE, "snoozed": DeskState.PEOPLE, "resolved": DeskState.RESOLVED}
IGNORED = frozenset(
    {
        "conversation_created", "contact_created", "contact_updated", "inbox_created", "inbox_updated", "webwidget_triggered",
        "conversation_typing_on", "conversation_typing_off",
    }
)  # fmt: skip
FILES = {"image": "image", "audio": "audio", "video": "video", "file": "document"}
"""Kinds of attachments that are files at Chatwoot; the others (places, contacts, what an app shared) are words."""
WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def parse(body: bytes, account: Account) -> list[Happening]:
    """Everything that a body tells. Raises ShapeError when it is no webhook of this kind at all."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("The body is not JSON") from None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        raise ShapeError("The body is not a webhook of Chatwoot")
    event, read = data["event"], _READERS.get(data["event"])
    if read is None:
        return [] if event in IGNORED else [Unknown(f"the event {event[:80]!r}")]
    try:
        if "account" in data and str(data["account"]["id"]) != account.account:
            return [Unknown(f"something of the account {str(data['account']['id'])[:40]}")]
        return read(data, account.account)
    except WRONG as error:
        return [Unknown(f"{event} of an unknown shape ({type(error).__name__})")]


def _created(data: Data, account: str) -> list[Happening]:
    """A customer's message; a person's answer is an echo; of Baton's own, of automations and of notes nothing follows."""
    if data.get("private"):
        return []
    kind, sender = data["message_type"], data.get("sender") or {}
    if kind in INCOMING:
        return [_customer_message(data, account)]
    if kind in OUTGOING and sender.get("type") == "user":
        text, _, _ = _content(data)
        name = str(sender.get("available_name") or sender.get("name") or "") or None
        return [Echo(account, _number(data["conversation"]["id"]), str(data["id"]), text, read_time(data["created_at"]), name=name)]
    return []


def _updated(data: Data, account: str) -> list[Happening]:
    """A choice that was made in the widget, or a message that was deleted."""
    attributes, conversation = data.get("content_attributes") or {}, data["conversation"]
    if attributes.get("deleted") and data["message_type"] in INCOMING:
        return [Edited(account, _number(conversation["id"]), str(data["id"]), None, _changed_at(conversation))]
    chosen = attributes.get("submitted_values")
    if data.get("content_type") != "input_select" or not chosen:
        return []
    value, title = str(chosen[0]["value"]), str(chosen[0].get("title") or "")
    person = (conversation.get("meta") or {}).get("sender") or {}
    made: dict[str, Any] = {
        **data,
        "id": f"{data['id']}:chosen",
        "content": title or value,
        "sender": person,
        "created_at": conversation["updated_at"],
    }
    made["content_attributes"], made["attachments"] = {"in_reply_to": data["id"]}, []
    return [_customer_message(made, account, choice=value)]


def _customer_message(data: Data, account: str, *, choice: str | None = None) -> CustomerMessage:
    conversation, sender = data["conversation"], data.get("sender") or {}
    address, at = _number(conversation["id"]), read_time(data["created_at"])
    text, metadata, files = _content(data)
    metadata["inbox"] = {"id": conversation.get("inbox_id"), "kind": conversation.get("channel")}
    metadata |= _desk(conversation)
    answered = (data.get("content_attributes") or {}).get("in_reply_to")
    if answered:
        metadata["reply_to_external"] = str(answered)
    inbound = Inbound(
        channel=NAME, account=account, identity=address, external_id=str(data["id"]), text=text, sent_at=at,
        profile_name=str(sender.get("name") or "") or None, metadata=metadata,
    )  # fmt: skip
    alias = (f"contact:{_number(sender['id'])}",) if sender.get("id") else ()
    held = STATES.get(str(conversation.get("status"))) == DeskState.PEOPLE
    return CustomerMessage(inbound, at, alias, media=files, choice=choice, held=held)


def _desk(conversation: Data) -> dict[str, Any]:
    """What Chatwoot's people and rules set already, so that what Baton sets later takes nothing away."""
    known = {"priority": conversation.get("priority"), "attributes": conversation.get("custom_attributes")}
    return {"desk": {name: value for name, value in known.items() if value}} if any(known.values()) else {}


def _content(data: Data) -> tuple[str, dict[str, Any], tuple[MediaRef, ...]]:
    """The words, never empty, what they are about that is no file, and the files."""
    words, places, files = [str(data.get("content") or "").strip()], [], []
    for attachment in data.get("attachments") or ():
        kind, url = str(attachment.get("file_type") or "file"), attachment.get("data_url")
        stored = FILES.get(kind)
        title = str(attachment.get("fallback_title") or "")[:200]
        words.append(f"[{kind}{': ' + title if title else ''}]")
        if stored is not None and url:
            files.append(MediaRef(str(url), stored, _type(attachment), _name(str(url))))
        else:
            place = {name: attachment.get(name) for name in ("coordinates_lat", "coordinates_long", "data_url") if attachment.get(name)}
            places.append({"kind": kind, **place})
    text = " ".join(part for part in words if part)
    return text or f"[{data.get('content_type') or 'empty'}]", {"files": places} if places else {}, tuple(files)


def _type(attachment: Data) -> str:
    """What Chatwoot says that a file is, for people who read why it was refused."""
    return f"{attachment.get('file_type')}/{attachment.get('extension') or '*'}"[:100]


def _name(url: str) -> str | None:
    """The file's own name stands last in its address."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])[:200]
    return name if "." in name else None


def _conversation(data: Data, account: str) -> list[Happening]:
    """Somebody else has the conversation now, or nobody."""
    if data["event"] == "conversation_updated" and not any("status" in changed for changed in data.get("changed_attributes") or ()):
        return []
    return [DeskChanged(account, _number(data["id"]), STATES[data["status"]], _changed_at(data))]


def _changed_at(conversation: Data) -> datetime:
    return read_time(conversation.get("updated_at") or conversation["timestamp"])


def _number(value: Any) -> str:
    """A number of Chatwoot's as text. Raises ValueError."""
    return str(int(value))


def read_time(value: Any) -> datetime:
    """Seconds, or ISO 8601. Raises ValueError."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    at = datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_READERS: dict[str, Callable[[Data, str], list[Happening]]] = {
    "message_created": _created,
    "message_updated": _updated,
    "conversation_opened": _conversation,
    "conversation_resolved": _conversation,
    "conversation_status_changed": _conversation,
    "conversation_updated": _conversation,
}
