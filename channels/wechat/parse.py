"""Parses the XML of WeChat's server push, safely: no entities, no external parts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels.base import Account, ShapeError
from channels.happenings import AccountNotice, Blocked, CustomerMessage, Happening, MediaRef, Opened, Unknown
from channels.wechat.capabilities import NAME
from channels.wechat.crypto import decrypt
from context.types import Inbound

WRONG = (KeyError, TypeError, ValueError, OverflowError)
Fields = Mapping[str, str]


def read_xml(body: bytes) -> dict[str, str]:
    """The fields of one level. Raises ShapeError."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise ShapeError("The body is not the XML of WeChat") from None
    if root.tag != "xml":
        raise ShapeError("The body is not the XML of WeChat")
    return {child.tag: (child.text or "").strip() for child in root}


def parse(body: bytes, account: Account) -> list[Happening]:
    """What one push tells. Raises ShapeError."""
    fields = read_xml(body)
    if account.setting("mode", "safe") != "plain":
        inner = decrypt(fields.get("Encrypt", ""), aes_key=account.secret("aes_key"), app_id=account.setting("app_id"))
        fields = read_xml(inner)
    if fields.get("ToUserName") != account.account:
        return [Unknown(f"a push for another account ({fields.get('ToUserName', '')[:40]})")]
    try:
        return [_event(fields, account) if fields["MsgType"] == "event" else _message(fields, account)]
    except WRONG as error:
        return [Unknown(f"a push of an unknown shape ({fields.get('MsgType', '')[:40]}, {type(error).__name__})")]


def _message(fields: Fields, account: Account) -> Happening:
    at = read_time(fields["CreateTime"])
    read = _READERS.get(fields["MsgType"])
    text, metadata, media = read(fields) if read else _unsupported(fields)
    inbound = Inbound(
        NAME, account.account, fields["FromUserName"], fields["MsgId"], text or "[empty message]", sent_at=at, metadata=metadata
    )
    return CustomerMessage(inbound, at, media=media, choice=fields.get("bizmsgmenuid") or None)


def read_time(value: str) -> datetime:
    """Unix seconds."""
    return datetime.fromtimestamp(int(value), UTC)


Read = tuple[str, dict[str, Any], tuple[MediaRef, ...]]


def _unsupported(fields: Fields) -> Read:
    return f"[{fields['MsgType'][:40]}: cannot be shown here]", {"kind": "unsupported"}, ()


def _text(fields: Fields) -> Read:
    return fields["Content"], {}, ()


def _file(kind: str, stored: str, claimed: str) -> Callable[[Fields], Read]:
    def read(fields: Fields) -> Read:
        heard = fields.get("Recognition", "")
        return heard or f"[{kind}]", {"kind": stored}, (MediaRef(fields["MediaId"], stored, claimed),)

    return read


def _location(fields: Fields) -> Read:
    point = {"latitude": float(fields["Location_X"]), "longitude": float(fields["Location_Y"])}
    label = fields.get("Label", "")
    where = f"{point['latitude']:.6f}, {point['longitude']:.6f}"
    return f"[location] {label + ' ' if label else ''}({where})", {"kind": "location", "location": {**point, "name": label}}, ()


def _link(fields: Fields) -> Read:
    words = " ".join(w for w in (fields.get("Title"), fields.get("Description"), fields["Url"]) if w)
    return f"[link] {words}", {"kind": "link"}, ()


_READERS: dict[str, Callable[[Fields], Read]] = {
    "text": _text,
    "image": _file("image", "image", "image/jpeg"),
    "voice": _file("voice message", "voice", "audio/amr"),
    "video": _file("video", "video", "video/mp4"),
    "shortvideo": _file("video", "video", "video/mp4"),
    "location": _location,
    "link": _link,
}


def _event(fields: Fields, account: Account) -> Happening:
    """Events have no id: who, when and what name them."""
    who, at, event = fields["FromUserName"], read_time(fields["CreateTime"]), fields["Event"]
    key = fields.get("EventKey", "")
    if event == "unsubscribe":
        return Blocked(account.account, who, True, at, "They do not follow the account any more: nothing can be sent.")
    if event == "CLICK":
        name = f"event:{who}:{fields['CreateTime']}:{event}:{key}"
        inbound = Inbound(NAME, account.account, who, name, f"[menu] {key}", sent_at=at, metadata={"kind": "menu", "key": key})
        return CustomerMessage(inbound, at, choice=key or None)
    if event == "subscribe":
        return Blocked(account.account, who, False, at, f"They follow the account{' by a code: ' + key[:80] if key else ''}.")
    if event in {"SCAN", "VIEW", "LOCATION"}:
        return Opened(account.account, who, at)
    if event in {"TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH"}:
        return AccountNotice(account.account, f"{event}: {fields.get('Status', '')[:100]}")
    return Unknown(f"the event {event[:60]!r}")
