"""What each kind of message says: words for bot and agent, the rest as metadata and files beside it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.happenings import MediaRef

Message = Mapping[str, Any]
UNSHOWN = ("poll", "dice", "game", "story", "invoice", "paid_media", "giveaway", "checklist", "gift")
"""Kinds that a customer sends and that cannot be shown here: the agent is told that there was something."""


@dataclass(frozen=True)
class Said:
    """The content of a message. `text` is never empty: where there are no words it names the thing in brackets."""

    text: str
    metadata: dict[str, Any] = field(default_factory=dict)
    media: tuple[MediaRef, ...] = ()


def read_content(message: Message) -> Said | None:
    """The content of a message of any kind; None for what is no message of a customer. Raises KeyError and the like on a broken shape."""
    for kind, read in _READERS.items():
        if message.get(kind) is not None:
            return read(message)
    unshown = next((kind for kind in UNSHOWN if message.get(kind) is not None), None)
    return Said(f"[{unshown}: cannot be shown here]", {"kind": "unsupported", "unsupported": unshown}) if unshown else None


def _text(message: Message) -> Said:
    return Said(str(message["text"]))


def _photo(message: Message) -> Said:
    sizes = [s for s in message["photo"] if isinstance(s, dict)]
    best = max(sizes, key=lambda s: int(s.get("width") or 0) * int(s.get("height") or 0))
    return _with_file(message, best, "image", claimed="image/jpeg")


def _sticker(message: Message) -> Said:
    sticker = message["sticker"]
    moves = bool(sticker.get("is_animated") or sticker.get("is_video"))
    file = MediaRef(str(sticker["file_id"]), "document" if moves else "sticker", "image/webp")
    return Said(f"[sticker{' ' + sticker['emoji'] if sticker.get('emoji') else ''}]", {"kind": "sticker"}, (file,))


def _file(kind: str, stored: str, claimed: str = "") -> Callable[[Message], Said]:
    return lambda message: _with_file(message, message[kind], stored, claimed=claimed)


def _with_file(message: Message, file: Message, stored: str, *, claimed: str) -> Said:
    name = file.get("file_name")
    ref = MediaRef(str(file["file_id"]), stored, str(file.get("mime_type") or claimed), str(name) if name else None)
    named = "voice message" if stored == "voice" else stored
    metadata: dict[str, Any] = {"kind": stored}
    if message.get("media_group_id"):
        metadata["album"] = str(message["media_group_id"])
    return Said(str(message.get("caption") or f"[{named}{f': {name}' if name else ''}]"), metadata, (ref,))


def _place(message: Message) -> Said:
    venue = message.get("venue") or {}
    point = venue.get("location") or message["location"]
    at = {"latitude": float(point["latitude"]), "longitude": float(point["longitude"])}
    known = {ours: str(venue[theirs]) for ours, theirs in (("name", "title"), ("address", "address")) if venue.get(theirs)}
    words = ", ".join(known.values())
    where = f"{at['latitude']:.6f}, {at['longitude']:.6f}"
    return Said(f"[location] {words + ' ' if words else ''}({where})", {"kind": "location", "location": {**at, **known}})


def _contact(message: Message) -> Said:
    """`own`: Telegram itself says that the number is that of who sent it."""
    card = message["contact"]
    name = " ".join(str(card[part]) for part in ("first_name", "last_name") if card.get(part))
    own = card.get("user_id") is not None and card["user_id"] == message["from"]["id"]
    entry = {"name": name, "phone": str(card["phone_number"]), "own": own}
    return Said(f"[contact] {name} ({entry['phone']})", {"kind": "contacts", "contacts": [entry]})


_READERS: dict[str, Callable[[Message], Said]] = {
    "text": _text,
    "photo": _photo,
    "animation": _file("animation", "video", "video/mp4"),  # before "document", which comes beside it
    "document": _file("document", "document"),
    "video": _file("video", "video", "video/mp4"),
    "video_note": _file("video_note", "video", "video/mp4"),
    "voice": _file("voice", "voice", "audio/ogg"),
    "audio": _file("audio", "audio", "audio/mpeg"),
    "sticker": _sticker,
    "venue": _place,
    "location": _place,
    "contact": _contact,
}
