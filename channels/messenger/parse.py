"""Parses the webhooks of pages and Instagram accounts: messages and what goes with them, and public comments. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from channels.base import Account, ShapeError
from channels.happenings import CustomerMessage, Echo, Edited, Happening, MediaRef, Opened, Reaction, Receipt, Unknown
from channels.messenger.capabilities import COMMENTS, INSTAGRAM, MESSENGER
from channels.messenger.comments import read_change
from context.types import Inbound

OBJECTS = {MESSENGER: "page", INSTAGRAM: "instagram"}
KINDS = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "file": "document",
    "sticker": "sticker",
    "reel": "video",
    "ig_reel": "video",
}
WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError)

Event = Mapping[str, Any]


def parse(body: bytes, account: Account, channel: str) -> list[Happening]:
    """Everything that a body tells, in its order. Raises ShapeError when it is no webhook of this kind at all."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("The body is not JSON") from None
    if not isinstance(data, dict) or data.get("object") != OBJECTS[channel] or not isinstance(data.get("entry"), list):
        raise ShapeError(f"The body is not a webhook of {channel}")
    return [happening for entry in data["entry"] for happening in _entry(entry, account, channel)]


def _entry(entry: Any, account: Account, channel: str) -> Iterator[Happening]:
    if not isinstance(entry, dict):
        yield Unknown("an entry of an unknown shape")
        return
    if str(entry.get("id")) != account.account:
        yield Unknown(f"an entry of another account ({str(entry.get('id'))[:40]})")
        return
    readers: dict[str, Callable[[Event], Iterator[Happening]]] = {
        "messaging": lambda event: _event(event, account.account, channel),
        "standby": _standby,
        "changes": lambda event: read_change(event, account, COMMENTS[channel], channel),
    }
    known = False
    for name, read in readers.items():
        found = entry.get(name)
        for event in found if isinstance(found, list) else ():
            known = True
            try:
                yield from read(event)
            except WRONG as error:
                yield Unknown(f"an event of an unknown shape ({type(error).__name__})")
    if not known:
        yield Unknown("an entry without events")


def _standby(event: Event) -> Iterator[Happening]:
    """Another app holds the thread: it is kept, and not answered."""
    kinds = sorted(set(event) - {"sender", "recipient", "timestamp"})
    yield Unknown(f"another app holds this thread ({', '.join(kinds)[:80]})")


def _event(event: Event, account: str, channel: str) -> Iterator[Happening]:
    at = read_time(event["timestamp"])
    for name, read in _READERS.items():
        if name in event:
            yield from read(event, account, channel, at)
            return
    yield Unknown(f"an event of the kind {sorted(set(event) - {'sender', 'recipient', 'timestamp'})}"[:200])


def read_time(value: Any) -> datetime:
    """Unix milliseconds."""
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def _message(event: Event, account: str, channel: str, at: datetime) -> Iterator[Happening]:
    message, sender = event["message"], str(event["sender"]["id"])
    if message.get("is_echo"):
        yield _echo(event, account, at)
    elif message.get("is_deleted"):
        yield Edited(account, sender, str(message["mid"]), None, at)
    else:
        yield _customer_message(message, account, channel, sender, at)


def _customer_message(message: Event, account: str, channel: str, sender: str, at: datetime) -> CustomerMessage:
    files, words = _attachments(message)
    metadata: dict[str, Any] = {"kind": files[0].kind} if files else {}
    answered = message.get("reply_to") or {}
    if answered.get("mid"):
        metadata["reply_to_external"] = str(answered["mid"])
    if answered.get("story"):
        metadata["story"] = str(answered["story"].get("id") or "")
        words.append("[an answer to our story]")
    if message.get("is_unsupported"):
        metadata["kind"] = "unsupported"
        words.append("[something that cannot be shown here]")
    metadata |= _referral(message.get("referral"))
    text = str(message.get("text") or "").strip() or " ".join(words) or "[empty message]"
    choice = (message.get("quick_reply") or {}).get("payload")
    inbound = Inbound(channel, account, sender, str(message["mid"]), text, sent_at=at, metadata=metadata)
    return CustomerMessage(
        inbound, at, media=tuple(files), choice=None if choice is None else str(choice), elsewhere=_elsewhere(channel, sender)
    )


