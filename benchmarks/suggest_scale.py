"""How long an agent waits for a suggestion in a large knowledge base: `python -m benchmarks.suggest_scale --passages 100000 --json`.

Starts a whole Baton of the sample shop, adds passages while it rests (real sentences of the public sets, perturbed, see
`benchmarks/search_scale/texts.py`), starts it again, and lets customers who wait for a person ask what the shop's tests ask. Each answer is
timed from the message as stored to the signal at which the console shows its drafts. `--chatting` lets other customers talk to the bot
meanwhile, so many messages a second. Processor time is that of the worker for each message, which says more than the clock where the
machine is busy.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from app.search_encoder import open_search_encoder
from app.settings import read_settings
from benchmarks.first_figures import questions_of_the_shop
from benchmarks.live import ROOT, LiveBaton, new_folder
from benchmarks.machine import describe_machine
from benchmarks.search_fresh import fill
from benchmarks.search_scale.texts import grown, read_base
from benchmarks.suggesting import measure_suggestions
from kit.db import Database
from kit.postgres import EmbeddedPostgres

REAL = 2_000  # the encoders read these; all others are made of them
WARM = 8
START_SECONDS = 900.0


async def fill_database(folder: Path, passages: int) -> None:
    """Adds so many passages to the database of this data folder, as if each had been published and read by the encoder of search."""
    settings = read_settings()
    encoder = open_search_encoder(settings.encoder_search, settings.encoder_dir, remembering=True)
    base = read_base(settings.eval_data, encoder, passages=min(REAL, passages), questions=0)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        database = Database(server.url)
        await fill(database, grown(base, passages), encoder)
        await database.close()
    finally:
        server.stop()


async def chat(url: str, per_second: float, questions: list[str]) -> None:
    """Customers who talk to the bot, each message in a conversation of its own, until cancelled."""
    async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
        for number in range(1_000_000):
            with contextlib.suppress(httpx.HTTPError):
                session = (await client.post("/v1/widget/sessions", json={"language": "en"})).raise_for_status().json()
                body = {"client_id": uuid4().hex, "text": questions[number % len(questions)]}
                await client.post("/v1/widget/messages", json=body, headers={"Authorization": f"Bearer {session['token']}"})
            await asyncio.sleep(1 / per_second)


async def measure(baton: LiveBaton, *, questions: int, chatting: float) -> dict[str, Any]:
    """The figures of a Baton that runs."""
    asked = questions_of_the_shop(WARM + questions)
    await measure_suggestions(baton.url, baton.database_url, asked[:WARM])  # the first ones load what is loaded late
    talk = asyncio.create_task(chat(baton.url, chatting, asked)) if chatting else None
    worker = baton.child("work")
    before, began = _processor(worker), time.monotonic()
    found = await measure_suggestions(baton.url, baton.database_url, asked[WARM:])
    spent, seconds = _processor(worker) - before, time.monotonic() - began
    if talk is not None:
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)
    found["worker_cores"] = round(spent / seconds, 2)
    if not chatting:
        found["worker_cpu_ms_a_message"] = round(1000 * spent / found["suggestion_questions"], 1)
    return found


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, on a data folder that is thrown away."""
    machine = describe_machine()
    folder = new_folder(like=ROOT / ".baton")
    baton = LiveBaton(folder, environment={"BATON_ENCODER_CACHE": str(read_settings().encoder_dir)})
    try:
        baton.start(seconds=START_SECONDS)
        baton.stop()
        began = time.monotonic()
        asyncio.run(fill_database(folder, options.passages))
        filled = time.monotonic() - began
        started = baton.start(seconds=START_SECONDS)
        found = asyncio.run(measure(baton, questions=options.questions, chatting=options.chatting))
        memory = baton.child("work").memory_info().rss
    finally:
        if baton.process is not None:
            baton.stop()
        shutil.rmtree(folder, ignore_errors=True)
    setting = {"passages": options.passages, "chatting_a_second": options.chatting, "filled_s": round(filled), "started_s": round(started)}
    return {"machine": machine, "load_after": round(os.getloadavg()[0], 2)} | setting | {"worker_mb": round(memory / 1e6)} | found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest_scale", description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--chatting", type=float, default=0.0, help="messages to the bot a second, meanwhile")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    options = parser.parse_args()
    sys.stdout.write(json.dumps(run(options), indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
