"""A small house around one channel, for tests: webhooks on a real server, intake, a scripted bot, files, the real outbox."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select, update

from app.errors import install_error_handlers
from app.wiring import CONSEQUENCES
from bot.engine import Reply, Turn
from bot.turn import TurnTaker
from channels.accounts import Accounts, add_account, find_account_row
from channels.base import Account, Channel
from channels.email.logins import KeptLogins
from channels.hooks import HookServices, hooks_router
from channels.intake import Intake
from channels.letters import Letter, list_letters
from channels.links import Links, media_router
from channels.managing import COMMAND_LINE, Entered, Managing
from channels.media import MediaFetcher, outgoing_files
from channels.models import ChannelAccountRow, ChannelIntakeRow, ChannelMediaRow, ChannelSendRow
from channels.outbox import Outbox
from channels.rates import Rates
from channels.registry import ACCOUNTS, CAPABILITIES, account_channels, doors, media_sources
from channels.seeing import Seeing
from channels.taking_in import Taker
from context.conversations import list_messages, lock_conversation
from context.ledger import Ledger
from context.models import ConversationRow, MessageRow
from context.outbound import add_message
from context.types import Author, Button, Content, MessageView, Sentiment, Understanding
from context.understand import understand_message
from kit.blobs import DirectoryBlobs
from kit.clock import utc_now
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.sealing import Sealer
from tests.live import free_port

SEALER = Sealer("a key of tests")


def picture() -> bytes:
    """A small JPEG."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), "orange").save(stream, "JPEG")
    return stream.getvalue()


JPEG = picture()
OFFER = (Button("Track my order", "/track_order"), Button("Talk to a person", "/talk_to_human"))


class PlainUnderstanding:
    """Understands everything as one intent."""

    def understand(
        self, text: str, *, language: str | None = None, previous_language: str | None = None, expected: str | None = None
    ) -> Understanding:
        return Understanding(language or "en", "ask", 0.9, (("ask", 0.9),), (), Sentiment())


class EchoBot:
    """Says what it heard and which button was chosen; `menu` brings buttons, `long` a long text."""

    async def respond(self, turn: Turn) -> Reply:
        return Reply(tuple(self.answer(m.payload, m.text) for m in turn.messages), turn.slots, {}, turn.language)

    def answer(self, payload: str | None, text: str) -> Content:
        if payload is not None:
            return Content(f"chosen {payload}")
        if text == "menu":
            return Content("What may it be?", OFFER)
        return Content("word " * 2000 if text == "long" else f"You said {text}")


@contextlib.asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[str]:
    """An application on a real port of this machine; its address."""
    port = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


