"""Live events for widget, console and API clients: read by position, woken by NOTIFY, resumed after a lost connection with nothing missed.

Signals (typing) are ephemeral: they are not stored, and a reader who is away has missed nothing that matters.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, EventRecord
from context.models import ConversationRow, EventRow, IdentityRow
from context.sequencer import CHANNEL
from kit.db import Database
from kit.log import get_logger

SIGNALS = "baton_signals"
QUEUE_SIZE = 2000
FALLBACK_SECONDS = 2.0
PAGE = 500
KNOWN_OWNERS = 20_000
CATCHING_UP = 6
_NEWER = """
SELECT id, name, version, at, actor_kind, actor_id, conversation_id, channel, seq, position, data
FROM event WHERE position > %s ORDER BY position LIMIT %s
"""
_MERGING = {"contact.merged", "contact.unmerged", "conversation.merged", "conversation.unmerged"}

log = get_logger("stream")


@dataclass(frozen=True)
class Signal:
    """Someone types: `author` is customer, bot or agent."""

    conversation_id: UUID
    author: str
    name: str | None
    on: bool


@dataclass(frozen=True)
class SuggestionsReady:
    """New suggestions stand in the database for a customer's message."""

    conversation_id: UUID
    message_id: UUID


@dataclass(frozen=True)
class OutgoingSettled:
    """What became of something that a colleague sent from the console: `state` is sent, undone or refused."""

    conversation_id: UUID
    staff_id: UUID
    client_id: str
    state: str
    reason: str | None = None


@dataclass(frozen=True)
class Owner:
    """Whose a conversation is: contact, thread key, and every (channel, account, external id) of the contact."""

    contact_id: UUID
    thread_key: str
    addresses: frozenset[tuple[str, str, str]]


Item = EventRecord | Signal | SuggestionsReady | OutgoingSettled


class Lagging(Exception):
    """The reader was too slow for its queue; it must read again from its last position."""


class Subscription:
    """One reader's queue of what happens. `by_owner`: whether `wanted` asks `Hub.known_owner`."""

    def __init__(self, wanted: Callable[[Item], bool], *, by_owner: bool = False) -> None:
        self.wanted, self.by_owner = wanted, by_owner
        self._queue: asyncio.Queue[Item] = asyncio.Queue(QUEUE_SIZE)
        self._lagging = False

    def offer(self, item: Item) -> None:
        """Puts an item in, unless the reader has fallen hopelessly behind."""
        if self._lagging or not self.wanted(item):
            return
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self._lagging = True

    async def next(self, seconds: float) -> Item | None:
        """The next item, or None after `seconds` of silence. Raises Lagging."""
        if self._lagging and self._queue.empty():
            raise Lagging
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None

    def waiting(self, most: int) -> list[Item]:
        """What else has come already, at most so many."""
        return [self._queue.get_nowait() for _ in range(min(most, self._queue.qsize()))]


