"""How many open widgets one node holds: `python -m benchmarks.open_widgets --widgets 2000 --json`.

Starts a whole Baton, opens that many streams from one asyncio client on the same machine, looks at memory and processor while nothing
happens, then lets visitors write and notes how long each message (theirs, and the bot's answers) takes from being stored to its widget.
Exit status 1 when a stream broke, or a message did not arrive.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import shutil
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil

from benchmarks.live import ROOT, LiveBaton, new_folder
from benchmarks.machine import describe_machine
from benchmarks.suggesting import quantile

QUESTIONS = (
    "What is your return policy?",
    "When will I get my refund?",
    "How long does delivery take?",
    "退貨要點做？",
    "Quais são os portes?",
)
OPENING = 20  # at a time
SETTLE_SECONDS = 15.0
PATIENCE = 30.0


@dataclass(frozen=True)
class Load:
    """How many widgets, how many messages a second, and for how many seconds."""

    widgets: int
    rate: float
    seconds: float


@dataclass
class Seen:
    """What came over the streams: delays in milliseconds from being stored, and which messages."""

    own: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    ready: int = 0
    broken: int = 0

    def take(self, event: dict[str, Any]) -> None:
        """Notes an event of a stream."""
        if "author" not in event or "at" not in event:
            self.ready += event.get("status") == "none"
            return
        delay = 1000 * (time.time() - datetime.fromisoformat(event["at"]).timestamp())
        self.messages.add(event["id"])
        (self.own if event["author"] == "customer" else self.answers).append(delay)


async def open_widget(http: httpx.AsyncClient, gate: asyncio.Semaphore) -> str:
    """A visitor's token."""
    async with gate:
        opened = await http.post("/v1/widget/sessions", json={"language": "en"})
    return str(opened.raise_for_status().json()["token"])


async def hold(url: str, token: str, seen: Seen) -> None:
    """Follows one widget's stream until cancelled."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(f"GET /v1/widget/stream HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"data: "):
                seen.take(json.loads(line[6:]))
        seen.broken += 1
    finally:
        writer.close()


async def write(http: httpx.AsyncClient, token: str, question: str) -> str:
    """A visitor writes; the id of the message."""
    body = {"client_id": uuid4().hex, "text": question}
    sent = await http.post("/v1/widget/messages", json=body, headers={"Authorization": f"Bearer {token}"})
    return str(sent.raise_for_status().json()["message"]["id"])


@dataclass(frozen=True)
class Gauge:
    """Memory and processor of a process."""

    process: psutil.Process

    def megabytes(self) -> float:
        """Resident memory."""
        return round(self.process.memory_info().rss / 1e6, 1)

    async def cpu_share(self, seconds: float) -> float:
        """Processor time used in the next seconds, as a share of one core."""
        before = sum(self.process.cpu_times()[:2])
        await asyncio.sleep(seconds)
        return round((sum(self.process.cpu_times()[:2]) - before) / seconds, 3)


async def measure(url: str, server: psutil.Process, load: Load) -> dict[str, Any]:
    """Opens all widgets, waits, writes, and counts."""
    seen, gauge, gate = Seen(), Gauge(server), asyncio.Semaphore(OPENING)
    before, began = gauge.megabytes(), time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        tokens = await asyncio.gather(*(open_widget(http, gate) for _ in range(load.widgets)))
        streams = [asyncio.create_task(hold(url, token, seen)) for token in tokens]
        await _until(lambda: seen.ready >= load.widgets, seconds=max(PATIENCE, load.widgets / 20))  # they line up in the server
        opened = time.monotonic() - began
        idle = await gauge.cpu_share(SETTLE_SECONDS)
        held = gauge.megabytes()
        busy, sent = await asyncio.gather(gauge.cpu_share(load.seconds), _write_all(http, tokens, load))
        await _until(lambda: sent <= seen.messages)
        await asyncio.sleep(2)  # answers on their way
        for stream in streams:
            stream.cancel()
        ended = await asyncio.gather(*streams, return_exceptions=True)
    failed = sum(isinstance(one, Exception) for one in ended)
    return {
        "widgets": load.widgets, "streams_open": seen.ready, "streams_broken": seen.broken + failed, "opened_in_s": round(opened, 1),
        "serve_mb_before": before, "serve_mb_with_all_open": held, "kb_a_widget": round(1000 * (held - before) / load.widgets, 1),
        "serve_cpu_idle": idle, "serve_cpu_writing": busy, "messages": len(sent), "messages_missing": len(sent - seen.messages),
        "answers": len(seen.answers),
        "own_message_p50_ms": quantile(seen.own, 0.5), "own_message_p95_ms": quantile(seen.own, 0.95),
        "answer_p50_ms": quantile(seen.answers, 0.5), "answer_p95_ms": quantile(seen.answers, 0.95),
    }  # fmt: skip


async def _write_all(http: httpx.AsyncClient, tokens: list[str], load: Load) -> set[str]:
    """Visitors write, evenly over the time, each of them in a chat of their own."""
    writers = random.Random(7).sample(tokens, min(len(tokens), round(load.rate * load.seconds)))

    async def at(number: int, token: str) -> str:
        await asyncio.sleep(number / load.rate)
        return await write(http, token, QUESTIONS[number % len(QUESTIONS)])

    return set(await asyncio.gather(*(at(number, token) for number, token in enumerate(writers))))


async def _until(done: Any, *, seconds: float = PATIENCE) -> None:
    """Waits, not for ever: what is missing then is counted."""
    for _ in range(int(seconds * 10)):
        if done():
            return
        await asyncio.sleep(0.1)


def run(load: Load) -> dict[str, Any]:
    """Measures on a Baton of its own, which is stopped and thrown away after it."""
    machine = describe_machine()
    folder = new_folder(like=ROOT / ".baton")
    live = LiveBaton(folder)
    try:
        live.start()
        found = asyncio.run(measure(live.url, live.child("serve"), load))
    finally:
        live.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return {"machine": machine, "load_after": round(psutil.getloadavg()[0], 2), "rate": load.rate} | found


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.open_widgets", description=__doc__)
    parser.add_argument("--widgets", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second of all visitors together")
    parser.add_argument("--seconds", type=float, default=30.0, help="for how long visitors write")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * given.widgets)), hard))
    found = run(Load(given.widgets, given.rate, given.seconds))
    text = json.dumps(found, indent=None if given.json else 2)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    sys.exit(bool(found["streams_broken"] or found["messages_missing"] or found["streams_open"] < given.widgets))


if __name__ == "__main__":
    main()