@dataclass
class House:
    """One channel with one account, and everything that is needed to answer on it."""

    database: Database
    ledger: Ledger
    account: Account
    url: str
    intake: Intake
    outbox: Outbox
    media: MediaFetcher
    turns: TurnTaker
    seeing: Seeing
    channel: Channel
    http: httpx.AsyncClient = field(repr=False)
    logins: KeptLogins = field(repr=False)

    @property
    def hook(self) -> str:
        """Where the provider calls."""
        return f"{self.url}/hooks/{self.account.channel}/{self.account.account}"

    async def settle(self) -> None:
        """Works off what came in, lets the bot answer, sends, fetches files: until nothing is left to do."""
        while await self.intake.work_off():
            await asyncio.gather(*self.seeing._running)
        while await self.media.fetch_some():
            pass
        for conversation_id, waiting in await self._unanswered():
            for message_id in waiting:
                await understand_message(self.database, self.ledger, PlainUnderstanding(), message_id=message_id)
            await self.turns.take_turn(conversation_id, owner="house")
        await self.send()

    async def send(self) -> None:
        """Sends what is queued, also what should wait for its next try."""
        self.outbox._not_before.clear()
        async with self.database.transaction() as session:
            await session.execute(update(ChannelSendRow).values(next_at=None))
        await self.outbox.send_all()

    async def say(self, content: Content) -> None:
        """The bot says something by itself in the first conversation."""
        conversation_id = (await self.messages())[0].conversation_id
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            await add_message(session, self.ledger, conversation, content=content, author=Author.BOT)
        await self.send()

    async def _unanswered(self) -> list[tuple[UUID, list[UUID]]]:
        query = (
            select(MessageRow.conversation_id, MessageRow.id)
            .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
            .where(MessageRow.direction == "in", MessageRow.seq > ConversationRow.answered_seq, ConversationRow.handler == "bot")
        )
        found: dict[UUID, list[UUID]] = {}
        async with self.database.transaction() as session:
            for conversation_id, message_id in (await session.execute(query.order_by(MessageRow.seq))).all():
                found.setdefault(conversation_id, []).append(message_id)
        return list(found.items())

    async def messages(self) -> list[MessageView]:
        """All messages of all conversations, oldest first."""
        async with self.database.transaction() as session:
            ids = list((await session.execute(select(ConversationRow.id))).scalars())
            return await list_messages(session, ids)

    async def heard(self) -> list[str]:
        """What customers said."""
        return [m.content.text for m in await self.messages() if m.direction == "in"]

    async def rows(self, model: Any) -> list[Any]:
        """All rows of a table."""
        async with self.database.transaction() as session:
            return list((await session.execute(select(model))).scalars())

    async def notes(self) -> list[str]:
        """Why webhooks were flagged."""
        return [row.note for row in await self.rows(ChannelIntakeRow) if row.state == "flagged"]

    async def files(self) -> list[tuple[str, str, str | None]]:
        """What became of customers' files: state, type, note."""
        return [(row.state, row.type, row.note) for row in await self.rows(ChannelMediaRow)]

    async def letters(self) -> list[Letter]:
        """What could not be sent."""
        async with self.database.transaction() as session:
            return await list_letters(session)

    async def change(self, *, secrets: dict[str, str] | None = None, settings: dict[str, Any] | None = None) -> None:
        """Changes the account, as `baton channel set` does."""
        async with self.database.transaction() as session:
            row = await find_account_row(session, self.account.channel, self.account.account)
            assert row is not None
            fields = ACCOUNTS[row.channel].settings
            known = {name: str(value) for name, value in {**row.settings, **(settings or {})}.items() if name in fields}
            entered = Entered(row.name, known, secrets or {})
            await Managing(SEALER, lambda channel, account: f"/hooks/{channel}/{account}").change(session, COMMAND_LINE, row.id, entered)

    async def state(self) -> tuple[str, str | None]:
        """The account's state, and why."""
        (row,) = await self.rows(ChannelAccountRow)
        return row.state, row.reason

    async def post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """A webhook as somebody may send it."""
        return await self.http.post(self.hook, content=body, headers=headers)


@contextlib.asynccontextmanager
async def house(database: Database, account: Account, folder: Path) -> AsyncIterator[House]:
    """The house of an account's channel, with the product's own registry."""
    ledger = Ledger(RecordingEnqueuer(), CONSEQUENCES)
    accounts = Accounts(database, SEALER, seconds=0.0)
    async with database.transaction() as session:
        await add_account(session, SEALER, account)
    port, blobs = free_port(), DirectoryBlobs(folder)
    links = Links(f"http://127.0.0.1:{port}", "a key of tests")
    logins = KeptLogins(database, SEALER)
    channels, sources = account_channels(links, logins), media_sources(database)
    seeing = Seeing(database, accounts, channels)
    services = HookServices(database, accounts, doors(), links.public_url)
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(hooks_router(services))
    app.include_router(media_router(database, blobs, links))
    async with serving(app, port) as url, httpx.AsyncClient(timeout=20, trust_env=False) as http:
        yield House(
            database, ledger, account, url,
            Intake(database, accounts, doors(), Taker(database, ledger, CAPABILITIES, seeing.after)),
            Outbox(database, ledger, channels, accounts, outgoing_files(blobs), Rates()),
            MediaFetcher(database, accounts, sources, blobs, {n: c.media for n, c in CAPABILITIES.items()}, utc_now),
            TurnTaker(database, ledger, EchoBot(), RecordingEnqueuer()), seeing, channels[account.channel], http, logins,
        )  # fmt: skip
        await logins.caller.close()
        for owner in (*channels.values(), *sources.values()):
            caller = getattr(getattr(owner, "api", owner), "caller", None)
            if caller is not None:
                await caller.close()


def account_of(channel: str, name: str, *, secrets: dict[str, str], **settings: Any) -> Account:
    """An account for tests."""
    return Account(uuid4(), channel, name, f"The shop on {channel}", settings=settings, secrets=secrets)
