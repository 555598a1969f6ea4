"""The door of Rasa's Socket.IO channel: `user_uttered` in, `bot_uttered` out, also when a person writes later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import socketio  # type: ignore[import-untyped]
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from channels.rasa.parse import parse_session, parse_uttered
from channels.rasa.show import uttered
from channels.rasa.tokens import TokenChecker, TokenError
from channels.rasa.types import SOCKETIO, Address, RasaError, SocketOptions
from channels.rasa.waiting import Waiter, record_handed_out
from context.conversations import get_message
from context.events import EventRecord
from context.models import ConversationRow, IdentityRow
from context.stream import Item, Lagging
from context.types import Author, MessageView, Visibility
from kit.errors import BatonError
from kit.limits import RateLimit
from kit.log import get_logger

MOST_BYTES = 100_000
IDLE_SECONDS = 30.0

log = get_logger("socketio")


@dataclass
class Line:
    """One connection: whose it is, and up to which message it has been told."""

    sender: str
    told: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SocketDoor:
    """A Socket.IO server of its own; `run` must be running so that it can push."""

    def __init__(
        self, waiter: Waiter, options: SocketOptions, *, base_url: str, origins: tuple[str, ...], limit: RateLimit | None = None
    ) -> None:
        """`origins` may open a WebSocket beside pages of this server itself; `*` stands for all."""
        self.waiter, self.options, self.base_url = waiter, options, base_url
        self.limit = limit or RateLimit(per_second=2.0, burst=20)
        self.checker = TokenChecker(options.jwt_key, options.jwt_method) if options.jwt_key else None
        self.lines: dict[str, Line] = {}
        allowed: Any = "*" if "*" in origins else list(origins) or None
        self.sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=allowed, max_http_buffer_size=MOST_BYTES, logger=False)
        for name, handler in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("session_request", self._session),
            (options.user_message_evt, self._uttered),
        ):
            self.sio.on(name, handler, namespace=options.namespace)

    @property
    def app(self) -> socketio.ASGIApp:
        """To be mounted at `options.socketio_path`."""
        return socketio.ASGIApp(self.sio, socketio_path=self.options.socketio_path)

    async def _connect(self, sid: str, _environ: Mapping[str, Any], auth: Any = None) -> bool:
        if self.checker is not None:
            token = auth.get("token") if isinstance(auth, Mapping) else None
            try:
                self.checker.check(str(token or "").removeprefix("Bearer "))
            except TokenError:
                return False
        self.lines[sid] = Line(sid)
        return True

    async def _disconnect(self, sid: str, *_reason: Any) -> None:
        self.lines.pop(sid, None)

    async def _session(self, sid: str, data: Any = None) -> None:
        session = parse_session(data)
        line = self.lines.get(sid)
        if line is None:
            return
        await self._emit(sid, "session_confirm", session)
        if self.options.session_persistence:
            line.sender, line.told = session, 0
            try:
                await self._tell_missed(sid, line)
            except SQLAlchemyError as error:
                log.warning("what was missed could not be looked for", reason=type(error).__name__)

    async def _uttered(self, sid: str, data: Any = None) -> None:
        line = self.lines.get(sid)
        if line is None or not isinstance(data, Mapping):
            return
        if self.options.session_persistence:
            session = data.get("session_id")
            if not isinstance(session, str) or not session:
                log.warning("a message without session_id was left out")
                return
            line.sender = parse_session(data)
        try:
            inbound = parse_uttered(data, sender=line.sender, metadata_key=self.options.metadata_key)
            if self.limit.wait_seconds(line.sender):
                raise RasaError(429, "TooManyRequests", "Too many messages in a short time")
            await self.waiter.record(inbound)
        except BatonError as error:
            await self._emit(sid, self.options.bot_message_evt, {"text": error.message})
        except SQLAlchemyError as error:
            log.error("a message could not be stored", reason=type(error).__name__)
            await self._emit(
                sid, self.options.bot_message_evt, {"text": "Your message could not be taken. Please send it again in a moment."}
            )

    async def _tell_missed(self, sid: str, line: Line) -> None:
        """What was said while the customer was away."""
        async with line.lock:
            for message in await self.waiter.hand_out(Address(SOCKETIO, SOCKETIO, line.sender)):
                await self._tell(sid, line, message)

    async def run(self) -> None:
        """Pushes what bot and people say to the connections of this process, until cancelled."""
        while True:
            with self.waiter.hub.subscribe(_is_ours) as reader:
                await self._catch_up()
                try:
                    while True:
                        item = await reader.next(IDLE_SECONDS)
                        if isinstance(item, EventRecord):
                            await self._push_safely(item)
                except Lagging:
                    log.warning("the pushing fell behind; it looks for what was missed")

    async def _catch_up(self) -> None:
        try:
            for sid, line in list(self.lines.items()):
                await self._tell_missed(sid, line)
        except (SQLAlchemyError, BatonError) as error:  # what stays undelivered comes with the next connection
            log.warning("what was missed could not be looked for", reason=type(error).__name__)

    async def _push_safely(self, record: EventRecord) -> None:
        try:
            await self._push(UUID(record.data["message_id"]))
        except (SQLAlchemyError, BatonError) as error:  # the message stays undelivered and comes with the next connection
            log.warning("a message could not be pushed", reason=type(error).__name__)

    async def _push(self, message_id: UUID) -> None:
        async with self.waiter.database.transaction() as session:
            message = await get_message(session, message_id)
            query = (
                select(IdentityRow.external_id)
                .join(ConversationRow, ConversationRow.contact_id == IdentityRow.contact_id)
                .where(ConversationRow.id == message.conversation_id, IdentityRow.channel == SOCKETIO)
            )
            senders = set((await session.execute(query)).scalars())
        here = [(sid, line) for sid, line in self.lines.items() if line.sender in senders]
        if not here or message.visibility != Visibility.PUBLIC or message.author == Author.CUSTOMER:
            return
        for sid, line in here:
            async with line.lock:
                await self._tell(sid, line, message)
        async with self.waiter.database.transaction() as session:
            for sender in {line.sender for _sid, line in here}:
                await record_handed_out(session, self.waiter.ledger, Address(SOCKETIO, SOCKETIO, sender), only=message_id)

    async def _tell(self, sid: str, line: Line, message: MessageView) -> None:
        if message.seq <= line.told:
            return
        line.told = message.seq
        for payload in uttered(message.content, base_url=self.base_url):
            await self._emit(sid, self.options.bot_message_evt, payload)

    async def _emit(self, sid: str, event: str, payload: Any) -> None:
        await self.sio.emit(event, payload, to=sid, namespace=self.options.namespace)


def _is_ours(item: Item) -> bool:
    return isinstance(item, EventRecord) and item.name == "message.queued" and item.channel == SOCKETIO
