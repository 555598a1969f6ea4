"""Parses what a widget sends. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from context.types import Author, Inbound, MessageView

CHANNEL = "web"
ACCOUNT = "shop"
LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")


class SessionRequest(BaseModel):
    """Opening or resuming a session."""

    model_config = ConfigDict(extra="forbid")
    language: str | None = None
    page: str | None = Field(default=None, max_length=2000)
    identity: str | None = Field(default=None, max_length=10_000)
    """A signed identity of the shop's site (a JWT), exchanged for the session."""


class CodeRequest(BaseModel):
    """Where a one-time code is to be sent."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["phone", "email"]
    value: str = Field(min_length=3, max_length=254)


class CodeAnswer(BaseModel):
    """The code that came."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=4, max_length=12)


class FormRequest(BaseModel):
    """What the visitor told before the chat, by the names of the fields."""

    model_config = ConfigDict(extra="forbid")
    fields: dict[str, str] = Field(max_length=50)


class EmailRequest(BaseModel):
    """Where answers are to go when the visitor has gone."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(max_length=300)


class ConsentRequest(BaseModel):
    """What the visitor says to the notice whose `version` was shown."""

    model_config = ConfigDict(extra="forbid")
    granted: bool
    version: str = Field(max_length=40)


class PageContext(BaseModel):
    """Where the visitor is: the page's address and title, and the help article on it."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(max_length=2000)
    title: str | None = Field(default=None, max_length=300)
    article: str | None = Field(default=None, max_length=100, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")


class MessageRequest(BaseModel):
    """A message of the visitor; `client_id` makes a repeat do nothing."""

    model_config = ConfigDict(extra="forbid")
    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    text: str = Field(max_length=100_000)  # the real limit is checked with a better message
    payload: str | None = Field(default=None, max_length=2000)
    language: str | None = None
    page: PageContext | None = None
    files: list[UUID] = Field(default=[], max_length=10)


class TypingRequest(BaseModel):
    """Whether the visitor types."""

    on: bool


class ReadRequest(BaseModel):
    """The visitor has seen messages up to `seq`."""

    seq: int = Field(ge=0)


class RatingRequest(BaseModel):
    """A rating from 1 to 5."""

    rating_id: UUID
    score: int = Field(ge=1, le=5)
    comment: str | None = Field(default=None, max_length=2000)


class CallbackRequest(BaseModel):
    """An e-mail address or a telephone number, to be answered later."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(max_length=300)


class ButtonOut(BaseModel):
    """A quick reply."""

    title: str
    payload: str


class CitationOut(BaseModel):
    """A source."""

    title: str
    url: str


class FileShown(BaseModel):
    """A file of a message; its bytes are at /v1/widget/files/{id}."""

    id: UUID
    name: str
    type: str
    size: int


class MessageOut(BaseModel):
    """A message as the widget shows it."""

    id: UUID
    seq: int
    author: str
    author_name: str | None
    text: str
    buttons: list[ButtonOut]
    citations: list[CitationOut]
    files: list[FileShown] = []
    rating_id: str | None
    callback: bool = False
    prove: bool = False
    client_id: str | None
    delivery: str
    channel: str
    at: datetime


def show_message(message: MessageView, *, visitor: str) -> MessageOut:
    """The message as its visitor sees it."""
    own = message.author == Author.CUSTOMER and (message.external_id or "").startswith(f"{visitor}:")
    return MessageOut(
        id=message.id,
        seq=message.seq,
        author=message.author,
        author_name=message.author_name if message.author == Author.AGENT else None,
        text=message.content.text,
        buttons=[ButtonOut(title=b.title, payload=b.payload) for b in message.content.buttons],
        citations=[CitationOut(title=c.title, url=c.url) for c in message.content.citations],
        files=[FileShown(id=a.id, name=a.name, type=a.media_type, size=a.size) for a in message.content.attachments],
        rating_id=message.content.custom.get("rating_id"),
        callback=bool(message.content.custom.get("callback")),
        prove=bool(message.content.custom.get("prove")),
        client_id=message.external_id.removeprefix(f"{visitor}:") if own and message.external_id else None,
        delivery=message.delivery,
        channel=message.channel,
        at=message.at,
    )


def parse(request: MessageRequest, *, visitor: str, language: str | None = None) -> Inbound:
    """The visitor's message; `language` is that of the session, for messages that name none.

    Its external id is made of visitor and client id, so that no visitor can hit another's.
    """
    said_in = known_language(request.language) or language
    return Inbound(
        channel=CHANNEL,
        account=ACCOUNT,
        identity=visitor,
        external_id=f"{visitor}:{request.client_id}",
        text=request.text,
        payload=request.payload,
        language=said_in,
        metadata=_metadata(request.page, said_in),
        attachments=tuple(request.files),
    )


def _metadata(page: PageContext | None, language: str | None) -> dict[str, Any]:
    """What bot and agent see of the page: `{"page": {"url", "title", "article", "language"}}`; nothing for other addresses."""
    if page is None or not page.url.startswith(("http://", "https://")):
        return {}
    title = {"title": said} if (said := "".join(c for c in page.title or "" if c.isprintable()).strip()) else {}
    return {"page": {"url": page.url.split("?")[0].split("#")[0], "article": page.article, "language": language} | title}


def known_language(language: Any) -> str | None:
    """One of our languages for a browser's tag (`zh-TW`, `pt-BR`, `en-GB`), or None."""
    tag = str(language or "").strip()
    if tag in LANGUAGES:
        return tag
    lowered = tag.lower()
    if lowered.startswith("zh"):
        return "zh-Hans" if any(part in lowered for part in ("cn", "hans", "sg", "my")) else "zh-Hant"
    return next((known for known in ("en", "pt") if lowered.split("-")[0] == known), None)
