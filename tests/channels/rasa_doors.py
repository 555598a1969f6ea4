"""Rasa's doors on a real server, for tests: a scripted bot answers through the database, a worker made of a dictionary knows the rest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from channels.rasa.access import Access
from channels.rasa.api import ApiServices, api_router
from channels.rasa.cors import DoorCors
from channels.rasa.sockets import SocketDoor
from channels.rasa.types import DoorSettings
from channels.rasa.waiting import Waiter
from channels.rasa.webhooks import WebhookServices, webhook_router
from context.conversations import get_message, lock_conversation
from context.events import EventRecord, TurnTaken
from context.ledger import BOT, Ledger
from context.outbound import Writer, add_message
from context.ownership import hand_off, take_over
from context.sequencer import sequence_forever
from context.staff.accounts import create_staff
from context.stream import Hub
from context.types import Author, Content, Handler, HandoffReason, HandoffRequest, Role
from kit.db import Database
from tests.live import free_port


def echo(text: str) -> list[Content]:
    """The script of the least bot."""
    return [Content(f"You said {text}")]


@dataclass
class Worker:
    """The port of the API: answers from a dictionary and keeps what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def ask(self, question: str, **arguments: Any) -> Any:
        """The answer of the script; an error in it is raised."""
        self.asked.append((question, arguments))
        answer = self.answers[question]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Doors:
    """A running server."""

    url: str
    database: Database
    ledger: Ledger
    hub: Hub
    worker: Worker
    socket: SocketDoor
    script: Callable[[str], list[Content]] = echo
    slow: float = 0.0

    async def answer_forever(self) -> None:
        """The bot: a turn for each message while the bot holds the conversation."""
        with self.hub.subscribe(lambda item: isinstance(item, EventRecord) and item.name == "message.received") as reader:
            while True:
                item = await reader.next(60)
                if isinstance(item, EventRecord):
                    await self._take_turn(UUID(item.data["message_id"]))

    async def _take_turn(self, message_id: UUID) -> None:
        await asyncio.sleep(self.slow)
        async with self.database.transaction() as session:
            message = await get_message(session, message_id)
            conversation = await lock_conversation(session, message.conversation_id)
            if conversation.handler != Handler.BOT:
                return
            turn = uuid4()
            for ordinal, content in enumerate(self.script(message.payload or message.content.text)):
                writer = Writer(turn_id=turn, ordinal=ordinal)
                await add_message(session, self.ledger, conversation, content=content, author=Author.BOT, writer=writer)
            conversation.answered_seq = message.seq
            taken = TurnTaken(turn_id=str(turn), message_ids=[str(message_id)], epoch=conversation.epoch, milliseconds=1)
            await self.ledger.append(session, taken, actor=BOT, conversation=conversation)
            if "person" in message.content.text:
                await hand_off(session, self.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))

    async def human_says(self, conversation_id: UUID, text: str) -> None:
        """A colleague takes the conversation, if nobody has, and writes."""
        async with self.database.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            if conversation.handler != Handler.AGENT:
                staff = await create_staff(
                    session, email=f"{uuid4().hex}@x.example", name="Ana", role=Role.AGENT, password="x" * 12, demo=True
                )
                await take_over(session, self.ledger, conversation, staff=staff)
            await add_message(session, self.ledger, conversation, content=Content(text), author=Author.AGENT)


@contextlib.asynccontextmanager
async def serving_doors(database: Database, ledger: Ledger, settings: DoorSettings) -> AsyncIterator[Doors]:
    """Serves until the block ends."""
    hub, worker, port = Hub(database), Worker(), free_port()
    waiter, app = Waiter(database, ledger, hub), FastAPI()
    url = f"http://127.0.0.1:{port}"
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"])
    socket = SocketDoor(waiter, settings.socket, base_url=url, origins=settings.cors)
    doors = Doors(url, database, ledger, hub, worker, socket)
    app.include_router(webhook_router(WebhookServices(waiter, url, settings.callback_url)))
    app.include_router(api_router(ApiServices(Access(settings), worker, waiter, url)))
    app.mount(settings.socket.socketio_path, socket.app)
    app.add_middleware(
        DoorCors, origins=settings.cors, paths=("/webhooks/", "/conversations/", "/model", "/status", settings.socket.socketio_path)
    )

    @app.get("/elsewhere")
    async def elsewhere() -> dict[str, str]:
        return {"not": "a door"}

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio"))
    tasks = [
        asyncio.create_task(c)
        for c in (hub.run(), sequence_forever(database.dsn), doors.answer_forever(), socket.run(), server.serve())
    ]  # fmt: skip
    while not server.started:
        await asyncio.sleep(0.02)
    try:
        yield doors
    finally:
        server.should_exit = server.force_exit = True
        await tasks[-1]
        for task in tasks[:-1]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
