"""Agents without a browser: each loads the inbox and keeps its Socket.IO connection, as a page does, and opens conversations."""

from __future__ import annotations

import asyncio
import json
import random
import re
import uuid
from typing import Any
from uuid import UUID

import httpx
import socketio  # type: ignore[import-untyped]

from console.access import COOKIE

_CLIENT = re.compile(r"'client_id': '([0-9a-f-]{36})'|\"client_id\":\s*\"([0-9a-f-]{36})\"")
_COMMAND = re.compile(r'"(\d+)":\{(?:(?!"\d+":\{).)*?inbox(?:(?!"\d+":\{).)*?"listener_id":"([^"]+)","type":"command"', re.DOTALL)
_ANY_COMMAND = re.compile(r'"listener_id":"([^"]+)","type":"command"')


class FakeAgent:
    """One connected page."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token
        self.socket = socketio.AsyncClient(reconnection=False)
        self.client_id = self.listener = ""
        self.element = 0
        self.heard = 0

    async def connect(self) -> None:
        """Loads the page and connects. Raises RuntimeError when the page is not as expected."""
        async with httpx.AsyncClient(base_url=self.base, cookies={COOKIE: self.token}, timeout=60) as client:
            page = (await client.get("/console/")).text.replace("\\u0022", '"').replace("&quot;", '"')
        found, board = _CLIENT.search(page), _COMMAND.search(page)
        if found is None or board is None:
            raise RuntimeError("the inbox is not as expected")
        self.client_id = found[1] or found[2]
        self.element, self.listener = int(board[1]), board[2]

        async def hear(*_: Any) -> None:
            self.heard += 1

        self.socket.on("*", hear)
        headers = {"Origin": self.base, "Cookie": f"{COOKIE}={self.token}"}
        await self.socket.connect(
            self.base, headers=headers, socketio_path="/console/_nicegui_ws/socket.io", transports=["websocket"], wait_timeout=60
        )
        greeting = {
            "client_id": self.client_id,
            "document_id": str(uuid.uuid4()),
            "tab_id": str(uuid.uuid4()),
            "old_tab_id": None,
            "next_message_id": 0,
        }
        if not await self.socket.call("handshake", greeting, timeout=60):
            raise RuntimeError("the console refused the handshake")

    async def ask(self, kind: str, **data: Any) -> None:
        """What the page's component would ask for."""
        told = {"client_id": self.client_id, "id": self.element, "listener_id": self.listener, "args": [json.dumps({"kind": kind, **data})]}
        await self.socket.emit("event", told)

    async def work(self, conversations: list[UUID], *, every: float, dice: random.Random) -> None:
        """Opens a conversation every so many seconds until cancelled."""
        await asyncio.sleep(dice.random() * every)
        while True:
            await self.ask("open", conversation=str(dice.choice(conversations)))
            await asyncio.sleep(every)

    async def close(self) -> None:
        """Leaves."""
        await self.socket.disconnect()
