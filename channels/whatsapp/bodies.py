"""Makes the bodies of `POST /{phone_number_id}/messages`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from channels.base import Choice, Part, Sending

CHOOSE = {"en": "Choose", "zh-Hant": "選擇", "zh-Hans": "选择", "pt": "Escolher"}
SEE = {"en": "Please choose:", "zh-Hant": "請選擇：", "zh-Hans": "请选择：", "pt": "Escolha, por favor:"}
BODY_OF_BUTTONS = 1024


def is_phone(address: str) -> bool:
    """Whether an address is a phone number, and not a business-scoped user id."""
    return address.isascii() and address.isdigit()


def recipient(sending: Sending) -> dict[str, str]:
    """Whom a message goes to: the phone number that was used last where one is known, else the user id."""
    addresses = list(dict.fromkeys([sending.to, *sending.addresses]))
    phone = next((a for a in addresses if is_phone(a)), None)
    return {"to": f"+{phone}"} if phone is not None else {"recipient": addresses[0]}


def message_body(sending: Sending, *, media_id: str | None = None) -> dict[str, Any]:
    """The whole body; `media_id` is that of the uploaded file of the part."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual", **recipient(sending)}
    body |= _payload(sending.part, media_id, sending.language)
    if sending.reply_to is not None and body["type"] not in {"template", "reaction"}:
        body["context"] = {"message_id": sending.reply_to}
    return body | {"biz_opaque_callback_data": str(sending.key)}


def _payload(part: Part, media_id: str | None, language: str) -> dict[str, Any]:
    for name, make in _SPECIALS.items():
        if name in part.special:
            return make(part.special[name], part.text)
    if part.file is not None:
        return _file(part, media_id or "")
    if part.buttons:
        return {"type": "interactive", "interactive": _buttons(part, language)}
    if part.rows:
        return {"type": "interactive", "interactive": _list(part, language)}
    return {"type": "text", "text": {"body": part.text, "preview_url": "http" in part.text}}


def _file(part: Part, media_id: str) -> dict[str, Any]:
    assert part.file is not None
    kind = "audio" if part.file.kind == "voice" else part.file.kind
    content: dict[str, Any] = {"id": media_id}
    if kind == "document":
        content["filename"] = part.file.name
    if part.text and kind in {"image", "video", "document"}:
        content["caption"] = part.text
    return {"type": kind, kind: content}


def _buttons(part: Part, language: str) -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": c.reference, "title": c.title}} for c in part.buttons]
    return {"type": "button", "body": {"text": part.text or SEE.get(language, SEE["en"])}, "action": {"buttons": replies}}


def _list(part: Part, language: str) -> dict[str, Any]:
    action = {"button": CHOOSE.get(language, CHOOSE["en"]), "sections": [{"rows": _rows(part.rows)}]}
    return {"type": "list", "body": {"text": part.text or SEE.get(language, SEE["en"])}, "action": action}


def _rows(choices: Sequence[Choice]) -> list[dict[str, str]]:
    rows = []
    for choice in choices:
        row = {"id": choice.reference, "title": choice.title}
        rows.append(row | ({"description": choice.description} if choice.description else {}))
    return rows


def _template(value: Mapping[str, Any], _text: str) -> dict[str, Any]:
    template: dict[str, Any] = {"name": value["name"], "language": {"code": value["language"]}}
    if value.get("components"):
        template["components"] = list(value["components"])
    return {"type": "template", "template": template}


def _location_request(_value: Any, text: str) -> dict[str, Any]:
    return _interactive("location_request_message", text, {"name": "send_location"})


def _contact_request(_value: Any, text: str) -> dict[str, Any]:
    return _interactive("contact_request", text, {"name": "request_contact_info"})


def _link(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    parameters = {"display_text": str(value["title"])[:20], "url": value["url"]}
    return _interactive("cta_url", text, {"name": "cta_url", "parameters": parameters})


def _flow(value: Mapping[str, Any], text: str) -> dict[str, Any]:
    parameters = {"flow_message_version": "3", **value}
    return _interactive("flow", text, {"name": "flow", "parameters": parameters})


def _interactive(kind: str, text: str, action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text[:BODY_OF_BUTTONS]}, "action": action}}


_SPECIALS: dict[str, Callable[[Any, str], dict[str, Any]]] = {
    "template": _template,
    "location_request": _location_request,
    "contact_request": _contact_request,
    "flow": _flow,
    "link": _link,
    "reaction": lambda value, _text: {"type": "reaction", "reaction": {"message_id": value["to"], "emoji": value.get("emoji") or ""}},
    "location": lambda value, _text: {"type": "location", "location": dict(value)},
    "contacts": lambda value, _text: {"type": "contacts", "contacts": list(value)},
}
