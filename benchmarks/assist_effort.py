"""What suggestions save an agent: `python -m benchmarks.assist_effort --json`, on 40 conversations that nothing was trained on.

`benchmarks/held_out_conversations.jsonl` was written by hand for this measure, after the shop's articles, macros and training sentences
and without looking at them for words: for every customer turn the articles and macros (`macro:TITLE`) any of which answers it, and what an
agent would type. A real Baton with its worker (`baton run --demo`, or `--url` and `--database` of one that runs) gets each turn while the
conversation waits for a human, and its suggestions are read from the /v1 API.

The agent of the model types the reply, or takes the first of three suggestions that answers (in the customer's language, not internal):
two keys to take it, one to send. Keys: one a letter, 2.3 a Chinese character (phonetic input with choosing). Seconds, after the
keystroke-level model (Card, Moran and Newell 1980): 0.28 a key (an average non-secretary typist), 1.35 to think before a reply, and reading
of suggestions at 25 letters or 8 Chinese characters a second, also of those that do not help. Looking something up is not counted, so
that what is saved is understated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from benchmarks.live import LiveBaton, new_folder
from benchmarks.machine import describe_machine
from benchmarks.suggesting import WAIT_SECONDS, Asked, listen, quantile
from context.stream import SIGNALS
from kit.db import Database

FILE = Path(__file__).with_name("held_out_conversations.jsonl")
KEY, THINK, READ, READ_HAN = 0.28, 1.35, 1 / 25, 1 / 8
HAN_KEYS, TAKE, SEND = 2.3, 2, 1
FIRST, PATIENCE = 3, 2.0
WISHES = {"en": "I want to talk to a person", "pt": "quero falar com uma pessoa", "zh-Hans": "转人工", "zh-Hant": "我想搵真人"}
_STORED = "SELECT id::text, at FROM message WHERE id = ANY(%s::uuid[])"


@dataclass(frozen=True)
class Offer:
    """A suggestion as an agent sees it."""

    origin: str
    text: str
    internal: bool
    language: str


@dataclass(frozen=True)
class Answered:
    """One turn with what was offered for it."""

    language: str
    answers: tuple[str, ...]
    reply: str
    offers: tuple[Offer, ...]

    @property
    def usable(self) -> int | None:
        """The place of the first suggestion among three that answers."""
        base = self.language.partition("-")[0]
        for place, offer in enumerate(self.offers[:FIRST]):
            if offer.origin in self.answers and not offer.internal and offer.language.partition("-")[0] == base:
                return place
        return None

    def typed(self) -> tuple[float, float]:
        """(keys, seconds) without suggestions."""
        keys = keys_of(self.reply) + SEND
        return keys, THINK + KEY * keys

    def helped(self) -> tuple[float, float]:
        """(keys, seconds) with them: taken where that is less, else typed after reading them in vain."""
        place, (keys, seconds) = self.usable, self.typed()
        read = sum(reading(offer.text) for offer in self.offers[: FIRST if place is None else place + 1])
        if place is None or keys <= TAKE + SEND:
            return keys, seconds + read
        return TAKE + SEND, THINK + KEY * (TAKE + SEND) + read


def keys_of(text: str) -> float:
    """Keystrokes to type it."""
    return sum(HAN_KEYS if ord(c) > 0x2E80 else 1 for c in text)


def reading(text: str) -> float:
    """Seconds to read it."""
    return sum(READ_HAN if ord(c) > 0x2E80 else READ for c in text)


def figures(answered: Sequence[Answered]) -> dict[str, Any]:
    """The figures of all turns."""
    needing, idle = [one for one in answered if one.answers], [one for one in answered if not one.answers]
    keys = [sum(one.typed()[0] for one in answered), sum(one.helped()[0] for one in answered)]
    seconds = [sum(one.typed()[1] for one in answered), sum(one.helped()[1] for one in answered)]
    silent = [one for one in answered if not one.offers]
    return {
        "turns": len(answered),
        "turns_that_need_an_answer": len(needing),
        "usable_among_three": share(one.usable is not None for one in needing),
        "usable_first": share(one.usable == 0 for one in needing),
        "silent_precision": share(not one.answers for one in silent),
        "silent_recall": share(not one.offers for one in idle),
        "keys_without": round(keys[0]),
        "keys_with": round(keys[1]),
        "keys_saved": round(1 - keys[1] / keys[0], 3),
        "seconds_without": round(seconds[0]),
        "seconds_with": round(seconds[1]),
        "seconds_saved": round(1 - seconds[1] / seconds[0], 3),
    } | {
        f"usable_among_three_{name}": share(one.usable is not None for one in needing if one.language == name)
        for name in sorted({one.language for one in answered})
    }


def share(found: Any) -> float | None:
    """The share of those that are true."""
    values = list(found)
    return round(sum(values) / len(values), 3) if values else None


async def measure(url: str, database_url: str) -> dict[str, Any]:
    """Asks everything, one conversation after the other."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    asked, dsn = Asked(), Database(database_url).dsn
    answered: list[Answered] = []
    async with (
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
        await psycopg.AsyncConnection.connect(dsn, autocommit=True) as reading_connection,
        httpx.AsyncClient(base_url=url, timeout=30.0) as client,
    ):
        await connection.execute(f"LISTEN {SIGNALS}")
        listener = asyncio.create_task(listen(connection, asked))
        for row in rows:
            answered += await _converse(client, reading_connection, asked, row)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        found = await (await reading_connection.execute(_STORED, [asked.messages])).fetchall()
    shown = [1000 * (asked.signalled[message] - at).total_seconds() for message, at in found if message in asked.signalled]
    latency = {"suggested": len(shown), "shown_p50_ms": quantile(shown, 0.5), "shown_p95_ms": quantile(shown, 0.95)}
    return {"conversations": len(rows)} | figures(answered) | latency


