"""What the simulated page knows: people, their chats, posts with comments, and how the provider misbehaves."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from simulators.telling import Post, Teller

DAY = 86_400.0


@dataclass
class Config:
    """The account at the provider."""

    hook_url: str = ""
    page: str = "110001"
    kind: str = "page"  # or instagram
    token: str = "simulated-page-token"  # noqa: S105 - invented
    app_secret: str = "simulated-app-secret"  # noqa: S105 - invented
    verify_token: str = "simulated-verify-token"  # noqa: S105 - invented
    human_agent: bool = True
    echo_first: bool = False  # the echo leaves before the call is answered
    lose: int = 0  # so many sends are taken, and the answer is lost


@dataclass
class Person:
    """Somebody with a chat. `wrote`: when they last did."""

    id: str
    name: str = "Ann"
    wrote: float = 0.0
    chat: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Comment:
    """A comment under a post."""

    id: str
    post: str
    parent: str
    author: str
    text: str
    at: float
    answered_privately: bool = False


@dataclass
class World:
    """Everything, in memory."""

    config: Config = field(default_factory=Config)
    people: dict[str, Person] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    failures: list[tuple[int, int | None, int]] = field(default_factory=list)  # code, subcode, status
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    teller: Teller = field(default_factory=Teller)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def later(self, telling: Coroutine[Any, Any, Any]) -> None:
        """Tells while the call that caused it is answered already."""
        task = asyncio.get_running_loop().create_task(telling)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def quiet(self) -> None:
        """Until everything was told."""
        await asyncio.gather(*self.running)

    def person(self, person_id: str = "7001") -> Person:
        """Somebody, made when not there."""
        return self.people.setdefault(person_id, Person(person_id))

    def mid(self) -> str:
        """A new name of a message."""
        return f"m_{next(self.numbers):06d}"

    async def tell(self, *events: dict[str, Any], name: str = "messaging", entry_id: str | None = None) -> Post:
        """Posts one webhook with these events, signed."""
        entry = {"id": entry_id or self.config.page, "time": int(time.time() * 1000), name: list(events)}
        return await self.post({"object": self.config.kind, "entry": [entry]})

    async def post(self, body: dict[str, Any]) -> Post:
        """Posts a body as the provider signs it: with everything beyond ASCII escaped."""
        raw = json.dumps(body).encode()
        mac = hmac.new(self.config.app_secret.encode(), raw, hashlib.sha256).hexdigest()
        return await self.teller.tell(
            self.config.hook_url, raw, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mac}"}
        )

    def event(self, person: Person, **content: Any) -> dict[str, Any]:
        """An event of a person, now."""
        sides = {"sender": {"id": person.id}, "recipient": {"id": self.config.page}}
        return {**sides, "timestamp": int(time.time() * 1000), **content}

    async def write(self, person_id: str = "7001", **message: Any) -> Post:
        """A person writes."""
        person = self.person(person_id)
        message = {"mid": self.mid(), **message}
        person.wrote = time.time()
        person.chat.append({**message, "from": "customer"})
        return await self.tell(self.event(person, message=message))

    async def tap(self, title: str, person_id: str = "7001") -> Post:
        """A person taps a quick reply of the last message that has any."""
        person = self.person(person_id)
        for message in reversed(person.chat):
            for reply in message.get("quick_replies") or ():
                if reply["title"] == title:
                    return await self.write(person_id, text=title, quick_reply={"payload": reply["payload"]})
        raise KeyError(title)

    async def comment(
        self, text: str, *, person_id: str = "7001", post: str = "110001_55", parent: str | None = None, verb: str = "add"
    ) -> Post:
        """A person writes under a post."""
        person = self.person(person_id)
        name = f"55_{next(self.numbers)}"
        self.comments[name] = Comment(name, post, parent or post, person.id, text, time.time())
        return await self.tell(self.change(name, verb), name="changes")

    def change(self, name: str, verb: str = "add") -> dict[str, Any]:
        """What a webhook says of a comment."""
        comment = self.comments[name]
        person = self.people.get(comment.author)
        author = {"id": comment.author, "name": person.name if person else "The page"}
        if self.config.kind == "instagram":
            value: dict[str, Any] = {
                "id": name,
                "text": comment.text,
                "from": {"id": comment.author, "username": "ann"},
                "media": {"id": comment.post},
            }
            return {"field": "comments", "value": value | ({"parent_id": comment.parent} if comment.parent != comment.post else {})}
        value = {
            "item": "comment", "verb": verb, "comment_id": name, "post_id": comment.post, "parent_id": comment.parent, "from": author,
            "message": comment.text, "created_time": int(comment.at),
        }  # fmt: skip
        return {"field": "feed", "value": value}

    def said(self, person_id: str = "7001") -> list[str]:
        """What the page wrote to a person."""
        return [m["text"] for m in self.person(person_id).chat if m["from"] == "page" and m.get("text")]

    def answers(self) -> list[str]:
        """What the page wrote in public."""
        return [c.text for c in self.comments.values() if c.author == self.config.page]
