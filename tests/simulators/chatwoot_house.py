"""Baton's parts beside a simulated Chatwoot in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI
from psycopg.rows import tuple_row
from sqlalchemy import select, update

from app.errors import install_error_handlers
from app.outside import OutsideWatch
from app.settings import ROOT
from app.wiring import CONSEQUENCES
from assist.endpoints import assist_router
from bot.engine import Reply, Turn
from bot.turn import TurnTaker
from channels.accounts import Accounts, add_account
from channels.base import Account
from channels.chatwoot.door import ChatwootDoor
from channels.chatwoot.endpoints import PanelServices, panel_router
from channels.chatwoot.send import ChatwootChannel
from channels.hooks import HookServices, hooks_router
from channels.intake import Intake
from channels.models import ChannelSendRow
from channels.outbox import Outbox
from channels.registry import CAPABILITIES
from channels.taking_in import Taker
from context.conversations import list_messages
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.sequencer import number_batch
from context.types import Button, Content, HandoffReason, HandoffRequest, MessageView, Sentiment, Understanding
from context.understand import understand_message
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.sealing import Sealer
from tests.live import free_port

SEALER = Sealer("a key of tests")
TOKEN, PERSON, SECRET = "bot-demo-token", "person-demo-token", "hook-demo-secret"
OFFER = (Button("Track my order", "/track_order"), Button("Something else", "/other"))


class Listener:
    """Understands everything as one intent."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        return Understanding(language or "en", "ask", 0.9, (("ask", 0.9),), (), Sentiment())


class Bot:
    """Says what it heard; "menu" brings buttons, "person" hands over."""

    async def respond(self, turn: Turn) -> Reply:
        return Reply(
            tuple(self._answer(m.payload, m.text) for m in turn.messages), turn.slots, {}, turn.language,
            handoff=HandoffRequest(_reason(turn)) if any("person" in m.text for m in turn.messages) else None,
        )  # fmt: skip

    def _answer(self, payload: str | None, text: str) -> Content:
        if payload:
            return Content(f"chosen {payload}")
        return Content("What may it be?", OFFER) if text == "menu" else Content(f"You said {text}")


def _reason(turn: Turn) -> HandoffReason:
    return HandoffReason.ANGRY if any("angry" in m.text for m in turn.messages) else HandoffReason.CUSTOMER_ASKED


@dataclass
class House:
    """Everything between Chatwoot and the bot."""

    database: Database
    ledger: Ledger
    url: str
    sim: httpx.AsyncClient
    intake: Intake
    outbox: Outbox
    watch: OutsideWatch
    turns: TurnTaker

    async def do(self, action: str, **values: Any) -> Any:
        """Something happens at Chatwoot, and all that follows from it."""
        answer = await self.sim.post(f"/sim/{action}", json=values)
        assert answer.status_code == 200, answer.text
        await self.settle()
        return answer.json()

    async def settle(self) -> None:
        """Until nothing is left to do."""
        for _ in range(3):
            while await self.intake.work_off():
                pass
            await self._answer()
            await self.tell()
            await self.send()

    async def tell(self) -> None:
        """Numbers the events, and looks what the desk has to be told."""
        async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True, row_factory=tuple_row) as connection:
            while await number_batch(connection):
                pass
        await self.watch.look()

    async def send(self) -> None:
        """Sends what is queued, also what should wait for its next try."""
        self.outbox._not_before.clear()
        async with self.database.transaction() as session:
            await session.execute(update(ChannelSendRow).values(next_at=None))
        await self.outbox.send_all()

    async def _answer(self) -> None:
        query = select(MessageRow.conversation_id, MessageRow.id).where(MessageRow.direction == "in", MessageRow.understanding.is_(None))
        async with self.database.transaction() as session:
            found = (await session.execute(query.order_by(MessageRow.seq))).all()
            every = list((await session.execute(select(ConversationRow.id))).scalars())
        for _conversation_id, message_id in found:
            await understand_message(self.database, self.ledger, Listener(), message_id=message_id)
        for conversation_id in every:
            await self.turns.take_turn(conversation_id, owner="house")

    async def state(self) -> dict[str, Any]:
        """What there is at Chatwoot."""
        found: dict[str, Any] = (await self.sim.get("/sim")).json()
        return found

    async def said(self, *, private: bool = False) -> list[str]:
        """What Baton wrote at Chatwoot."""
        messages = (await self.state())["messages"]
        return [m["content"] for m in messages if (m["sender"] or {}).get("type") == "agent_bot" and m["private"] == private]

    async def status(self, number: int = 55) -> str:
        """The state of a conversation at Chatwoot."""
        return str((await self.state())["status"][str(number)])

    async def row(self) -> ConversationRow:
        """The newest conversation here."""
        async with self.database.transaction() as session:
            query = select(ConversationRow).order_by(ConversationRow.opened_at.desc()).limit(1)
            return (await session.execute(query)).scalar_one()

    async def messages(self) -> list[MessageView]:
        """All that was said, here."""
        async with self.database.transaction() as session:
            return await list_messages(session, list((await session.execute(select(ConversationRow.id))).scalars()))


@contextlib.asynccontextmanager
async def running_simulator() -> AsyncIterator[httpx.AsyncClient]:
    """The process, until the block ends."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "simulators.chatwoot", "--port", str(port)], cwd=ROOT)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            for _ in range(400):
                with contextlib.suppress(httpx.HTTPError):
                    await client.get("/sim")
                    break
                await asyncio.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait(10)


@contextlib.asynccontextmanager
async def chatwoot_house(database: Database, sim: httpx.AsyncClient, **settings: Any) -> AsyncIterator[House]:
    """The house beside a Chatwoot that has forgotten everything, until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    account = Account(
        uuid4(), "chatwoot", "1", "Acme's people", settings={"base_url": str(sim.base_url), **settings},
        secrets={"token": TOKEN, "webhook_secret": SECRET, "person_token": PERSON},
    )  # fmt: skip
    async with database.transaction() as session:
        await add_account(session, SEALER, account)
    ledger = Ledger(RecordingEnqueuer(), CONSEQUENCES)
    accounts, channel = Accounts(database, SEALER, seconds=0.0), ChatwootChannel()
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(hooks_router(HookServices(database, accounts, {"chatwoot": ChatwootDoor()})))
    app.include_router(panel_router(PanelServices(database, accounts)))
    app.include_router(assist_router(database, ledger))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    quiet = {
        "repeat": 1,
        "old": False,
        "fail": [],
        "conversations": {},
        "messages": [],
        "told": [],
        "refused": [],
        "elsewhere": "",
        "late": 0,
    }
    hook = f"{url}/hooks/chatwoot/1" + (f"?key={SECRET}" if settings.get("signature") else "")
    await sim.post("/sim/config", json={"hook": hook} | quiet)
    try:
        yield House(
            database, ledger, url, sim,
            Intake(database, accounts, {"chatwoot": ChatwootDoor()}, Taker(database, ledger, CAPABILITIES)),
            Outbox(database, ledger, {"chatwoot": channel}, accounts), OutsideWatch(database, ledger),
            TurnTaker(database, ledger, Bot(), RecordingEnqueuer()),
        )  # fmt: skip
    finally:
        await sim.post("/sim/config", json={"hook": ""})
        server.should_exit = server.force_exit = True
        await task
        await channel.api.caller.close()
