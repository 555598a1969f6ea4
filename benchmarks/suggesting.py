"""How long an agent waits for a suggestion: from the customer's message stored to the draft stored, and to the signal that shows it."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from context.stream import SIGNALS
from kit.clock import utc_now
from kit.db import Database

CUSTOMERS = 4
WAIT_SECONDS = 20.0
_MADE = """
SELECT extract(epoch FROM min(s.made_at) - m.at) * 1000 FROM suggestion s JOIN message m ON m.id = s.message_id
WHERE m.id = ANY(%s::uuid[]) GROUP BY m.id, m.at
"""
_STORED = "SELECT id::text, at FROM message WHERE id = ANY(%s::uuid[])"


@dataclass
class Asked:
    """Messages of customers who wait for a human, and when the signal of a suggestion came for each (wall clock)."""

    messages: list[str] = field(default_factory=list)
    signalled: dict[str, datetime] = field(default_factory=dict)


async def measure_suggestions(url: str, database_url: str, questions: list[str]) -> dict[str, Any]:
    """Asks in conversations that wait for a human; milliseconds. Questions that get no draft (nothing in the articles) are only counted."""
    asked, dsn = Asked(), Database(database_url).dsn
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(f"LISTEN {SIGNALS}")
        listener = asyncio.create_task(listen(connection, asked))
        async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
            shares = [questions[number::CUSTOMERS] for number in range(CUSTOMERS)]
            for share in shares:  # one after the other: an agent's wait, not a flood
                await _ask(client, asked, share)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        made = [float(row[0]) for row in await (await connection.execute(_MADE, [asked.messages])).fetchall()]
        stored: dict[str, datetime] = dict(await (await connection.execute(_STORED, [asked.messages])).fetchall())
    shown = [1000 * (at - stored[message]).total_seconds() for message, at in asked.signalled.items() if message in stored]
    return {
        "suggestion_questions": len(asked.messages),
        "suggestion_messages_with_drafts": len(made),
        "suggestion_stored_p50_ms": quantile(made, 0.5),
        "suggestion_stored_p95_ms": quantile(made, 0.95),
        "suggestion_signal_p50_ms": quantile(shown, 0.5),
        "suggestion_signal_p95_ms": quantile(shown, 0.95),
    }


async def listen(connection: psycopg.AsyncConnection[Any], asked: Asked) -> None:
    """Notes when the signal of a suggestion comes for a message, until cancelled."""
    async for notice in connection.notifies():
        message = json.loads(notice.payload).get("message_id")
        if message:
            asked.signalled.setdefault(message, utc_now())


async def _ask(client: httpx.AsyncClient, asked: Asked, questions: list[str]) -> None:
    """One customer: asks for a human, then writes; waits for each suggestion, at most a second and a half (not every question has one)."""
    session = (await client.post("/v1/widget/sessions", json={"language": "en"})).raise_for_status().json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    await _post(client, headers, "I want to talk to a person")
    for _ in range(int(WAIT_SECONDS / 0.2)):
        state = (await client.get("/v1/widget/messages", headers=headers)).raise_for_status().json()["state"]
        if state["handler"] == "queue":
            break
        await asyncio.sleep(0.2)
    for question in questions:
        message = await _post(client, headers, question)
        asked.messages.append(message)
        for _ in range(15):
            if message in asked.signalled:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(random.uniform(0.1, 0.5))


async def _post(client: httpx.AsyncClient, headers: dict[str, str], text: str) -> str:
    answer = await client.post("/v1/widget/messages", json={"client_id": uuid4().hex, "text": text}, headers=headers)
    return str(answer.raise_for_status().json()["message"]["id"])


def quantile(values: list[float], share: float) -> float | None:
    """The value below which `share` of the values lie; None without values."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else None
