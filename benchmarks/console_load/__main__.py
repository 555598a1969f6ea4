"""Opening a conversation, seeing a new message, and searching, with 5,000 open conversations and 50 agents: p50 and p95 in Chromium."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil
from playwright.async_api import Page, async_playwright

from app.migrate import migrate
from benchmarks.console_load.agents import FakeAgent
from benchmarks.console_load.filling import CHINESE, WORDS, fill, hire
from benchmarks.live import ROOT, free_port
from benchmarks.machine import describe_machine
from benchmarks.screenshots import QUIET
from console.access import COOKIE
from context.conversations import lock_conversation
from context.events import MessageReceived
from context.ledger import CUSTOMER, Ledger
from context.models import MessageRow
from context.staff.accounts import get_staff
from desk.search import access_search
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.postgres import EmbeddedPostgres

OPEN = """async (id) => {
  const began = performance.now();
  window.answered = null;
  document.querySelector(`[data-id="${id}"]`).click();
  const there = () => document.querySelector(`[data-conversation="${id}"] .b-msg`);
  while (!there()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return [performance.now() - began, (window.answered ?? NaN) - began];
}"""
HEAR = """() => window.socket.onAny((event, data) => {
  if (event === "run_javascript" && data.code.includes('["opened",')) window.answered = performance.now();
})"""
WATCH = """() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const text of document.querySelectorAll(".b-msg:last-child .b-text, .b-msg .b-text"))
      for (const token of text.textContent.match(/token-[0-9a-f]{8}/g) ?? []) window.seen[token] ??= Date.now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@contextlib.contextmanager
