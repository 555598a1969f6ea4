"""What the simulated LINE knows, and what its users do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

from simulators.telling import Post, Teller

Json = dict[str, Any]
ADA = "U" + "0" * 31 + "1"


@dataclass
class Config:
    """The account and its limits."""

    bot: str = "U" + "f" * 32
    token: str = "simulated-line-token"  # noqa: S105 - invented
    secret: str = "simulated-line-secret"  # noqa: S105 - invented
    hook_url: str = ""
    quota: int = 1000
    reply_seconds: float = 60.0


@dataclass
class World:
    """All of it. `errors`: the next answers to sends, instead of the true ones, as (status, body)."""

    config: Config = field(default_factory=Config)
    blocked: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=lambda: {ADA: "Ada Example"})
    chats: dict[str, list[Json]] = field(default_factory=dict)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    contents: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    errors: list[tuple[int, Json]] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)  # whose profile was asked for
    lost: int = 0  # so many answers are lost after the message was taken
    pushed: int = 0
    teller: Teller = field(default_factory=Teller)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(531_200_000_000_000_001))

    def number(self) -> str:
        """The next number of a message."""
        return str(next(self._numbers))

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook."""
        digest = hmac.new(self.config.secret.encode(), body, hashlib.sha256).digest()
        return {"Content-Type": "application/json; charset=utf-8", "X-Line-Signature": base64.b64encode(digest).decode()}

    def event(self, kind: str, user: str, content: Json, *, answerable: bool = True) -> Json:
        """An event as it goes into a webhook."""
        event: Json = {
            "type": kind, "mode": "active", "timestamp": int(time.time() * 1000), "source": {"type": "user", "userId": user},
            "webhookEventId": f"01J{self.number()}", "deliveryContext": {"isRedelivery": False}, **content,
        }  # fmt: skip
        if answerable:
            token = f"reply-{self.number()}"
            self.tokens[token] = (user, time.monotonic() + self.config.reply_seconds)
            event["replyToken"] = token
        return event

    async def tell(self, *events: Json) -> Post:
        """Posts events in one webhook."""
        body = json.dumps({"destination": self.config.bot, "events": list(events)}, ensure_ascii=False).encode()
        return await self.teller.tell(self.config.hook_url, body, self.signed(body))

    async def redeliver(self, event: Json) -> Post:
        """The same event once more, as LINE does where it was not acknowledged."""
        return await self.tell(event | {"deliveryContext": {"isRedelivery": True}})

    async def write(self, text: str | None = None, user: str = ADA, **message: Any) -> Post:
        """A user sends a message."""
        content = {"id": self.number(), **({"type": "text", "text": text, "quoteToken": "q"} if text is not None else message)}
        self.chats.setdefault(user, []).append({"from": "user", **content})
        return await self.tell(self.event("message", user, {"message": content}))

    async def press(self, label: str, user: str = ADA) -> Post:
        """A user presses the button of that label. Raises ValueError."""
        for message in reversed(self.chats.get(user, [])):
            actions = [item["action"] for item in (message.get("quickReply") or {}).get("items") or []]
            actions += (message.get("template") or {}).get("actions") or []
            for action in actions:
                if action["label"] == label:
                    return await self.tell(self.event("postback", user, {"postback": {"data": action["data"]}}))
        raise ValueError(f"no button {label!r}")

    async def unsend(self, number: str, user: str = ADA) -> Post:
        """A user takes a message back."""
        return await self.tell(self.event("unsend", user, {"unsend": {"messageId": number}}, answerable=False))

    async def follow(self, follows: bool, user: str = ADA) -> Post:
        """A user adds or unblocks the account, or blocks it."""
        (self.blocked.discard if follows else self.blocked.add)(user)
        kind, content = ("follow", {"follow": {"isUnblocked": True}}) if follows else ("unfollow", {})
        return await self.tell(self.event(kind, user, content, answerable=follows))

    def upload(self, data: bytes, *, not_yet: int = 0) -> str:
        """The content of a message; it is ready after `not_yet` questions."""
        number = self.number()
        self.contents[number] = (data, not_yet)
        return number

    def said(self, user: str = ADA) -> list[str]:
        """What the account has written to a user."""
        found = [m for m in self.chats.get(user, []) if m["from"] == "bot"]
        return [str(m.get("text") or (m.get("template") or {}).get("text") or m["type"]) for m in found]
