"""How soon webhooks are acknowledged in a burst beside the working bot, how long it takes to answer all, how many replies a second that is.

`python -m benchmarks.webhook_burst --json`: a real `baton run` and the simulated WhatsApp on this machine; the webhooks are signed and sent
by this process at the given rate, whatever the answers take. The last line is one JSON object. Everything shares the machine's cores.
`--rates 25,50,100,200 --plot docs/webhook-burst.svg` measures one rate after the other, each `--seconds` long and answered to its end
before the next, prints one object with all of them, and draws how acknowledgement and replies grow.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from app.settings import read_settings
from benchmarks.customers import QUESTIONS
from benchmarks.live import LiveBaton, new_folder
from benchmarks.machine import describe_machine
from benchmarks.webhook_plot import draw
from benchmarks.whatsapp_crowd import SimulatedWhatsApp, simulated_whatsapp
from kit.db import Database
from simulators.whatsapp.shapes import change, contact_entry, envelope, message_entry, signature
from simulators.whatsapp.world import Config, World

CONNECTIONS = 32
PATIENCE_SECONDS = 900.0
LOOK_SECONDS = 2.0  # between looks at what is left, which read every message and cost the measured machine something
_LEFT = """
SELECT (SELECT count(*) FROM channel_intake WHERE state = 'waiting')
     + (SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation_id
        WHERE m.author = 'customer' AND m.seq > c.answered_seq AND c.handler = 'bot')
     + (SELECT count(*) FROM message WHERE delivery = 'queued')
"""
_ANSWERS = "SELECT count(*) FROM channel_send WHERE state NOT IN ('sending', 'waiting', 'failed', 'unknown')"


@dataclass
class Burst:
    """What was sent and how it was taken: seconds from the moment a webhook was due to its answer."""

    waits: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.waits)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1) if ordered else 0.0


class Sender:
    """Keep-alive connections that send signed webhooks; as little work as can be, since it shares the machine."""

    def __init__(self, url: str, config: Config) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.path, self.config = parts.hostname or "", parts.port or 80, parts.path, config
        self.free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def open(self) -> None:
        """Opens the connections."""
        for _ in range(CONNECTIONS):
            self.free.put_nowait(await asyncio.open_connection(self.host, self.port))

    async def send(self, body: bytes, burst: Burst, due: float) -> None:
        """One webhook; its wait counts from `due`, so that a late start is not hidden."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Hub-Signature-256: {signature(self.config.app_secret, body)}\r\n\r\n"
        )
        reader, writer = await self.free.get()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        await reader.readexactly(length)
        self.free.put_nowait((reader, writer))
        burst.waits.append(time.perf_counter() - due)
        burst.refused += not answer.startswith(b"HTTP/1.1 200")


async def run_burst(url: str, *, per_second: float, seconds: float, customers: int, seed: int, first: int = 0) -> Burst:
    """Webhooks with one message each, at a steady rate. `first`: the number of the first customer, as ids come of people and numbers."""
    config, rng, burst = Config(), random.Random(seed), Burst()
    sender, world = Sender(url, config), World(config)
    people = [world.customer(f"8526{first + n:07}") for n in range(customers)]
    await sender.open()
    tasks: list[asyncio.Task[None]] = []
    gc.collect()
    gc.freeze()  # a look at all that is here takes this process a third of a second, in which nothing is sent
    os.sync()  # what the start has written shall not go to the disk meanwhile
    began = time.perf_counter()
    for number in range(int(per_second * seconds)):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        person = people[number % customers]
        text = {"type": "text", "text": {"body": f"{rng.choice(QUESTIONS)} ({number})"}}
        message = world.add(person, out=True, body=text)
        entries = {"messages": [message_entry(person, message)], "people": [contact_entry(person)]}
        body = envelope(config, [change(config, **entries)])
        tasks.append(asyncio.create_task(sender.send(body, burst, due)))
    await asyncio.gather(*tasks)
    gc.unfreeze()
    return burst