def database_server() -> Iterator[str]:
    """A migrated database of its own; its URL."""
    folder = Path(tempfile.mkdtemp(prefix="baton-load-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        migrate(server.url)
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def console_server(url: str) -> AsyncIterator[tuple[str, psutil.Process]]:
    """A `baton serve` on that database: its address, and its process."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="baton-load-data-")
    base = f"http://127.0.0.1:{port}"
    environment = os.environ | {"DATABASE_URL": url, "BATON_DATA_DIR": folder, "BATON_PORT": str(port), "BATON_PUBLIC_URL": base}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "serve", env=environment, cwd=ROOT)
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(600):
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{base}/console/login")).status_code == 200:
                        break
                await asyncio.sleep(0.2)
        yield base, psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def customer_writes(database: Database, ledger: Ledger, conversation_id: UUID, said: str) -> float:
    """A customer's message; returns when it was committed."""
    async with database.transaction() as session:
        row = await lock_conversation(session, conversation_id)
        message = MessageRow(
            id=uuid4(), conversation_id=row.id, seq=row.seq + 1, direction="in", author="customer", visibility="public", text=said,
            body={}, channel="web", account="shop", external_id=uuid4().hex, delivery="delivered", at=ledger.now,
        )  # fmt: skip
        session.add(message)
        row.last_customer_at, row.preview = ledger.now, said[:120]
        event = MessageReceived(message_id=str(message.id), external_id=message.external_id or "")
        await ledger.append(session, event, actor=CUSTOMER, conversation=row)
    return time.time() * 1000


async def background(database: Database, ledger: Ledger, conversations: list[UUID], *, per_second: float) -> None:
    """Customers who write all the time, anywhere."""
    dice = random.Random(11)
    while True:
        await customer_writes(database, ledger, dice.choice(conversations), " ".join(dice.choices(WORDS, k=12)))
        await asyncio.sleep(1 / per_second)


async def measure_opening(page: Page, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the click on a line until its conversation is drawn, and until the browser had the server's answer."""
    await page.evaluate(HEAR)
    drawn, answered = [], []
    for number in range(rounds):
        lines = page.locator(".b-row")
        which = await lines.nth(1 + number % 6).get_attribute("data-id")
        whole, until_answered = await page.evaluate(OPEN, which)
        drawn.append(float(whole))
        answered.append(float(until_answered))
        await page.wait_for_timeout(150)
        if number % 6 == 5:
            await page.locator(".b-rows").evaluate("box => box.scrollTop += 480")
            await page.wait_for_timeout(300)
    return drawn, answered


async def measure_messages(page: Page, database: Database, ledger: Ledger, rounds: int) -> list[float]:
    """Milliseconds from the commit of a customer's message until it stands in the open transcript."""
    opened = UUID(await page.locator(".b-conversation").get_attribute("data-conversation") or "")
    await page.evaluate(WATCH)
    times = []
    for _ in range(rounds):
        token = f"token-{uuid4().hex[:8]}"
        committed = await customer_writes(database, ledger, opened, token)
        seen = await page.wait_for_function("token => window.seen[token]", arg=token, polling=20, timeout=20_000)
        times.append(float(await seen.json_value()) - committed)
        await page.wait_for_timeout(120)
    return times


async def measure_search(database: Database, staff_id: UUID, rounds: int) -> list[float]:
    """Milliseconds for a search over all messages: rare and frequent words, beginnings, Chinese."""
    dice, times = random.Random(3), []
    asked = [lambda: f"{dice.choice(WORDS)} {dice.choice(WORDS)}", lambda: dice.choice(WORDS)[:4], lambda: f"LC-1{dice.randrange(10_000)}",
             lambda: dice.choice(CHINESE), lambda: dice.choice(CHINESE) + dice.choice(CHINESE)]  # fmt: skip
    for number in range(rounds):
        async with database.transaction() as session:
            staff = await get_staff(session, staff_id)
            began = time.perf_counter()
            await access_search(session, staff, asked[number % len(asked)]())
            times.append((time.perf_counter() - began) * 1000)
    return times


def busy_seconds(process: psutil.Process) -> float:
    """Processor time that a process has used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def summed(times: list[float]) -> dict[str, float]:
    """Median and p95."""
    return {"p50": round(statistics.median(times), 1), "p95": round(statistics.quantiles(times, n=20)[-1], 1), "n": len(times)}


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, from an empty database to the figures."""
    machine = describe_machine()
    with database_server() as url:
        database = Database(url)
        ledger = Ledger(RecordingEnqueuer(), {})
        staff, tokens = await hire(database, options.agents + 1)
        found = await asyncio.to_thread(fill, database.dsn, staff, conversations=options.conversations, messages=options.messages)
        search = summed(await measure_search(database, staff[0], options.rounds))
        async with console_server(url) as (base, server), async_playwright() as playwright:
            agents = [FakeAgent(base, token) for token in tokens[1:]]
            for agent in agents:
                await agent.connect()
            dice = random.Random(5)
            busy = [asyncio.create_task(a.work(found, every=options.agents / options.opens, dice=dice)) for a in agents]
            busy.append(asyncio.create_task(background(database, ledger, found, per_second=options.writes)))
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            await context.add_cookies([{"name": COOKIE, "value": tokens[0], "url": f"{base}/console"}])
            page = await context.new_page()
            await page.goto(f"{base}/console/")
            await page.locator(".b-row").first.wait_for(timeout=60_000)
            await asyncio.sleep(3)
            spent, began = busy_seconds(server), time.monotonic()
            opening, answered = map(summed, await measure_opening(page, options.rounds))
            messages = summed(await measure_messages(page, database, ledger, options.rounds))
            share = round((busy_seconds(server) - spent) / (time.monotonic() - began), 2)
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)
            heard = sum(agent.heard for agent in agents)
            for agent in agents:
                await agent.close()
            await browser.close()
        await database.close()
    setting = {"conversations": options.conversations, "messages": options.conversations * options.messages, "agents": options.agents}
    return {
        "machine": machine | {"load_after": round(os.getloadavg()[0], 2)}, "setting": setting, "pushes_heard": heard, "server_cores": share,
        "opening_ms": opening, "opening_answered_ms": answered, "new_message_ms": messages, "search_ms": search,
    }  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--messages", type=int, default=20, help="in each conversation")
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--opens", type=float, default=2.0, help="conversations that the agents open, a second")
    parser.add_argument("--writes", type=float, default=4.0, help="messages of customers elsewhere, a second")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = asyncio.run(run(options))
    sys.stdout.write(json.dumps(result, indent=None if options.json else 2) + "\n")


if __name__ == "__main__":
    main()
