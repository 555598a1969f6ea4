"""Many customers over the widget's HTTP API: numbered messages, sent again until confirmed, and a follower of the live stream.

They do as the real widget (web/widget/baton.js): one message after the other, the same `client_id` until the server confirms it, and a
stream that is opened again from the last number seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

QUESTIONS = (
    "What is your return policy?",
    "How much does delivery to Hong Kong cost?",
    "Where are your stores?",
    "Which payment methods do you take?",
    "How long does delivery to Portugal take?",
    "Do you sell gift cards?",
)
MESSAGES_PER_VISIT = 30
RETRY_SECONDS = (0.1, 1.2)
REQUEST_SECONDS = 10.0
SILENCE_SECONDS = 40.0


class RefusedError(RuntimeError):
    """The server refused for good what it should have taken."""


@dataclass
class Visit:
    """What one customer did and saw in one session. `sent`: confirmed client ids, in the order of sending."""

    token: str
    visitor: str
    sent: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[int, str]] = field(default_factory=list)
    handler: str = "bot"
    retries: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this session carries."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Crowd:
    """All customers of a run. `streams`: the client through which they follow; whoever made it closes it."""

    url: str
    rng: random.Random
    streams: httpx.AsyncClient
    visits: list[Visit] = field(default_factory=list)
    followers: list[asyncio.Task[None]] = field(default_factory=list)

    async def write(self, customers: int, *, until: float, patience: float) -> None:
        """Lets `customers` write until `until` (by time.monotonic) and every message is confirmed.

        Raises RefusedError when a message is refused, or not confirmed within `patience` seconds after `until`.
        """
        limits = httpx.Limits(max_connections=customers * 2, max_keepalive_connections=customers)
        async with httpx.AsyncClient(base_url=self.url, timeout=REQUEST_SECONDS, limits=limits) as client:
            writers = [self._customer(client, until=until, patience=patience) for _ in range(customers)]
            await asyncio.gather(*writers)

    async def leave(self) -> None:
        """Ends all streams."""
        for task in self.followers:
            task.cancel()
        await asyncio.gather(*self.followers, return_exceptions=True)

    async def _customer(self, client: httpx.AsyncClient, *, until: float, patience: float) -> None:
        while time.monotonic() < until:
            opened = await self._insist(client, "/v1/widget/sessions", {"language": "en"}, deadline=until + patience)
            visit = Visit(opened["token"], opened["visitor_id"])
            self.visits.append(visit)
            self.followers.append(asyncio.create_task(follow(self.streams, visit)))
            for number in range(1, MESSAGES_PER_VISIT + 1):
                if time.monotonic() > until or visit.handler != "bot":
                    break
                await self._say(client, visit, number, deadline=until + patience)
                await asyncio.sleep(self.rng.choice((0.0, 0.3, 1.0, 2.0)))

    async def _say(self, client: httpx.AsyncClient, visit: Visit, number: int, *, deadline: float) -> None:
        client_id, text = f"message-{number:05}", f"{self.rng.choice(QUESTIONS)} ({number})"
        visit.texts[client_id] = text
        body = {"client_id": client_id, "text": text}
        await self._insist(client, "/v1/widget/messages", body, deadline=deadline, visit=visit)
        visit.sent.append(client_id)

    async def _insist(
        self, client: httpx.AsyncClient, path: str, body: dict[str, str], *, deadline: float, visit: Visit | None = None
    ) -> dict[str, Any]:
        """Posts again and again until it is confirmed."""
        while time.monotonic() < deadline:
            pause = self.rng.uniform(*RETRY_SECONDS)
            try:
                answer = await client.post(path, json=body, headers=visit.headers if visit else {})
            except httpx.HTTPError:
                pass
            else:
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
                if answer.status_code < 500 and answer.status_code != 429:
                    raise RefusedError(f"{path}: {answer.status_code} {answer.text}")
                pause = float(answer.headers.get("Retry-After", pause))
            if visit:
                visit.retries += 1
            await asyncio.sleep(pause)
        raise RefusedError(f"{path} was not confirmed in time")


def stream_client(url: str) -> httpx.AsyncClient:
    """A client for any number of streams; one that is silent for longer than the server's pings is taken for lost."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(REQUEST_SECONDS, read=SILENCE_SECONDS), limits=limits)


async def follow(client: httpx.AsyncClient, visit: Visit) -> None:
    """Reads the stream of a visit until cancelled, opening it again from the last number seen."""
    while True:
        with contextlib.suppress(httpx.HTTPError):
            await _read_stream(client, visit)
        await asyncio.sleep(0.3)


async def _read_stream(client: httpx.AsyncClient, visit: Visit) -> None:
    after = visit.seen[-1][0] if visit.seen else 0
    async with client.stream("GET", "/v1/widget/stream", params={"after": after}, headers=visit.headers) as stream:
        kind = ""
        async for line in stream.aiter_lines():
            name, _, value = line.partition(":")
            if name == "event":
                kind = value.strip()
            elif name == "data" and kind == "message":
                message = json.loads(value)
                visit.seen.append((message["seq"], message["id"]))
            elif name == "data" and kind == "state":
                visit.handler = json.loads(value)["handler"]
