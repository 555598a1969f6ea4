"""A customer over HTTP, as the widget speaks."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx


class Customer:
    """One visitor with a session."""

    def __init__(self, url: str, *, language: str = "en") -> None:
        self.http = httpx.Client(base_url=url, timeout=20, limits=httpx.Limits(max_keepalive_connections=0))
        opened = self.http.post("/v1/widget/sessions", json={"language": language}).json()
        self.headers = {"Authorization": f"Bearer {opened['token']}"}
        self.seen = 0

    def send(self, text: str, *, client_id: str | None = None, payload: str | None = None) -> httpx.Response:
        """Sends one message and returns the raw answer."""
        body = {"client_id": client_id or uuid4().hex, "text": text} | ({"payload": payload} if payload else {})
        return self.http.post("/v1/widget/messages", json=body, headers=self.headers)

    def read(self, after: int = 0) -> dict[str, Any]:
        """Messages after a number, and the state."""
        found: dict[str, Any] = self.http.get("/v1/widget/messages", params={"after": after}, headers=self.headers).json()
        return found

    def say(self, text: str, *, seconds: float = 30.0) -> list[dict[str, Any]]:
        """Sends a message and waits for what is said next; returns those messages. Raises AssertionError when nothing comes."""
        sent = self.send(text)
        assert sent.status_code in {200, 201}, sent.text
        after, deadline = sent.json()["message"]["seq"], time.monotonic() + seconds
        while time.monotonic() < deadline:
            answers = [m for m in self.read(after)["messages"] if m["author"] != "customer"]
            if answers:
                time.sleep(0.15)  # a turn is committed at once, but the handoff's own sentences may follow
                return [m for m in self.read(after)["messages"] if m["author"] != "customer"]
            time.sleep(0.05)
        raise AssertionError(f"nothing was said to {text!r}")

    def press(self, title_part: str, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Chooses the button whose title holds `title_part`."""
        button = next(b for m in answers for b in m["buttons"] if title_part.lower() in b["title"].lower())
        sent = self.send(button["title"], payload=button["payload"])
        after, deadline = sent.json()["message"]["seq"], time.monotonic() + 30
        while time.monotonic() < deadline:
            found = [m for m in self.read(after)["messages"] if m["author"] != "customer"]
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"nothing was said to the button {button['title']!r}")

    @property
    def handler(self) -> str:
        """Who answers now."""
        return str(self.read()["state"]["handler"])


def words(messages: list[dict[str, Any]]) -> str:
    """All texts in one."""
    return "\n".join(m["text"] for m in messages)
