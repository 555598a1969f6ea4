"""A local server that speaks the protocol of chat completions over real HTTP, well and badly."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """Everything that the model was told."""
        return "\n".join(message["content"] for message in self.body["messages"])


Behave = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Endpoint:
    """A running server. `behave` may be changed between requests."""

    behave: Behave
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    busy: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, closed at the end whatever happens."""
        task = asyncio.create_task(self.handle(reader, writer))
        self.busy.add(task)
        try:
            await asyncio.wait([task])
        finally:
            self.busy.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            asked = Asked(first.split(" ")[1], headers, json.loads(body))
            self.asked.append(asked)
            await self.behave(asked, writer)


@contextlib.asynccontextmanager
async def serving(behave: Behave) -> AsyncIterator[Endpoint]:
    """A server on loopback that ends with the block."""
    endpoint = Endpoint(behave)
    server = await asyncio.start_server(endpoint.accept, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield endpoint
    finally:
        server.close()
        for task in tuple(endpoint.busy):
            task.cancel()
        while endpoint.busy:
            await asyncio.sleep(0.01)


def head(status: str = "200 OK", kind: str = "text/event-stream; charset=utf-8", more: str = "") -> bytes:
    """The head of an answer that ends with its connection."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Connection: close\r\n\r\n".encode()


def chunk(content: str | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    """One event of a stream."""
    delta = {} if content is None else {"content": content}
    data = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def usage(tokens_in: int, tokens_out: int) -> bytes:
    """The last event, with what it took and no choice."""
    return f"data: {json.dumps({'choices': [], 'usage': {'prompt_tokens': tokens_in, 'completion_tokens': tokens_out}})}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def says(text: str | Callable[[Asked], str], *, tokens: tuple[int, int] = (200, 30)) -> Behave:
    """Streams a text in small pieces, with its use, as the protocol says."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        said = text if isinstance(text, str) else text(asked)
        writer.write(head() + b": keep-alive\n\n" + chunk(""))
        for start in range(0, len(said), 7):
            writer.write(chunk(said[start : start + 7]))
            await writer.drain()
        writer.write(chunk(finish="stop") + usage(*tokens) + DONE)
        await writer.drain()

    return behave


def sends(*parts: bytes | float) -> Behave:
    """Sends bytes, with pauses of so many seconds between them, and hangs up."""

    async def behave(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)

    return behave
