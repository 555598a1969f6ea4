"""A simulated WhatsApp beside a live Baton: the process, the account that joins them, and customers who write."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from app.channels import sealer
from app.commands.simulate import simulated_account
from app.settings import read_settings
from app.wiring import build_base
from benchmarks.customers import QUESTIONS
from benchmarks.live import ROOT, LiveBaton, free_port
from channels.accounts import add_account
from simulators.whatsapp.world import Config

START_SECONDS = 60.0


@dataclass
class SimulatedWhatsApp:
    """The simulator's process and its control API."""

    url: str
    process: subprocess.Popen[bytes]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=120, trust_env=False)

    def wait(self) -> None:
        """Until it answers. Raises TimeoutError."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                self.http.get("/sim/idle")
                return
            time.sleep(0.1)
        raise TimeoutError("the simulator does not start")

    def ledger(self) -> Any:
        """All that happened, as the provider sees it."""
        return self.http.get("/sim/ledger").json()

    def idle(self) -> bool:
        """Whether every webhook was acknowledged."""
        return bool(self.http.get("/sim/idle").json()["idle"])


@contextlib.contextmanager
def simulated_whatsapp(baton: LiveBaton, *, account: dict[str, str] | None = None, **config: Any) -> Iterator[SimulatedWhatsApp]:
    """The simulator as a process, its account in the running Baton, its webhooks going there; until the block ends."""
    port, settings = free_port(), Config()
    url = f"http://127.0.0.1:{port}"
    known = {"hook_url": f"{baton.url}/hooks/whatsapp/{settings.phone_number_id}"} | config
    command = [sys.executable, "-m", "simulators.whatsapp", "--port", str(port)]
    for name, value in known.items():
        command += ["--set", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    asyncio.run(_connect(baton, url, account or {}))
    log = Path(baton.data_dir) / "simulator.log"
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    simulator = SimulatedWhatsApp(url, process)
    try:
        simulator.wait()
        yield simulator
    finally:
        simulator.http.close()
        process.terminate()
        process.wait(10)


async def _connect(baton: LiveBaton, url: str, more: dict[str, str]) -> None:
    settings = read_settings(dict(os.environ) | baton.environment)
    base = build_base(baton.database_url)
    try:
        async with base.database.transaction() as session:
            made = simulated_account(Config(), url)
            await add_account(session, sealer(settings), replace(made, settings={**made.settings, **more}), replace=True)
    finally:
        await base.database.close()


async def write(simulator: SimulatedWhatsApp, rng: random.Random, *, messages: int, customers: int, per_second: float) -> int:
    """Lets customers write: each waits a moment between two messages; how many were written."""
    written = 0
    people = [f"8529{number:07}" for number in range(customers)]
    counts = dict.fromkeys(people, 0)
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=simulator.url, timeout=60, trust_env=False) as client:
        while written < messages:
            await asyncio.sleep(max(0.0, began + written / per_second - time.monotonic()))
            person = rng.choice(people)
            counts[person] += 1
            text = f"{rng.choice(QUESTIONS)} ({counts[person]})"
            await client.post("/sim/say", json={"phone": person, "text": text})
            written += 1
    return written
