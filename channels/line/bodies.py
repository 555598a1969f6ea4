"""Makes the message objects of LINE. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.base import Choice, Part, Unit
from channels.line.capabilities import TEMPLATE_BUTTONS, TEMPLATE_TEXT
from channels.render import shorten, size

CHOOSE = {"en": "Please choose:", "zh-Hant": "請選擇：", "zh-Hans": "请选择：", "pt": "Escolha, por favor:"}


def message_of(part: Part, language: str, *, file_url: str | None = None) -> dict[str, Any]:
    """The message for a part; `file_url` is where LINE fetches its file."""
    if part.file is not None:
        return _file(part, file_url)
    for name, make in _SPECIALS.items():
        if name in part.special:
            return make(part.special[name], part.text)
    if not part.buttons:
        return {"type": "text", "text": part.text}
    text = part.text or CHOOSE.get(language, CHOOSE["en"])
    if len(part.buttons) <= TEMPLATE_BUTTONS and size(text, Unit.UTF16) <= TEMPLATE_TEXT:
        return _template(text, [_action(c) for c in part.buttons])
    items = [{"type": "action", "action": _action(c)} for c in part.buttons]
    return {"type": "text", "text": text, "quickReply": {"items": items}}


def _template(text: str, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """Buttons that stay: also on computers, where LINE shows no quick replies."""
    return {
        "type": "template",
        "altText": shorten(text, 400, Unit.UTF16),
        "template": {"type": "buttons", "text": text, "actions": actions},
    }


def _action(choice: Choice) -> dict[str, Any]:
    return {"type": "postback", "label": choice.title, "data": choice.reference, "displayText": choice.title}


def _file(part: Part, url: str | None) -> dict[str, Any]:
    assert part.file is not None
    if url is None:
        return {"type": "text", "text": f"[{part.file.name}]"}
    if part.file.kind == "image" and url.startswith("https://"):
        return {"type": "image", "originalContentUrl": url, "previewImageUrl": url}
    return {"type": "text", "text": f"{part.file.name}\n{url}"}


def _location(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    named = {"title": str(value.get("name") or text or "📍")[:100], "address": str(value.get("address") or value.get("name") or "–")[:100]}
    return {"type": "location", **named, "latitude": float(value["latitude"]), "longitude": float(value["longitude"])}


def _link(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    action = {"type": "uri", "label": shorten(str(value["title"]), 20, Unit.UTF16), "uri": str(value["url"])}
    if text and size(text, Unit.UTF16) <= TEMPLATE_TEXT:
        return _template(text, [action])
    return {"type": "text", "text": f"{text}\n{value['url']}".strip()}


def _sticker(value: Mapping[str, Any], _text: str) -> dict[str, Any]:
    return {"type": "sticker", "packageId": str(value["package"]), "stickerId": str(value["sticker"])}


_SPECIALS = {"location": _location, "link": _link, "sticker": _sticker}
