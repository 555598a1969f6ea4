"""Makes happenings of a webhook of the Messaging API. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels.base import Account, ShapeError
from channels.happenings import AccountNotice, Blocked, CustomerMessage, Edited, Happening, MediaRef, Unknown
from channels.line.capabilities import NAME, REPLY_WITHIN
from context.types import Inbound

Event = Mapping[str, Any]
BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError)
NOTHING = {"delivery", "videoPlayComplete", "accountLink", "membership", "beacon", "activated", "deactivated"}
"""Events that are known and of which nothing follows here."""
KINDS = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"}


@dataclass(frozen=True)
class Said:
    """The content of a message, never without words."""

    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    media: tuple[MediaRef, ...] = ()


def parse(body: bytes, account: Account) -> list[Happening]:
    """All that a body tells; without events (LINE's own test) nothing. Raises ShapeError."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("This is no JSON") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("events"), list):
        raise ShapeError("This is no webhook of LINE")
    return [happening for event in whole["events"] for happening in _event(event, account)]


def _event(event: Any, account: Account) -> list[Happening]:
    """What one event tells; a broken one is flagged and spoils none beside it."""
    try:
        kind = str(event["type"])
        if kind in NOTHING:
            return []
        if event.get("mode") == "standby":
            return [Unknown("an event for another module of the channel (standby)")]
        reader = _READERS.get(kind)
        return [reader(event, account)] if reader else [Unknown(f"an event of a kind that is not known: {kind[:100]}")]
    except BROKEN as error:
        return [Unknown(f"a broken event: {type(error).__name__}: {str(error)[:100]}")]


def _message(event: Event, account: Account) -> Happening:
    said = read_content(event["message"])
    metadata = dict(said.metadata)
    if event["message"].get("quotedMessageId"):
        metadata["reply_to_external"] = str(event["message"]["quotedMessageId"])
    return _wrote(event, account, external=str(event["message"]["id"]), said=Said(said.text, metadata, said.media))


def _postback(event: Event, account: Account) -> Happening:
    data, params = str(event["postback"]["data"]), event["postback"].get("params")
    shown = ", ".join(str(value) for value in params.values()) if isinstance(params, dict) else ""
    metadata = {"kind": "button_reply"} | ({"params": params} if params else {})
    text = "" if data.startswith("b:") else shown or "[button]"
    return _wrote(event, account, external=str(event["webhookEventId"]), said=Said(text, metadata), choice=data)


def _wrote(event: Event, account: Account, *, external: str, said: Said, choice: str | None = None) -> Happening:
    if event["source"]["type"] != "user":
        return Unknown(f"a message in a {event['source']['type']}: only talks with one person are served")
    at, metadata = _at(event), dict(said.metadata)
    if (event.get("deliveryContext") or {}).get("isRedelivery"):
        metadata["redelivered"] = True
    inbound = Inbound(NAME, account.account, str(event["source"]["userId"]), external, said.text, metadata=metadata)
    token = event.get("replyToken")
    return CustomerMessage(
        inbound,
        at,
        media=said.media,
        choice=choice,
        handle=str(token) if token else None,
        handle_until=at + REPLY_WITHIN if token else None,
    )


def read_content(message: Event) -> Said:
    """The content of a message of any type. Raises KeyError and the like on a broken shape."""
    kind = str(message["type"])
    reader = _CONTENTS.get(kind)
    return reader(message) if reader else Said(f"[{kind}: cannot be shown here]", {"kind": "unsupported", "unsupported": kind})


def _text(message: Event) -> Said:
    text = str(message["text"])
    return Said(text if text.strip() else "[empty message]")


def _media(message: Event) -> Said:
    """A file lies at LINE; where somebody else's address is named, it is shown and not fetched."""
    kind, provider = str(message["type"]), message.get("contentProvider") or {}
    metadata: dict[str, Any] = {"kind": kind}
    if message.get("imageSet"):
        metadata["album"] = str(message["imageSet"]["id"])
    if provider.get("type") == "external":
        return Said(f"[{kind}] {provider['originalContentUrl']}", metadata)
    return Said(f"[{kind}]", metadata, (MediaRef(str(message["id"]), kind, KINDS[kind]),))


def _file(message: Event) -> Said:
    name = str(message["fileName"])
    return Said(f"[document: {name}]", {"kind": "document"}, (MediaRef(str(message["id"]), "document", "", name),))


def _location(message: Event) -> Said:
    point: dict[str, Any] = {"latitude": float(message["latitude"]), "longitude": float(message["longitude"])}
    known = {ours: str(message[theirs]) for ours, theirs in (("name", "title"), ("address", "address")) if message.get(theirs)}
    words = ", ".join(known.values())
    where = f"{point['latitude']:.6f}, {point['longitude']:.6f}"
    return Said(f"[location] {words + ' ' if words else ''}({where})", {"kind": "location", "location": point | known})


def _sticker(message: Event) -> Said:
    words = ", ".join(str(w) for w in (message.get("keywords") or ())[:3]) or str(message.get("text") or "")
    sticker = {"package": str(message["packageId"]), "sticker": str(message["stickerId"])}
    return Said(f"[sticker{': ' + words if words else ''}]", {"kind": "sticker", "sticker": sticker})


def _unsent(event: Event, account: Account) -> Happening:
    return Edited(account.account, str(event["source"]["userId"]), str(event["unsend"]["messageId"]), None, _at(event))


def _follow(event: Event, account: Account) -> Happening:
    blocked = event["type"] == "unfollow"
    reason = (
        "The customer blocked the account on LINE: nothing reaches them there." if blocked else "The customer allows the account again."
    )
    return Blocked(account.account, str(event["source"]["userId"]), blocked, _at(event), reason)


def _suspended(event: Event, account: Account) -> Happening:
    stopped = event["type"] == "botSuspended"
    return AccountNotice(account.account, "LINE suspended the account" if stopped else "LINE lets the account go on", blocked=stopped)


def _at(event: Event) -> datetime:
    return datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)


_CONTENTS: dict[str, Callable[[Event], Said]] = {
    "text": _text,
    **dict.fromkeys(KINDS, _media),
    "file": _file,
    "location": _location,
    "sticker": _sticker,
}
_READERS: dict[str, Callable[[Event, Account], Happening]] = {
    "message": _message,
    "postback": _postback,
    "unsend": _unsent,
    "follow": _follow,
    "unfollow": _follow,
    "botSuspended": _suspended,
    "botResumed": _suspended,
}
