"""Makes happenings of what a system sends. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from channels.base import Account, Problem, ShapeError
from channels.happenings import Blocked, CustomerMessage, Edited, Happening, MediaRef, Reaction, Receipt, Unknown
from channels.webhook.capabilities import NAME
from channels.webhook.schemas import (
    INWARD,
    BlockedNews,
    ChoiceContent,
    EditedNews,
    FileContent,
    LocationContent,
    ReactedNews,
    Received,
    StatusNews,
    TextContent,
)
from context.types import Inbound

KINDS = ("image", "video", "audio")
LANGUAGES = {"zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant", "zh": "zh-Hans", "en": "en", "pt": "pt"}


def parse(body: bytes, account: Account) -> list[Happening]:
    """What a webhook tells; a shape that is not known is flagged with what is wrong about it. Raises ShapeError where it is no JSON."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        raise ShapeError("This is no JSON") from None
    try:
        news = INWARD.validate_python(whole, strict=False)
    except ValidationError as error:
        return [Unknown("; ".join(_told(e) for e in error.errors(include_url=False, include_input=False)[:3])[:400])]
    return [_READERS[type(news)](news, account)]


def _told(error: Any) -> str:
    where = ".".join(str(step) for step in error["loc"]) or "the whole"
    return f"{where}: {error['msg']}"


def _received(news: Received, account: Account) -> Happening:
    data, user = news.data, news.data.user
    text, metadata, media, choice = _content(data.content)
    metadata = {**data.metadata, **metadata}
    claimed = {name: value for name in ("email", "phone") if (value := getattr(user, name))}
    if claimed:
        metadata["claimed"] = claimed
    if data.reply_to:
        metadata["reply_to_external"] = data.reply_to
    inbound = Inbound(
        NAME, account.account, user.id, data.message_id, text, profile_name=user.name, language=_language(user.locale), metadata=metadata
    )
    return CustomerMessage(inbound, news.timestamp, media=media, choice=choice)


def _content(
    content: TextContent | ChoiceContent | FileContent | LocationContent,
) -> tuple[str, dict[str, Any], tuple[MediaRef, ...], str | None]:
    match content:
        case TextContent():
            return content.text if content.text.strip() else "[empty message]", {}, (), None
        case ChoiceContent():
            return content.title or ("" if content.id.startswith("b:") else "[button]"), {"kind": "button_reply"}, (), content.id
        case FileContent():
            family = content.media_type.partition("/")[0]
            kind = family if family in KINDS else "document"
            media = MediaRef(content.url, kind, content.media_type, content.name, content.sha256)
            return content.text or f"[{kind}{': ' + content.name if content.name else ''}]", {"kind": kind}, (media,), None
        case LocationContent():
            place = {"latitude": content.latitude, "longitude": content.longitude} | ({"name": content.name} if content.name else {})
            where = f"({content.latitude:.6f}, {content.longitude:.6f})"
            return f"[location] {content.name + ' ' if content.name else ''}{where}", {"kind": "location", "location": place}, (), None


def _language(locale: str | None) -> str | None:
    code = (locale or "").lower().replace("_", "-")
    return LANGUAGES.get(code) or LANGUAGES.get("-".join(code.split("-")[:2])) or LANGUAGES.get(code.partition("-")[0])


def _edited(news: EditedNews, account: Account) -> Happening:
    return Edited(account.account, news.data.user.id, news.data.message_id, news.data.text, news.timestamp)


def _status(news: StatusNews, account: Account) -> Happening:
    data = news.data
    problem = Problem.UNKNOWN.value if data.status == "failed" else None
    try:
        key = UUID(data.delivery) if data.delivery else None
    except ValueError:
        return Unknown("data.delivery: no webhook-id of ours")
    if key is None and not data.message_id:
        return Unknown("data: neither delivery nor message_id")
    return Receipt(account.account, data.message_id, data.status, news.timestamp, key=key, problem=problem, reason=data.reason)


def _reacted(news: ReactedNews, account: Account) -> Happening:
    return Reaction(account.account, news.data.user.id, news.data.message_id, news.data.emoji, news.timestamp)


def _blocked(news: BlockedNews, account: Account) -> Happening:
    blocked = news.type == "user.blocked"
    reason = news.data.reason or ("The customer wants no messages any more." if blocked else "The customer allows messages again.")
    return Blocked(account.account, news.data.user.id, blocked, news.timestamp, reason)


_READERS: dict[type, Callable[[Any, Account], Happening]] = {
    Received: _received,
    EditedNews: _edited,
    StatusNews: _status,
    ReactedNews: _reacted,
    BlockedNews: _blocked,
}
