"""The documented form of what comes in and what goes out (docs/channels-webhook.md, and /docs of a running Baton)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

Id = Annotated[str, Field(min_length=1, max_length=200)]


class Shape(BaseModel):
    """Fields that are not known are passed over, so that senders may add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class User(Shape):
    """Who writes. `id` is the sending system's, and stays the same for a person."""

    id: Id
    name: str | None = Field(None, max_length=200)
    email: str | None = Field(None, max_length=320)
    phone: str | None = Field(None, max_length=40)
    locale: str | None = Field(None, max_length=20, description="BCP 47, such as en, pt-BR, zh-Hant")


class TextContent(Shape):
    """Words."""

    type: Literal["text"]
    text: str


class ChoiceContent(Shape):
    """An option that was offered and is chosen: `id` as it came in `options`."""

    type: Literal["choice"]
    id: Id
    title: str = Field("", max_length=400)


class FileContent(Shape):
    """A file that Baton fetches from `url` once, with a GET without login."""

    type: Literal["file"]
    url: str = Field(max_length=2000)
    name: str | None = Field(None, max_length=200)
    media_type: str = Field("", max_length=100)
    sha256: str | None = Field(None, max_length=64)
    text: str | None = None


class LocationContent(Shape):
    """A place."""

    type: Literal["location"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: str | None = Field(None, max_length=200)


InContent = Annotated[TextContent | ChoiceContent | FileContent | LocationContent, Field(discriminator="type")]


class ReceivedData(Shape):
    """A message of a customer."""

    message_id: Id
    user: User
    content: InContent
    reply_to: str | None = Field(None, max_length=200, description="the message_id of a message that is answered, either side's")
    metadata: dict[str, Any] = Field(default_factory=dict)


class Received(Shape):
    """A customer wrote."""

    type: Literal["message.received"]
    timestamp: AwareDatetime
    data: ReceivedData


class EditedData(Shape):
    """Which message, and its new words; without `text` it was taken back."""

    message_id: Id
    user: User
    text: str | None = None


class EditedNews(Shape):
    """A customer changed a message, or took it back."""

    type: Literal["message.edited"]
    timestamp: AwareDatetime
    data: EditedData


class StatusData(Shape):
    """How far a message of ours got: `delivery` is its `webhook-id`, `message_id` what was answered to it. One of them is enough."""

    delivery: str | None = Field(None, max_length=200)
    message_id: str | None = Field(None, max_length=200)
    status: Literal["sent", "delivered", "read", "failed"]
    reason: str | None = Field(None, max_length=300)


class StatusNews(Shape):
    """A receipt."""

    type: Literal["message.status"]
    timestamp: AwareDatetime
    data: StatusData


class ReactedData(Shape):
    """To which message; an empty `emoji` takes the reaction back."""

    message_id: Id
    user: User
    emoji: str = Field("", max_length=40)


class ReactedNews(Shape):
    """A customer reacted to a message."""

    type: Literal["message.reacted"]
    timestamp: AwareDatetime
    data: ReactedData


class BlockedData(Shape):
    """Who, and why."""

    user: User
    reason: str | None = Field(None, max_length=300)


class BlockedNews(Shape):
    """A customer wants no messages any more, or allows them again."""

    type: Literal["user.blocked", "user.allowed"]
    timestamp: AwareDatetime
    data: BlockedData


Inward = Annotated[Received | EditedNews | StatusNews | ReactedNews | BlockedNews, Field(discriminator="type")]
INWARD: TypeAdapter[Inward] = TypeAdapter(Inward)


class OptionOut(BaseModel):
    """An option: `id` comes back in a `choice`."""

    id: str
    title: str


class FileOut(BaseModel):
    """A file, to be fetched within seven days."""

    url: str
    name: str
    media_type: str
    size: int


class ContentOut(BaseModel):
    """What is said: `type` says which of the others is there; `text` always does for a plain display."""

    type: Literal["text", "choices", "file", "location", "link", "template", "card"]
    text: str
    options: list[OptionOut] = Field(default_factory=list)
    file: FileOut | None = None
    extra: dict[str, Any] | None = None


class CreatedData(BaseModel):
    """A message to a customer."""

    message_id: str
    conversation_id: str
    user: dict[str, str]
    author: Literal["bot", "agent", "system"]
    author_name: str | None
    language: str
    content: ContentOut
    reply_to: str | None


class Created(BaseModel):
    """Baton says something. Answer 2xx, best with {"message_id": "your id of it"}."""

    type: Literal["message.created"]
    timestamp: datetime
    data: CreatedData


class Accepted(BaseModel):
    """`repeat`: it was there already. `problems`: what in it is not understood; it is kept, and flagged for the operator.

    `messages`, with `?wait`: the `data` of the `message.created` that were there in time; each is posted to the account's url all the same.
    """

    accepted: bool = True
    id: str
    repeat: bool = False
    problems: list[str] = Field(default_factory=list)
    messages: list[CreatedData] = Field(default_factory=list)


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema without references, for documents that have their own place for definitions."""
    definitions = schema.get("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return inline(definitions[part["$ref"].rpartition("/")[2]])
            return {name: inline(value) for name, value in part.items() if name not in {"$defs", "mapping"}}
        return [inline(entry) for entry in part] if isinstance(part, list) else part

    found: dict[str, Any] = inline(schema)
    return found


def schemas() -> dict[str, Any]:
    """The forms of both directions as JSON Schema: docs/webhook-channel.schema.json."""
    return {"in": whole(INWARD.json_schema()), "out": whole(Created.model_json_schema()), "answer": whole(Accepted.model_json_schema())}
