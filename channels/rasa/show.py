"""Shows a stored message as Rasa's channels do: the collecting ones (REST, callback) and Socket.IO. Pure."""

from __future__ import annotations

from typing import Any

from context.types import Content

Json = dict[str, Any]


def collected(content: Content, *, recipient: str, base_url: str) -> list[Json]:
    """The messages of REST and callback. A text falls apart at empty lines; buttons keep it whole."""
    shown: list[Json] = []
    text, buttons, rich = _text(content, base_url), _buttons(content), content.custom
    if buttons:
        shown.append({"text": text, "buttons": buttons})
    elif text:
        shown += [{"text": part} for part in text.split("\n\n")]
    shown += [{key: rich[key]} for key in ("custom", "image", "attachment") if rich.get(key)]
    for card in _cards(content):
        shown.append({"text": _card_text(card), "buttons": card.get("buttons") or []})
    return [{"recipient_id": recipient} | message for message in shown]


def uttered(content: Content, *, base_url: str) -> list[Json]:
    """The payloads of `bot_uttered`. Custom JSON goes out as it is, so that a widget finds its own keys."""
    shown: list[Json] = []
    text, buttons, rich = _text(content, base_url), _buttons(content), content.custom
    if text or buttons:
        shown += [{"text": part} for part in text.split("\n\n")]
    if buttons:
        shown[:-1] = [message | {"quick_replies": []} for message in shown[:-1]]
        shown[-1] |= {"quick_replies": [{"content_type": "text", **button} for button in buttons]}
    if rich.get("custom"):
        custom = rich["custom"]
        shown.append(custom.get("data", custom) if isinstance(custom, dict) else {"custom": custom})
    if rich.get("image"):
        shown.append({"attachment": {"type": "image", "payload": {"src": rich["image"]}}})
    if rich.get("attachment"):
        shown.append({"attachment": rich["attachment"]})
    shown += [{"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": card}}} for card in _cards(content)]
    return shown


def _text(content: Content, base_url: str) -> str:
    """The text with its sources; nothing when it only says in words what a rich part shows."""
    text = content.text.strip()
    if text in _said_by_parts(content):
        text = ""
    sources = [f"{c.title}: {c.url if '://' in c.url else base_url + c.url}" for c in content.citations]
    return "\n".join([text, *sources]) if text else text


def _said_by_parts(content: Content) -> set[str]:
    attachment = content.custom.get("attachment")
    source = (
        attachment.get("payload", {}).get("src")
        if isinstance(attachment, dict) and isinstance(attachment.get("payload"), dict)
        else attachment
    )
    said = {str(part) for part in (content.custom.get("image"), source) if part}
    return said | {"\n".join(_card_text(c) for c in _cards(content))} if _cards(content) else said


def _buttons(content: Content) -> list[Json]:
    return [{"title": b.title, "payload": b.payload} for b in content.buttons]


def _cards(content: Content) -> list[Json]:
    cards = content.custom.get("elements")
    return [c for c in cards if isinstance(c, dict)] if isinstance(cards, list) else []


def _card_text(card: Json) -> str:
    return f"{card.get('title', '')} : {card.get('subtitle', '')}"
