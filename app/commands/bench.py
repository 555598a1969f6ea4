"""`baton bench`: drives a running Baton as customers do."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer

from app.commands.common import explained, run, show
from kit.errors import UnavailableError

app = typer.Typer(no_args_is_help=True, help="Load a running Baton and print what it did.")

TALK = ("What is your return policy?", "How much is delivery to Hong Kong?", "Where are your stores?", "Do you sell gift cards?")
REPLY_SECONDS = 60.0


@dataclass
class Tally:
    """What happened."""

    replies_ms: list[float] = field(default_factory=list)
    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    errors: int = 0


async def converse(client: httpx.AsyncClient, tally: Tally, *, turns: int) -> None:
    """One visitor: asks, waits for the bot's reply, asks again; at the end reads everything again and looks for what is lost or twice."""
    token = (await _post(client, "/v1/widget/sessions", {"language": "en"}))["token"]
    headers, own, after = {"Authorization": f"Bearer {token}"}, [], 0
    for turn in range(turns):
        client_id, began = uuid4().hex, time.perf_counter()
        sent = await _post(client, "/v1/widget/messages", {"client_id": client_id, "text": TALK[turn % len(TALK)]}, headers)
        own.append(client_id)
        tally.sent += 1
        after = await _wait_for_reply(client, headers, after=max(after, sent["message"]["seq"]))
        if after < 0:
            tally.lost += 1
            return
        tally.replies_ms.append((time.perf_counter() - began) * 1000)
    messages = (await client.get("/v1/widget/messages", params={"after": 0}, headers=headers)).json()["messages"]
    stored = [m["client_id"] for m in messages if m["author"] == "customer"]
    tally.lost += len(set(own) - set(stored))
    tally.duplicated += len(stored) - len(set(stored))
    answers = [m for m in messages if m["author"] == "bot"]
    tally.duplicated += len(answers) - len({m["id"] for m in answers})


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = await client.post(path, json=body, headers=headers)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


async def _wait_for_reply(client: httpx.AsyncClient, headers: dict[str, str], *, after: int) -> int:
    """Follows the live stream until a bot's message after `after` comes; its number, or -1."""
    try:
        async with (
            asyncio.timeout(REPLY_SECONDS),
            client.stream("GET", "/v1/widget/stream", params={"after": after}, headers=headers) as stream,
        ):
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    data = json.loads(line[5:])
                    if data.get("author") == "bot" and "seq" in data:
                        return int(data["seq"])
    except TimeoutError:
        return -1
    return -1


async def drive(url: str, *, conversations: int, concurrency: int, turns: int) -> dict[str, Any]:
    """Drives conversations and returns the figures; times in milliseconds. Raises UnavailableError when nobody answers at `url`."""
    tally, gate = Tally(), asyncio.Semaphore(concurrency)
    limits = httpx.Limits(max_connections=concurrency * 2 + 4)
    async with httpx.AsyncClient(base_url=url, timeout=30.0, limits=limits) as client:
        try:
            (await client.get("/healthz")).raise_for_status()
        except httpx.HTTPError as error:
            raise UnavailableError(f"Baton does not answer at {url}: {error}", hint="Start it with `make run`.") from None
        began = time.perf_counter()

        async def one() -> None:
            async with gate:
                try:
                    await converse(client, tally, turns=turns)
                except httpx.HTTPError:
                    tally.errors += 1

        await asyncio.gather(*(one() for _ in range(conversations)))
        seconds = time.perf_counter() - began
    times = sorted(tally.replies_ms) or [float("nan")]
    return {
        "conversations": conversations, "concurrency": concurrency, "sent": tally.sent, "seconds": round(seconds, 2),
        "throughput": round(len(tally.replies_ms) / seconds, 2), "p50_ms": _quantile(times, 0.5), "p95_ms": _quantile(times, 0.95),
        "p99_ms": _quantile(times, 0.99), "lost": tally.lost, "duplicated": tally.duplicated, "errors": tally.errors,
    }  # fmt: skip


def _quantile(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))], 1)


@app.command()
def load(
    url: Annotated[str, typer.Option(help="Where Baton is served")] = "http://localhost:8000",
    conversations: Annotated[int, typer.Option(min=1, help="How many visitors")] = 50,
    concurrency: Annotated[int, typer.Option(min=1, help="How many at a time")] = 8,
    turns: Annotated[int, typer.Option(min=1, help="Questions each")] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, last, on standard output")] = False,
) -> None:
    """Drive real conversations over HTTP: replies a second, p50/p95/p99 of a reply in ms, messages lost or doubled."""
    with explained():
        show(run(drive(url, conversations=conversations, concurrency=concurrency, turns=turns)), as_json=as_json, title="Load")
