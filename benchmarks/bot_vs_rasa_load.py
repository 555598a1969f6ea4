"""Drives a bot through Rasa's REST channel (`POST /webhooks/rest/webhook`), the same for Rasa and for Baton, and says how it did."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

SCRIPT = (
    ("hello", "How can we help"),
    ("when do you open?", "seven to six"),
    ("I want to order a cake", "Which flavour"),
    ("lemon please", "how many people"),
    ("how much is delivery?", "three coins"),
    ("we are 12", "write on it"),
    ("Happy birthday Ada", "Noted: a lemon cake for 12"),
    ("are there nuts in the bread?", "nuts are in everything"),
    ("no thanks", "see you soon"),
    ("bye", "Goodbye"),
)
"""What a customer says, and a part of the answer that a good bot gives."""
REPLY_SECONDS = 60.0
WARM_UP_TALKS = 2


@dataclass
class Tally:
    """What happened: seconds of each reply, whether it was the right one, and what failed."""

    replies: list[float] = field(default_factory=list)
    right: int = 0
    errors: int = 0
    wrong: dict[str, int] = field(default_factory=dict)


class Line:
    """One kept HTTP/1.1 connection: as little work for the client as can be, since it shares the machine with the server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of the answer. Raises OSError, or ValueError for what is no HTTP."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)
        status, headers = await self._head(reader)
        payload = await self._body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, json.loads(payload) if payload else None

    async def _head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        return int(lines[0].split()[1]), headers

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers.get("content-length", 0)))
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts)

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def say(line: Line, sender: str, text: str) -> list[str]:
    """What the bot answers. Raises OSError when it refuses or breaks off."""
    status, answer = await line.post("/webhooks/rest/webhook", {"sender": sender, "message": text})
    if status != 200 or not isinstance(answer, list):
        raise OSError(f"status {status}: {answer}")
    return [str(message.get("text", "")) for message in answer]


async def first_answer(port: int, *, patience: float) -> float:
    """Asks until the bot answers for the first time; returns the seconds. Raises TimeoutError."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        line = Line(port)
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                if await say(line, uuid4().hex, SCRIPT[0][0]):
                    return time.monotonic() - began
        except (OSError, ValueError, EOFError, TimeoutError):
            pass
        finally:
            line.close()
        await asyncio.sleep(0.05)
    raise TimeoutError(f"no answer on port {port} within {patience:g} seconds")


async def drive(port: int, *, concurrency: int, seconds: float) -> dict[str, Any]:
    """`concurrency` customers talk, one message after the other, for `seconds`; throughput in messages a second, latencies in ms."""
    for _ in range(WARM_UP_TALKS):
        await _customer(port, Tally(), until=time.monotonic() + 1.0)
    tally, began = Tally(), time.monotonic()
    await asyncio.gather(*(_customer(port, tally, until=began + seconds) for _ in range(concurrency)))
    took = time.monotonic() - began
    times = sorted(tally.replies) or [float("nan")]
    return {
        "messages": len(tally.replies),
        "a_second": round(len(tally.replies) / took, 1),
        **{f"p{share}_ms": round(times[min(len(times) - 1, len(times) * share // 100)] * 1000, 1) for share in (50, 95, 99)},
        "right": round(tally.right / max(1, len(tally.replies)), 3),
        "errors": tally.errors,
        "wrong": tally.wrong,
    }


async def _customer(port: int, tally: Tally, *, until: float) -> None:
    line = Line(port)
    while time.monotonic() < until:
        sender = uuid4().hex
        for text, wanted in SCRIPT:
            if time.monotonic() >= until:
                break
            began = time.monotonic()
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    said = await say(line, sender, text)
            except (OSError, ValueError, EOFError, TimeoutError):
                tally.errors += 1
                line.close()
                break
            tally.replies.append(time.monotonic() - began)
            if any(wanted in part for part in said):
                tally.right += 1
            else:
                tally.wrong[text] = tally.wrong.get(text, 0) + 1
    line.close()
