"""What the simulated Telegram knows, and what its users do."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

from simulators.telling import Post, Teller

Json = dict[str, Any]


@dataclass
class Config:
    """The bot and its limits; `hook_url` and `secret` are set by setWebhook as well."""

    token: str = "700001:simulated-bot-token"  # noqa: S105 - invented
    username: str = "simulated_bot"
    hook_url: str = ""
    secret: str = ""
    per_chat: int = 1000  # messages to one chat within a second


@dataclass
class User:
    """A person with Telegram. `chat` is what they see: the messages of both sides."""

    id: int
    first_name: str = "Ada"
    username: str = "ada_example"
    language: str = "en"
    blocked: bool = False
    chat: list[Json] = field(default_factory=list)
    spinning: set[str] = field(default_factory=set)
    last_second: tuple[int, int] = (0, 0)


@dataclass
class World:
    """All of it. `errors`: the next answers to calls, instead of the true ones."""

    config: Config = field(default_factory=Config)
    users: dict[int, User] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    errors: list[Json] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    teller: Teller = field(default_factory=Teller)
    allowed: list[str] = field(default_factory=list)
    waiting: list[Json] = field(default_factory=list)  # updates for who asks, while there is no webhook
    _updates: itertools.count[int] = field(default_factory=lambda: itertools.count(700_001))
    _messages: itertools.count[int] = field(default_factory=lambda: itertools.count(41))

    def user(self, user: int = 5_550_001) -> User:
        """The user, who comes into being when first named."""
        return self.users.setdefault(user, User(user))

    def message_id(self) -> int:
        """The next number of a message."""
        return next(self._messages)

    async def tell(self, kind: str, content: Json, *, update_id: int | None = None) -> Post:
        """Posts an update to the bot's webhook; without one it waits until it is asked for."""
        update = {"update_id": update_id or next(self._updates), kind: content}
        if not self.config.hook_url:
            self.waiting.append(update)
            return Post("", b"", {}, 200)
        headers = {"Content-Type": "application/json"}
        if self.config.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.config.secret
        return await self.teller.tell(self.config.hook_url, json.dumps(update, ensure_ascii=False).encode(), headers)

    async def write(self, user: int = 5_550_001, **content: Any) -> Post:
        """A user sends a message: text, photo, contact ... as in Telegram's Message."""
        person = self.user(user)
        message = {
            "message_id": self.message_id(),
            "date": int(time.time()),
            "chat": self.chat(person),
            "from": self.sender(person),
            **content,
        }
        text = str(content.get("text") or "")
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        person.chat.append(message)
        return await self.tell("message", message)

    async def press(self, title: str, user: int = 5_550_001) -> Post:
        """A user presses the button of that title in the newest message that has it. Raises ValueError."""
        person = self.user(user)
        for message in reversed(person.chat):
            for row in (message.get("reply_markup") or {}).get("inline_keyboard") or []:
                for button in row:
                    if button["text"] == title and "callback_data" in button:
                        return await self._pressed(person, message, button["callback_data"])
        raise ValueError(f"no button {title!r}")

    async def _pressed(self, person: User, message: Json, data: str) -> Post:
        query = str(4_382_000_000_000_000_000 + self.message_id())
        person.spinning.add(query)
        return await self.tell(
            "callback_query", {"id": query, "from": self.sender(person), "message": message, "chat_instance": "-1", "data": data}
        )

    async def edit(self, message_id: int, text: str, user: int = 5_550_001) -> Post:
        """A user changes what they wrote."""
        person = self.user(user)
        message = next(m for m in person.chat if m["message_id"] == message_id)
        message |= {"text": text, "edit_date": int(time.time())}
        return await self.tell("edited_message", message)

    async def block(self, blocked: bool = True, user: int = 5_550_001) -> Post:
        """A user blocks the bot, or lets it in again."""
        person = self.user(user)
        person.blocked = blocked
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        change = {"chat": self.chat(person), "from": self.sender(person), "date": int(time.time()),
                  "old_chat_member": {"status": was}, "new_chat_member": {"status": now}}  # fmt: skip
        return await self.tell("my_chat_member", change)

    async def react(self, message_id: int, emoji: str, user: int = 5_550_001) -> Post:
        """A user reacts to a message; an empty emoji takes it back."""
        person = self.user(user)
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        change = {"chat": self.chat(person), "user": self.sender(person), "message_id": message_id, "date": int(time.time()),
                  "old_reaction": [], "new_reaction": new}  # fmt: skip
        return await self.tell("message_reaction", change)

    def upload(self, data: bytes, *, path: str = "photos/file_1.jpg") -> str:
        """A file that a user sends; its file_id."""
        file_id = f"AgACAgIAAxk-{len(self.files) + 1}"
        self.files[file_id] = (path.replace("_1", f"_{len(self.files) + 1}"), data)
        return file_id

    def said(self, user: int = 5_550_001) -> list[str]:
        """What the bot has written to a user."""
        return [str(m.get("text") or m.get("caption") or "") for m in self.user(user).chat if m["from"]["is_bot"]]

    def chat(self, person: User) -> Json:
        """Telegram's Chat of a private chat."""
        return {"id": person.id, "type": "private", "first_name": person.first_name}

    def sender(self, person: User) -> Json:
        """Telegram's User."""
        named = {"first_name": person.first_name, "username": person.username, "language_code": person.language}
        return {"id": person.id, "is_bot": False, **named}