def wait_for_answers(baton: LiveBaton) -> tuple[float, int]:
    """Until nothing is left to be answered or sent; (seconds, how many parts the provider accepted)."""
    began = time.monotonic()
    with psycopg.connect(Database(baton.database_url).dsn, autocommit=True) as connection:
        while time.monotonic() - began < PATIENCE_SECONDS:
            left = connection.execute(_LEFT).fetchone()
            if left is not None and left[0] == 0:
                break
            time.sleep(LOOK_SECONDS)
        answers = connection.execute(_ANSWERS).fetchone()
    return time.monotonic() - began, int(answers[0]) if answers else 0


def hook_of(baton: LiveBaton) -> str:
    """Where the webhooks go."""
    return f"{baton.url}/hooks/whatsapp/{Config().phone_number_id}"


def warm_up(baton: LiveBaton) -> None:
    """A few customers, who are answered."""
    asyncio.run(run_burst(hook_of(baton), per_second=5, seconds=4, customers=20, seed=1, first=9_000_000))
    wait_for_answers(baton)


def measure(
    baton: LiveBaton, simulator: SimulatedWhatsApp, per_second: float, *, options: argparse.Namespace, first: int
) -> dict[str, Any]:
    """One burst, then the time until all is answered."""
    _, before = wait_for_answers(baton)
    began = time.monotonic()
    burst = asyncio.run(
        run_burst(
            hook_of(baton), per_second=per_second, seconds=options.seconds, customers=options.customers, seed=options.seed, first=first
        )
    )
    drain, after = wait_for_answers(baton)
    whole, replies = time.monotonic() - began, after - before
    return {
        "messages": len(burst.waits), "refused": burst.refused, "per_second": per_second, "customers": options.customers,
        "ack_p50_ms": burst.percentile(0.5), "ack_p95_ms": burst.percentile(0.95), "ack_p99_ms": burst.percentile(0.99),
        "ack_max_ms": burst.percentile(1.0), "drain_seconds": round(drain, 1), "replies": replies,
        "replies_per_second": round(replies / whole, 1), "messages_answered_per_second": round(len(burst.waits) / whole, 1),
        "accepted_by_provider": len(simulator.ledger()["sends"]),
    }  # fmt: skip


def rates_of(text: str) -> list[float]:
    """`25,50,100` as numbers. Raises argparse.ArgumentTypeError."""
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if not rates or min(rates) <= 0:
        raise argparse.ArgumentTypeError("rates are numbers above 0, separated by commas")
    return rates


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webhook_burst", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--per-second", type=float, default=200.0)
    parser.add_argument("--rates", type=rates_of, help="several rates, one after the other, for example 25,50,100,200")
    parser.add_argument("--plot", type=Path, help="where to draw how it grows with the rate (SVG)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each rate is kept up (default 60)")
    parser.add_argument("--customers", type=int, default=2000, help="each writes again and again, in turn (default 2000)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    options = parser.parse_args()
    folder = new_folder(like=read_settings().data_dir)
    baton = LiveBaton(folder)
    baton.start()
    try:
        provider = {"throughput": 1000.0, "window_checked": False, "status_delay": [0.05, 0.3], "hook_batch": 50}
        with simulated_whatsapp(baton, account={"per_second": "1000"}, **provider) as simulator:
            warm_up(baton)
            rates = options.rates or [options.per_second]
            found = [measure(baton, simulator, rate, options=options, first=n * options.customers) for n, rate in enumerate(rates)]
    finally:
        baton.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.plot:
        options.plot.write_text(draw(found), encoding="utf-8")
    figures = {"rates": found} if options.rates else found[0]
    if not options.json:
        for one in found:
            print("\n".join(f"  {name:<30} {value}" for name, value in one.items()), end="\n\n")
    print(json.dumps(figures | {"machine": describe_machine()}))
    return 1 if any(one["refused"] for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