def _elsewhere(channel: str, person: str) -> tuple[tuple[str, str], ...]:
    return ((COMMENTS[channel], person),)


def _attachments(message: Event) -> tuple[list[MediaRef], list[str]]:
    """The files that can be fetched, and words for what they and all else are."""
    files, words = [], []
    for attachment in message.get("attachments") or ():
        kind, payload = str(attachment["type"]), attachment.get("payload") or {}
        url = payload.get("url")
        stored = KINDS.get(kind)
        if stored is not None and url:
            files.append(MediaRef(str(url), stored, f"{kind}/*"))
            words.append(f"[{kind}]")
        else:
            title = str(payload.get("title") or attachment.get("title") or "")
            words.append(f"[{kind}{': ' + title[:200] if title else ''}]" + (f" {url}" if url else ""))
    return files, words


def _referral(referral: Any) -> dict[str, Any]:
    if not isinstance(referral, dict):
        return {}
    return {"referral": {name: str(referral[name])[:500] for name in ("ref", "source", "type", "ad_id") if name in referral}}


def _echo(event: Event, account: str, at: datetime) -> Happening:
    """What went out: ours by the key that we sent along, else somebody's of the shop in Meta's own apps."""
    message, customer = event["message"], str(event["recipient"]["id"])
    try:
        key = UUID(str(message.get("metadata") or ""))
    except ValueError:
        _files, words = _attachments(message)
        text = str(message.get("text") or "").strip() or " ".join(words) or "[a message]"
        return Echo(account, customer, str(message["mid"]), text, at)
    return Receipt(account, str(message["mid"]), "sent", at, key=key, address=customer)


def _postback(event: Event, account: str, channel: str, at: datetime) -> Iterator[Happening]:
    postback, sender = event["postback"], str(event["sender"]["id"])
    name = str(postback.get("mid") or f"postback:{sender}:{event['timestamp']}")
    metadata = {"kind": "button"} | _referral(postback.get("referral"))
    title = str(postback.get("title") or "").strip() or "[button]"
    inbound = Inbound(channel, account, sender, name, title, sent_at=at, metadata=metadata)
    payload = postback.get("payload")
    yield CustomerMessage(inbound, at, choice=None if payload is None else str(payload), elsewhere=_elsewhere(channel, sender))


def _delivery(event: Event, account: str, _channel: str, at: datetime) -> Iterator[Happening]:
    delivery, customer = event["delivery"], str(event["sender"]["id"])
    for mid in delivery.get("mids") or ():
        yield Receipt(account, str(mid), "delivered", at, address=customer)
    if delivery.get("watermark"):
        yield Receipt(account, None, "delivered", read_time(delivery["watermark"]), address=customer, upto=True)


def _read(event: Event, account: str, _channel: str, at: datetime) -> Iterator[Happening]:
    read, customer = event["read"], str(event["sender"]["id"])
    if read.get("mid"):
        yield Receipt(account, str(read["mid"]), "read", at, address=customer)
    else:
        yield Receipt(account, None, "read", read_time(read["watermark"]), address=customer, upto=True)


def _reaction(event: Event, account: str, _channel: str, at: datetime) -> Iterator[Happening]:
    reaction = event["reaction"]
    emoji = str(reaction.get("emoji") or reaction.get("reaction") or "") if reaction["action"] == "react" else ""
    yield Reaction(account, str(event["sender"]["id"]), str(reaction["mid"]), emoji, at)


def _edit(event: Event, account: str, _channel: str, at: datetime) -> Iterator[Happening]:
    edit = event["message_edit"]
    yield Edited(account, str(event["sender"]["id"]), str(edit["mid"]), str(edit["text"]), at)


def _opened(event: Event, account: str, _channel: str, at: datetime) -> Iterator[Happening]:
    """They came by a link or an advertisement and wrote nothing yet: it opens the window."""
    yield Opened(account, str(event["sender"]["id"]), at)


_READERS: dict[str, Callable[[Event, str, str, datetime], Iterator[Happening]]] = {
    "message": _message,
    "postback": _postback,
    "delivery": _delivery,
    "read": _read,
    "reaction": _reaction,
    "message_edit": _edit,
    "referral": _opened,
}