class Hub:
    """One per process: listens once, hands out to many readers.

    `catching_up` is held by those who read what was stored before they came. After a restart all come at once: they wait here, rather
    than for the connections of those who write, which are refused after half a minute.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.catching_up = asyncio.Semaphore(CATCHING_UP)
        self.position = 0
        self._readers: set[Subscription] = set()
        self._owners: dict[UUID, asyncio.Task[Owner | None]] = {}

    @contextlib.contextmanager
    def subscribe(self, wanted: Callable[[Item], bool] = lambda _item: True, *, by_owner: bool = False) -> Iterator[Subscription]:
        """A subscription to everything from now on that `wanted` accepts. `by_owner`: it asks whose a conversation is (`known_owner`)."""
        reader = Subscription(wanted, by_owner=by_owner)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    async def owner_of(self, conversation_id: UUID) -> Owner | None:
        """Whose a conversation is, asked of the database once for all readers; None when there is none."""
        if conversation_id not in self._owners:
            if len(self._owners) >= KNOWN_OWNERS:
                self._owners.clear()
            self._owners[conversation_id] = asyncio.create_task(self._find_owner(conversation_id))
        try:
            return await asyncio.shield(self._owners[conversation_id])
        except (SQLAlchemyError, psycopg.Error, OSError):
            self._owners.pop(conversation_id, None)
            raise

    def known_owner(self, conversation_id: UUID) -> Owner | None:
        """Whose a conversation is, where that is known already."""
        task = self._owners.get(conversation_id)
        return task.result() if task is not None and task.done() and not task.cancelled() and task.exception() is None else None

    def forget_owners(self) -> None:
        """Conversations have other owners: contacts were merged or parted."""
        self._owners.clear()

    async def _find_owner(self, conversation_id: UUID) -> Owner | None:
        async with self.database.transaction() as session:
            query = select(ConversationRow.contact_id, ConversationRow.thread_key).where(ConversationRow.id == conversation_id)
            found = (await session.execute(query)).one_or_none()
            if found is None:
                return None
            of_contact = IdentityRow.contact_id == found.contact_id
            rows = await session.execute(select(IdentityRow.channel, IdentityRow.account, IdentityRow.external_id).where(of_contact))
            return Owner(found.contact_id, found.thread_key, frozenset((row[0], row[1], row[2]) for row in rows))

    async def run(self) -> None:
        """Listens until cancelled; connects again after the database was away, and misses nothing."""
        known = False
        while True:
            try:
                if not known:
                    async with self.database.transaction() as session:
                        self.position, known = await last_position(session), True
                await self._listen()
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                log.warning("stream lost the database", reason=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        dsn = self.database.dsn  # one connection listens, the other reads: while it reads, a connection would miss signals
        async with (
            await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
            await psycopg.AsyncConnection.connect(dsn, autocommit=True, row_factory=namedtuple_row) as reader,
        ):
            await connection.execute(f"LISTEN {CHANNEL}")
            await connection.execute(f"LISTEN {SIGNALS}")
            await self._read_new(reader)
            while True:
                fresh = True  # after a silence it looks by itself
                async for notice in connection.notifies(timeout=FALLBACK_SECONDS, stop_after=1):
                    fresh = notice.channel != SIGNALS
                    if not fresh:
                        await self.offer(_parse_signal(notice.payload))
                if fresh:
                    await self._read_new(reader)

    async def _read_new(self, reader: psycopg.AsyncConnection[Any]) -> None:
        while True:
            rows = await (await reader.execute(_NEWER, (self.position, PAGE), prepare=True)).fetchall()
            records = [_record(row) for row in rows]
            for record in records:
                assert record.position is not None
                self.position = record.position
                if record.name in _MERGING:
                    self._owners.clear()
                await self.offer(record)
            if len(records) < PAGE:
                return

    async def offer(self, item: Item | None) -> None:
        """To all readers; first to those who need not know whose it is, then, once that is known, to those who decide by it."""
        if item is None:
            return
        for reader in [one for one in self._readers if not one.by_owner]:
            reader.offer(item)
        if item.conversation_id is not None and any(one.by_owner for one in self._readers):
            with contextlib.suppress(SQLAlchemyError, psycopg.Error, OSError):  # then they ask by themselves
                await self.owner_of(item.conversation_id)
        for reader in [one for one in self._readers if one.by_owner]:
            reader.offer(item)


def _parse_signal(payload: str) -> Signal | SuggestionsReady | OutgoingSettled | None:
    try:
        data = json.loads(payload)
        if "client_id" in data:
            settled = data | {"conversation_id": UUID(data["conversation_id"]), "staff_id": UUID(data["staff_id"])}
            return OutgoingSettled(**settled)
        if "message_id" in data:
            return SuggestionsReady(UUID(data["conversation_id"]), UUID(data["message_id"]))
        return Signal(UUID(data["conversation_id"]), data["author"], data["name"], bool(data["on"]))
    except (ValueError, KeyError, TypeError):
        return None


async def send_signal(session: AsyncSession, signal: Signal | SuggestionsReady | OutgoingSettled) -> None:
    """Tells all readers on all nodes, when the transaction commits; nothing is stored."""
    await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": SIGNALS, "payload": dump_signal(signal)})


def dump_signal(signal: Signal | SuggestionsReady | OutgoingSettled) -> str:
    """A signal as the payload of a notification on `SIGNALS`."""
    data: dict[str, Any] = {k: str(v) if isinstance(v, UUID) else v for k, v in asdict(signal).items()}
    return json.dumps(data)


async def last_position(session: AsyncSession) -> int:
    """The position of the newest event that has one; 0 when there is none."""
    return int((await session.execute(select(func.coalesce(func.max(EventRow.position), 0)))).scalar_one() or 0)


async def read_events(session: AsyncSession, *, after: int, limit: int = PAGE, conversation_id: UUID | None = None) -> list[EventRecord]:
    """Events with a position above `after`, in order, at most `limit`; of one conversation when it is named."""
    query = select(EventRow).where(EventRow.position > after)
    if conversation_id is not None:
        query = query.where(EventRow.conversation_id == conversation_id)
    rows = (await session.execute(query.order_by(EventRow.position).limit(limit))).scalars()
    return [_record(row) for row in rows]


async def follow(
    hub: Hub, *, after: int, conversation_id: UUID | None = None, heartbeat: float = 15.0
) -> AsyncIterator[EventRecord | None]:
    """All events after position `after`: first those that are stored, then live ones, each once and in order.

    None when nothing came for `heartbeat` seconds.
    """

    def wanted(item: Item) -> bool:
        return isinstance(item, EventRecord) and conversation_id in (None, item.conversation_id)

    position = after
    while True:
        with hub.subscribe(wanted) as reader:
            try:
                while True:
                    async with hub.database.transaction() as session:
                        page = await read_events(session, after=position, conversation_id=conversation_id)
                    for record in page:
                        position = record.position or position
                        yield record
                    if len(page) < PAGE:
                        break
                while True:
                    item = await reader.next(heartbeat)
                    if item is None:
                        yield None
                    elif isinstance(item, EventRecord) and (item.position or 0) > position:
                        position = item.position or position
                        yield item
            except Lagging:
                continue


def _record(row: Any) -> EventRecord:
    return EventRecord(
        id=row.id,
        name=row.name,
        version=row.version,
        at=row.at,
        actor=Actor(row.actor_kind, row.actor_id),
        conversation_id=row.conversation_id,
        channel=row.channel,
        seq=row.seq,
        position=row.position,
        data=row.data,
    )
