"""The simulated WhatsApp as a process, and beside it what of Baton speaks with it: webhooks, intake, outbox, media; a bot that echoes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from app.errors import install_error_handlers
from app.settings import ROOT
from channels.accounts import Accounts, add_account
from channels.base import Account
from channels.hooks import HookServices, hooks_router
from channels.intake import Intake
from channels.media import MediaFetcher, outgoing_files
from channels.outbox import Outbox
from channels.registry import CAPABILITIES
from channels.taking_in import Taker
from channels.whatsapp.client import GraphClient
from channels.whatsapp.door import WhatsAppDoor
from channels.whatsapp.send import WhatsAppChannel
from context.conversations import dump_understanding, lock_conversation, view_message
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.outbound import Writer, add_message
from context.types import Author, Content, MessageView, Understanding
from kit.blobs import MemoryBlobs
from kit.clock import utc_now
from kit.db import Database
from kit.sealing import Sealer
from tests.live import free_port

ANN = "85291234567"
SEALER = Sealer("a key of tests")
TOKEN, SECRET, VERIFY = "simulated-token", "simulated-app-secret", "simulated-verify-token"
NUMBER, WABA = "106540352242922", "102290129340398"


@dataclass
class Simulator:
    """The process and its control API."""

    url: str
    http: httpx.AsyncClient

    async def post(self, path: str, data: Any) -> Any:
        """One call of /sim/."""
        answer = await self.http.post(f"/sim/{path}", json=data)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(self, text: str = "hello", *, phone: str = ANN, **more: Any) -> str:
        """A customer writes; the id of the message."""
        return str((await self.post("say", {"phone": phone, "text": text} | more))["id"])

    async def ledger(self) -> Any:
        """All that happened."""
        return (await self.http.get("/sim/ledger")).json()

    async def sends(self) -> list[Any]:
        """What was accepted of the business."""
        return list((await self.ledger())["sends"])

    async def idle(self) -> None:
        """Waits until every webhook was acknowledged."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if (await self.http.get("/sim/idle")).json()["idle"]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the simulator has still something to tell")


@contextlib.asynccontextmanager
async def running_simulator(**config: Any) -> AsyncIterator[Simulator]:
    """The simulator, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "simulators.whatsapp", "--port", str(port)]
    for name, value in config.items():
        command += ["--set", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    process = subprocess.Popen(command, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
            for _ in range(400):
                with contextlib.suppress(httpx.HTTPError):
                    await client.get("/sim/idle")
                    break
                await asyncio.sleep(0.05)
            yield Simulator(url, client)
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class House:
    """The parts of Baton that speak with the provider."""

    database: Database
    ledger: Ledger
    sim: Simulator
    account: Account
    hook_url: str
    outbox: Outbox
    intake: Intake
    media: MediaFetcher
    blobs: MemoryBlobs
    channel: WhatsAppChannel
    answer: Callable[[MessageView], list[Content]] = field(default=lambda message: [Content(f"You said {message.content.text}")])

    async def take_in(self) -> None:
        """Everything that the simulator tells has been taken in."""
        await asyncio.sleep(0.02)
        await self.sim.idle()
        while await self.intake.work_off():
            pass

    async def turn(self) -> None:
        """Everything that came is taken in, answered and sent, and its receipts are taken in."""
        await self.take_in()
        await self.reply_all()
        await self.outbox.send_all()
        await asyncio.sleep(0.1)
        await self.take_in()

    async def reply_all(self) -> None:
        """The bot: an answer to each message that has none."""
        async with self.database.transaction() as session:
            waiting = select(MessageRow).where(MessageRow.author == Author.CUSTOMER, MessageRow.understanding.is_(None))
            for row in (await session.execute(waiting.order_by(MessageRow.at))).scalars():
                conversation = await lock_conversation(session, row.conversation_id)
                for ordinal, content in enumerate(self.answer(view_message(row))):
                    writer = Writer(turn_id=uuid4(), ordinal=ordinal)
                    await add_message(session, self.ledger, conversation, content=content, author=Author.BOT, writer=writer)
                row.understanding = dump_understanding(Understanding("en", None, 0.0))

    async def reply(self, content: Content) -> UUID:
        """Something said in the only conversation."""
        async with self.database.transaction() as session:
            found = (await session.execute(select(ConversationRow.id))).scalar_one()
            conversation = await lock_conversation(session, found)
            return (await add_message(session, self.ledger, conversation, content=content, author=Author.BOT)).id

    async def messages(self) -> list[MessageRow]:
        """All messages, oldest first."""
        async with self.database.transaction() as session:
            return list((await session.execute(select(MessageRow).order_by(MessageRow.at, MessageRow.seq))).scalars())

    async def inbound(self) -> list[MessageRow]:
        """What customers wrote."""
        return [m for m in await self.messages() if m.author == Author.CUSTOMER]


@contextlib.asynccontextmanager
async def whatsapp_house(database: Database, ledger: Ledger, sim: Simulator, **config: Any) -> AsyncIterator[House]:
    """The house beside a simulator that has forgotten everything, until the block ends."""
    port = free_port()
    hook = f"http://127.0.0.1:{port}/hooks/whatsapp/{NUMBER}"
    settings = {"base_url": sim.url, "waba_id": WABA}
    secrets = {"token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY}
    account = Account(uuid4(), "whatsapp", NUMBER, "Simulated", settings=settings, secrets=secrets)
    async with database.transaction() as session:
        await add_account(session, SEALER, account)
    house = _house(database, ledger, sim, account, hook)
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(hooks_router(HookServices(database, house.intake.accounts, house.intake.doors)))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    await sim.post("reset", {"hook_url": hook} | config)
    try:
        yield house
    finally:
        await sim.post("reset", {})
        server.should_exit = True
        await task
        await house.channel.client.close()


def _house(database: Database, ledger: Ledger, sim: Simulator, account: Account, hook: str) -> House:
    accounts, client, blobs = Accounts(database, SEALER, seconds=0.0), GraphClient(), MemoryBlobs()
    channel = WhatsAppChannel(client)
    rules = {"whatsapp": CAPABILITIES["whatsapp"].media}
    return House(
        database, ledger, sim, account, hook,
        Outbox(database, ledger, {"whatsapp": channel}, accounts, outgoing_files(blobs)),
        Intake(database, accounts, {"whatsapp": WhatsAppDoor()}, Taker(database, ledger, CAPABILITIES)),
        MediaFetcher(database, accounts, {"whatsapp": client}, blobs, rules, utc_now), blobs, channel,
    )  # fmt: skip
