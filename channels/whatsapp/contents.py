"""What each type of message says: words for bot and agent, the rest as metadata, files and choices beside it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from channels.happenings import MediaRef

Message = Mapping[str, Any]
FILES = ("image", "video", "audio", "document", "sticker")


@dataclass(frozen=True)
class Said:
    """The content of a message. `text` is never empty: where there are no words it names the thing in brackets."""

    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    media: tuple[MediaRef, ...] = ()
    choice: str | None = None


def read_content(message: Message) -> Said:
    """The content of a message of any type; one that is not known is named as such. Raises KeyError and the like on a broken shape."""
    kind = str(message["type"])
    reader = _READERS.get(kind, _unsupported)
    return reader(message)


def _text(message: Message) -> Said:
    body = message["text"]["body"]
    return Said(str(body) if str(body).strip() else "[empty message]")


def _file(message: Message) -> Said:
    kind = str(message["type"])
    file = message[kind]
    is_voice = kind == "audio" and bool(file.get("voice"))
    stored, named = ("voice", "voice message") if is_voice else (kind, kind)
    ref = MediaRef(str(file["id"]), stored, str(file.get("mime_type") or ""), file.get("filename"), file.get("sha256"))
    said = file.get("caption") or f"[{named}{': ' + file['filename'] if file.get('filename') else ''}]"
    return Said(said, {"kind": stored}, (ref,))


def _location(message: Message) -> Said:
    place = message["location"]
    point = {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}
    words = ", ".join(str(place[name]) for name in ("name", "address") if place.get(name))
    where = f"{point['latitude']:.6f}, {point['longitude']:.6f}"
    known = {name: str(place[name]) for name in ("name", "address", "url") if place.get(name)}
    return Said(f"[location] {words + ' ' if words else ''}({where})", {"kind": "location", "location": {**point, **known}})


def _contacts(message: Message) -> Said:
    cards = message["contacts"]
    names = [str(card["name"]["formatted_name"]) for card in cards]
    phones = [str(p["phone"]) for card in cards for p in card.get("phones") or () if p.get("phone")]
    text = "[contact] " + ", ".join(names) + (f" ({', '.join(phones)})" if phones else "")
    return Said(text, {"kind": "contacts", "contacts": list(cards)})


def _interactive(message: Message) -> Said:
    interactive = message["interactive"]
    kind = interactive["type"]
    if kind in {"button_reply", "list_reply"}:
        chosen = interactive[kind]
        return Said(str(chosen["title"]), {"kind": kind}, choice=str(chosen["id"]))
    if kind == "nfm_reply":
        return _flow(interactive["nfm_reply"])
    if kind == "call_permission_reply":
        return Said(f"[call permission: {interactive[kind]['response']}]", {"kind": kind, kind: dict(interactive[kind])})
    return Said(f"[{kind}]", {"kind": str(kind)})


def _flow(reply: Message) -> Said:
    """A filled flow: its JSON stands in a string, and may be anything."""
    try:
        answers = json.loads(reply.get("response_json") or "{}")
    except ValueError:
        answers = {}
    fields = {k: v for k, v in answers.items() if k != "flow_token"} if isinstance(answers, dict) else {}
    shown = ", ".join(f"{name}: {value}" for name, value in fields.items())
    token = answers.get("flow_token") if isinstance(answers, dict) else None
    return Said(f"[form] {shown or reply.get('body') or ''}".strip(), {"kind": "flow", "flow": fields, "flow_token": token})


def _button(message: Message) -> Said:
    """A quick reply of a template: its payload is what the template said."""
    button = message["button"]
    return Said(str(button.get("text") or button["payload"]), {"kind": "button"}, choice=str(button["payload"]))


def _order(message: Message) -> Said:
    order = message["order"]
    items = [
        {
            "sku": str(item["product_retailer_id"]), "quantity": int(item["quantity"]), "price": str(Decimal(str(item["item_price"]))),
            "currency": str(item["currency"]),
        }
        for item in order["product_items"]
    ]  # fmt: skip
    shown = ", ".join(f"{i['quantity']} × {i['sku']} ({i['price']} {i['currency']})" for i in items)
    words = f"{order['text']} " if order.get("text") else ""
    return Said(f"{words}[order] {shown}", {"kind": "order", "order": {"catalog": order.get("catalog_id"), "items": items}})


def _unsupported(message: Message) -> Said:
    kind = str((message.get("unsupported") or {}).get("type") or message["type"])
    errors = [e.get("code") for e in message.get("errors") or () if isinstance(e, dict)]
    return Said(f"[{kind}: cannot be shown here]", {"kind": "unsupported", "unsupported": kind, "errors": errors})


_READERS: dict[str, Callable[[Message], Said]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    **dict.fromkeys(FILES, _file),
}
