"""Makes happenings of an update of the Bot API. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from channels.base import Account, ShapeError
from channels.happenings import Blocked, CustomerMessage, Edited, Happening, Reaction, Unknown
from channels.telegram.capabilities import NAME
from channels.telegram.contents import read_content
from context.types import Inbound

Update = Mapping[str, Any]
MEANINGS = {"start": "/greet"}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_LANGUAGES = {
    "en": "en",
    "pt": "pt",
    "zh-hant": "zh-Hant",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-hans": "zh-Hans",
    "zh-cn": "zh-Hans",
}
BROKEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError)


def read_update(body: bytes) -> dict[str, Any]:
    """The update as a dictionary. Raises ShapeError."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("This is no JSON") from None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise ShapeError("This is no update of Telegram")
    return update


def parse(update: Update, account: Account, *, now: datetime) -> list[Happening]:
    """What an update tells: one thing, or nothing known."""
    kind = next((name for name in _READERS if name in update), None)
    if kind is None:
        names = ", ".join(sorted(str(name) for name in update if name != "update_id"))
        return [Unknown(f"an update of a kind that is not known: {names[:100]}")]
    try:
        return [_READERS[kind](update[kind], account, now)]
    except BROKEN as error:
        return [Unknown(f"{kind}: {type(error).__name__}: {str(error)[:100]}")]


def name_of(chat: object, message: object) -> str:
    """The name of a message for us: Telegram's numbers are unique within a chat only."""
    return f"{chat}:{message}"


def _message(message: Update, account: Account, _now: datetime) -> Happening:
    chat, sender = message["chat"], message.get("from") or {}
    if chat["type"] != "private":
        return Unknown(f"a message in a {chat['type']}: only private chats are served")
    said = read_content(message)
    if said is None:
        return Unknown(f"a message without content that is known: {', '.join(sorted(message))[:200]}")
    metadata = dict(said.metadata)
    if message.get("reply_to_message"):
        metadata["reply_to_external"] = name_of(chat["id"], message["reply_to_message"]["message_id"])
    text, payload = _command(said.text, account, metadata) if "text" in message else (said.text, None)
    inbound = Inbound(
        NAME, account.account, str(int(chat["id"])), name_of(chat["id"], int(message["message_id"])), text, payload,
        profile_name=_name(sender), language=_language(sender), metadata=metadata,
    )  # fmt: skip
    own = next((c["phone"] for c in metadata.get("contacts", ()) if c["own"]), None)
    phone = f"+{own.lstrip('+')}" if own else None
    return CustomerMessage(inbound, _at(message["date"]), media=said.media, username=sender.get("username"), phone=phone)


def _command(text: str, account: Account, metadata: dict[str, Any]) -> tuple[str, str | None]:
    """A command is what the shop says it means, or else its words: nobody can write a payload of the bot by hand."""
    if not text.strip():
        return "[empty message]", None
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return (text.lstrip("/") or "[empty message]") if text.startswith("/") else text, None
    command, argument = match[1].lower(), (match[2] or "").strip()
    metadata["command"] = {"name": command, "argument": argument}
    meanings = MEANINGS | dict(pair.split("=", 1) for pair in account.setting("commands").split() if "=" in pair)
    words = f"{command.replace('_', ' ')} {argument}".strip()
    return words, meanings.get(command)


def _edited(message: Update, account: Account, _now: datetime) -> Happening:
    said = read_content(message)
    text = said.text if said else ""
    target = name_of(message["chat"]["id"], message["message_id"])
    at = _at(message.get("edit_date") or message["date"])
    return Edited(account.account, str(message["chat"]["id"]), target, text, at)


def _chosen(query: Update, account: Account, now: datetime) -> Happening:
    """A button was pressed. Its title stands in the message that it is under; the reference tells what it means."""
    message, data = query["message"], str(query["data"])
    if message["chat"]["type"] != "private":
        return Unknown("a button in a group")
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    title = next((str(b["text"]) for row in rows for b in row if b.get("callback_data") == data), "")
    chat = message["chat"]["id"]
    external = f"c:{query['id']}:{name_of(chat, message['message_id'])}"
    metadata = {"kind": "button_reply", "reply_to_external": name_of(chat, message["message_id"])}
    sender = query["from"]
    inbound = Inbound(
        NAME, account.account, str(int(chat)), external, title or "[button]",
        profile_name=_name(sender), language=_language(sender), metadata=metadata,
    )  # fmt: skip
    return CustomerMessage(inbound, now, choice=data, username=sender.get("username"))


def _membership(change: Update, account: Account, _now: datetime) -> Happening:
    if change["chat"]["type"] != "private":
        return Unknown("the bot was put into a group, or out of one")
    blocked = change["new_chat_member"]["status"] == "kicked"
    reason = "The customer blocked the bot on Telegram: nothing reaches them there." if blocked else "The customer allows the bot again."
    return Blocked(account.account, str(change["chat"]["id"]), blocked, _at(change["date"]), reason)


def _reaction(change: Update, account: Account, _now: datetime) -> Happening:
    new = change["new_reaction"]
    emoji = next((str(r["emoji"]) for r in new if r.get("type") == "emoji"), "" if not new else "⭐")
    chat = change["chat"]["id"]
    return Reaction(account.account, str(chat), name_of(chat, change["message_id"]), emoji, _at(change["date"]))


def _name(sender: Update) -> str | None:
    return " ".join(str(sender[part]) for part in ("first_name", "last_name") if sender.get(part)) or None


def _language(sender: Update) -> str | None:
    code = str(sender.get("language_code") or "").lower()
    return _LANGUAGES.get(code) or _LANGUAGES.get(code.partition("-")[0])


def _at(seconds: object) -> datetime:
    return datetime.fromtimestamp(int(str(seconds)), UTC)


_READERS: dict[str, Callable[[Update, Account, datetime], Happening]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _chosen,
    "my_chat_member": _membership,
    "message_reaction": _reaction,
}
