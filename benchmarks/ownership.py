"""Who answers? `python -m benchmarks.ownership` plays 10,000 random interleavings of a customer, the bot, two agents and failures.

Each interleaving is one conversation on a real PostgreSQL. The bot thinks under its lease and sometimes hands over, fails or dies; agents
take, answer (also twice), release, transfer, snooze, hand back and resolve, whoever holds it; connections are cut at any instant; an agent
is disabled or goes for good. Afterwards all that was stored is looked through. What must be zero: double answers, lost messages,
conversations that nobody owns. The exit code says whether it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import structlog

from app.migrate import migrate
from benchmarks.machine import describe_machine
from benchmarks.ownership_checks import Findings, check
from benchmarks.ownership_play import PREPARE, Acknowledged, FastClock, Player
from kit.postgres import EmbeddedPostgres

SHOWN = 20


def play(url: str, *, interleavings: int, seed: int = 1, processes: int = 1) -> tuple[Findings, Acknowledged]:
    """Plays on an empty database that is migrated, and looks through it."""
    dsn = url.replace("postgresql+psycopg://", "postgresql://")
    pairs = [(uuid4(), uuid4()) for _ in range(interleavings)]
    _prepare(dsn, [one for pair in pairs for one in pair])
    began = datetime.now(UTC)
    shares = [(url, number, began, seed, pairs[number::processes]) for number in range(processes)]
    if processes == 1:
        parts = [_play_share(*shares[0])]
    else:
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            parts = list(pool.map(_play_share, *zip(*shares, strict=True)))
    asyncio.run(_settle(url, began, seed))
    done = Acknowledged()
    for part in parts:
        done.messages += part.messages
        done.replies |= part.replies
        done.cut, done.killed, done.refused = done.cut + part.cut, done.killed + part.killed, done.refused + part.refused
    gone = FastClock(began)() - timedelta(minutes=30)
    return check(dsn, messages=done.messages, replies=done.replies, gone=gone), done


def _play_share(url: str, number: int, began: datetime, seed: int, pairs: list[tuple[UUID, UUID]]) -> Acknowledged:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # failures are what is played here
    return asyncio.run(Player(url, number, began, seed).play(pairs))


async def _settle(url: str, began: datetime, seed: int) -> None:
    """One process may have ended while another still changed things: once more for all."""
    await Player(url, -1, began, seed).play([])


def _prepare(dsn: str, agents: list[UUID]) -> None:
    with psycopg.connect(dsn, autocommit=True, application_name="judge") as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = off')
        connection.execute(PREPARE)
        with connection.cursor() as cursor:
            rows = [(one, f"{one.hex}@example.com", f"Agent {one.hex[:6]}") for one in agents]
            cursor.executemany("INSERT INTO staff (id, email, name, role, password_hash) VALUES (%s, %s, %s, 'agent', '')", rows)


def report(findings: Findings, done: Acknowledged, *, seconds: float) -> dict[str, Any]:
    """The figures."""
    return {
        "double_answers": len(findings.double),
        "lost_messages": len(findings.lost),
        "owned_by_nobody": len(findings.nobody),
        "acknowledged_messages": len(done.messages),
        "acknowledged_replies": len(done.replies),
        "refusals": done.refused,
        "connections_cut_in_work": done.cut,
        "bot_killed": done.killed,
        "counts": findings.counts,
        "seconds": round(seconds, 1),
        "machine": describe_machine(),
    }


def main() -> int:
    """Plays on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interleavings", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="baton-own-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        migrate(server.url)
        began = time.perf_counter()
        findings, done = play(server.url, interleavings=given.interleavings, seed=given.seed, processes=given.processes)
        figures = report(findings, done, seconds=time.perf_counter() - began)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        print(json.dumps(figures | {"findings": asdict(findings)}))
    else:
        for name, value in figures.items():
            print(f"{name:26} {value}")
        for line in (*findings.double, *findings.lost, *findings.nobody)[:SHOWN]:
            print("!", line)
    return 0 if findings.clean else 1


if __name__ == "__main__":
    sys.exit(main())
