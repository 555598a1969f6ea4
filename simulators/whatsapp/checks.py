"""Checks what a business sends against the documented limits, and refuses with the provider's codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulators.whatsapp.world import World

TYPES = {
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "template", "reaction",
}  # fmt: skip
EMPTY = 131008
VALUE = 131009


class Refused(Exception):
    """The provider does not take this."""

    def __init__(self, code: int, details: str, *, status: int = 400) -> None:
        super().__init__(details)
        self.code, self.details, self.status = code, details, status


def need(value: Any, name: str, *, most: int | None = None) -> str:
    """A text that is there and not too long. Raises Refused."""
    if not isinstance(value, str) or not value:
        raise Refused(EMPTY, f"The parameter {name} is required.")
    if most is not None and len(value) > most:
        raise Refused(VALUE, f"Parameter value is not valid: {name} has {len(value)} characters, at most {most}.")
    return value


def check_body(world: World, body: Mapping[str, Any]) -> None:
    """Raises Refused unless a body may be sent."""
    if body.get("messaging_product") != "whatsapp":
        raise Refused(100, "messaging_product must be whatsapp")
    kind = body.get("type", "text")
    if kind not in TYPES:
        raise Refused(131051, f"Unsupported message type {kind!r}")
    if not isinstance(body.get(kind), dict | list):
        raise Refused(EMPTY, f"The parameter {kind} is required.")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None:
        need(callback, "biz_opaque_callback_data", most=512)
    reply = (body.get("context") or {}).get("message_id")
    if reply is not None and kind == "reaction":
        raise Refused(VALUE, "A reaction cannot be a contextual reply.")
    _CHECKS[kind](world, body[kind])


def _text(_world: World, text: dict[str, Any]) -> None:
    need(text.get("body"), "text.body", most=4096)


def _media(world: World, media: dict[str, Any]) -> None:
    if media.get("link"):
        return
    if need(media.get("id"), "id") not in world.files:
        raise Refused(131053, "Media upload error: there is no such media id.")
    if media.get("caption") is not None:
        need(media["caption"], "caption", most=1024)


def _location(_world: World, place: dict[str, Any]) -> None:
    if not -90 <= float(place["latitude"]) <= 90 or not -180 <= float(place["longitude"]) <= 180:
        raise Refused(VALUE, "latitude or longitude out of range")


def _contacts(_world: World, cards: list[dict[str, Any]]) -> None:
    for card in cards:
        need(card.get("name", {}).get("formatted_name"), "name.formatted_name")


def _reaction(world: World, reaction: dict[str, Any]) -> None:
    if need(reaction.get("message_id"), "message_id") not in world.messages:
        raise Refused(VALUE, "The message that is reacted to is not known.")


def _interactive(_world: World, interactive: dict[str, Any]) -> None:
    kind, action = interactive.get("type"), interactive.get("action") or {}
    body = (interactive.get("body") or {}).get("text")
    need(body, "interactive.body.text", most=4096 if kind == "list" else 1024)
    if interactive.get("footer"):
        need(interactive["footer"].get("text"), "footer.text", most=60)
    check = _INTERACTIVE.get(str(kind))
    if check is None:
        raise Refused(VALUE, f"Unknown interactive type {kind!r}")
    check(action)


def _buttons(action: dict[str, Any]) -> None:
    replies = [button.get("reply") or {} for button in action.get("buttons") or ()]
    if not 1 <= len(replies) <= 3:
        raise Refused(VALUE, f"Invalid buttons count: {len(replies)}. Min allowed buttons: 1, Max allowed buttons: 3")
    _distinct([need(r.get("id"), "reply.id", most=256) for r in replies])
    _distinct([need(r.get("title"), "reply.title", most=20) for r in replies])


def _list(action: dict[str, Any]) -> None:
    need(action.get("button"), "action.button", most=20)
    sections = action.get("sections") or []
    rows = [row for section in sections for row in section.get("rows") or ()]
    if not 1 <= len(sections) <= 10 or not 1 <= len(rows) <= 10:
        raise Refused(VALUE, f"Total row count {len(rows)} is not allowed: 1 to 10 rows in 1 to 10 sections")
    if len(sections) > 1:
        for section in sections:
            need(section.get("title"), "section.title", most=24)
    _distinct([need(row.get("id"), "row.id", most=200) for row in rows])
    for row in rows:
        need(row.get("title"), "row.title", most=24)
        if row.get("description"):
            need(row["description"], "row.description", most=72)


def _link(action: dict[str, Any]) -> None:
    parameters = action.get("parameters") or {}
    need(parameters.get("display_text"), "display_text", most=20)
    if not need(parameters.get("url"), "url").startswith(("https://", "http://")):
        raise Refused(VALUE, "url is not an address")


def _named(name: str) -> Callable[[dict[str, Any]], None]:
    def check(action: dict[str, Any]) -> None:
        if action.get("name") != name:
            raise Refused(VALUE, f"action.name must be {name}")

    return check


def _flow(action: dict[str, Any]) -> None:
    parameters = action.get("parameters") or {}
    need(parameters.get("flow_id") or parameters.get("flow_name"), "flow_id")
    need(parameters.get("flow_cta"), "flow_cta", most=30)


def _distinct(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise Refused(VALUE, "Ids and titles must be unique.")


def _template(world: World, sent: dict[str, Any]) -> None:
    name, language = need(sent.get("name"), "template.name"), need((sent.get("language") or {}).get("code"), "language.code")
    known = next((t for t in world.templates if (t["name"], t["language"]) == (name, language)), None)
    if known is None or known["status"] not in {"APPROVED", "PAUSED", "DISABLED"}:
        raise Refused(132001, f"Template name ({name}) does not exist in {language}", status=404)
    if known["status"] != "APPROVED":
        raise Refused(132015 if known["status"] == "PAUSED" else 132016, f"Template is {known['status'].lower()}")
    for component in known["components"]:
        if component["type"].lower() != "body":
            continue
        given = [p for c in sent.get("components") or () if c.get("type") == "body" for p in c["parameters"]]
        if len(given) != len(placeholders(component["text"])):
            raise Refused(132000, f"body: {len(given)} parameters, expected {len(placeholders(component['text']))}")


def placeholders(text: str) -> list[str]:
    """The names or numbers between double braces, each once, in order."""
    found = [part.partition("}}")[0].strip() for part in text.split("{{")[1:]]
    return list(dict.fromkeys(found))


_INTERACTIVE: dict[str, Callable[[dict[str, Any]], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "location_request_message": _named("send_location"),
    "contact_request": _named("request_contact_info"),
    "flow": _flow,
}
_CHECKS: dict[str, Callable[[World, Any], None]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
}