async def _converse(client: httpx.AsyncClient, connection: Any, asked: Asked, row: dict[str, Any]) -> list[Answered]:
    session = (await client.post("/v1/widget/sessions", json={"language": row["language"]})).raise_for_status().json()
    headers = {"Authorization": f"Bearer {session['token']}"}
    await _post(client, headers, WISHES[row["language"]])
    for _ in range(int(WAIT_SECONDS / 0.2)):
        state = (await client.get("/v1/widget/messages", headers=headers)).raise_for_status().json()["state"]
        if state["handler"] != "bot":
            break
        await asyncio.sleep(0.2)
    found = []
    for turn in row["turns"]:
        message = await _post(client, headers, turn["text"])
        asked.messages.append(message)
        for _ in range(int(PATIENCE / 0.05)):
            if message in asked.signalled:
                break
            await asyncio.sleep(0.05)
        offers = await _offers(connection, message)
        found.append(Answered(row["language"], tuple(turn["answers"]), turn["reply"], offers))
    return found


_OFFERS = "SELECT source, origin, text, internal, features FROM suggestion WHERE message_id = %s::uuid ORDER BY rank"


async def _offers(connection: Any, message: str) -> tuple[Offer, ...]:
    rows = await (await connection.execute(_OFFERS, [message])).fetchall()
    return tuple(
        Offer(f"macro:{features.get('title')}" if source == "macro" else origin, text, internal, features.get("language") or "")
        for source, origin, text, internal, features in rows
    )


async def _post(client: httpx.AsyncClient, headers: dict[str, str], text: str) -> str:
    answer = await client.post("/v1/widget/messages", json={"client_id": uuid4().hex, "text": text}, headers=headers)
    return str(answer.raise_for_status().json()["message"]["id"])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a Baton that runs already")
    parser.add_argument("--database", help="its database")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    given = parser.parse_args()
    if given.url:
        found = asyncio.run(measure(given.url, given.database))
    else:
        folder = new_folder()
        baton = LiveBaton(folder)
        try:
            baton.start()
            found = asyncio.run(measure(baton.url, baton.database_url))
        finally:
            baton.stop()
            shutil.rmtree(folder, ignore_errors=True)
    found = describe_machine() | found
    print(json.dumps(found) if given.json else "\n".join(f"  {name:<34} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
