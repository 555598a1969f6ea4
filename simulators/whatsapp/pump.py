"""Sends webhooks as the provider does: at least once, batched, sometimes twice, sometimes in another order, until they are acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from simulators.whatsapp.shapes import change, contact_entry, envelope, message_entry, signature, status_entry
from simulators.whatsapp.world import Customer, Message, World

SENDERS = 8


@dataclass
class Note:
    """One thing to tell: a message of a customer, a status, or a whole change."""

    due: float
    customer: Customer | None = None
    message: Message | None = None
    entry: dict[str, Any] | None = None
    status: str | None = None
    whole: dict[str, Any] | None = None


@dataclass
class Pump:
    """The queue of notes and those who send them. `posts` and `acked` count requests and notes."""

    world: World
    queue: list[Note] = field(default_factory=list)
    posts: int = 0
    acked: int = 0
    unanswered: int = 0
    silent: bool = False  # whether the last webhook was not acknowledged
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SENDERS))
    _sending: set[asyncio.Task[None]] = field(default_factory=set)
    _coming: set[asyncio.Task[None]] = field(default_factory=set)

    def tell_message(self, message: Message) -> None:
        """A customer's message goes to the business."""
        customer = self.world.customers[message.customer]
        self._put(Note(self._due(), customer, message, message_entry(customer, message)))

    def tell_status(self, message: Message, state: str, *, after: float = 0.0, code: int | None = None) -> None:
        """How far a message of the business got."""
        customer, due = self.world.customers[message.customer], self._due() + after
        self._put(Note(due, customer, message, status_entry(customer, message, state, time.time(), code=code), status=state))

    def tell(self, whole: dict[str, Any]) -> None:
        """A whole change, for what is neither."""
        self._put(Note(self._due(), whole=whole))

    def follow(self, telling: Coroutine[Any, Any, None]) -> None:
        """Runs what will tell more in a while; until it has, this is not idle."""
        task = asyncio.get_running_loop().create_task(telling)
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    @property
    def idle(self) -> bool:
        """Whether everything was told and acknowledged."""
        return not self.queue and not self._sending and not self._coming

    def forget(self) -> None:
        """Tells nothing of what waits."""
        self.queue.clear()
        for task in self._sending | self._coming:
            task.cancel()
        self.posts = self.acked = self.unanswered = 0
        self.silent = False

    def _due(self) -> float:
        low, high = self.world.config.hook_delay
        return time.monotonic() + self.world.rng.uniform(low, high)

    def _put(self, note: Note) -> None:
        config, rng = self.world.config, self.world.rng
        if rng.random() < config.hook_reorder:
            note.due += rng.uniform(0.0, 1.0)
        self.queue.append(note)
        if rng.random() < config.hook_repeat:
            self.queue.append(Note(note.due + rng.uniform(0.0, 5.0), note.customer, note.message, note.entry, note.status, note.whole))
        self._wake.set()

    async def run(self) -> None:
        """Sends until cancelled."""
        limits = httpx.Limits(max_connections=SENDERS * 2, max_keepalive_connections=SENDERS)
        async with httpx.AsyncClient(timeout=10.0, limits=limits, trust_env=False) as client:
            while True:
                batch = self._take()
                if batch:
                    await self._free.acquire()
                    task = asyncio.create_task(self._send(client, batch))
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)
                    continue
                self._wake.clear()
                soonest = min((n.due for n in self.queue), default=time.monotonic() + 0.5) - time.monotonic()
                try:
                    await asyncio.wait_for(self._wake.wait(), max(min(soonest, 0.5), 0.002))
                except TimeoutError:
                    continue

    def _take(self) -> list[Note]:
        """What is due, at most a batch; nothing while there is nobody to tell."""
        if not self.world.config.hook_url:
            return []
        now = time.monotonic()
        ready = sorted((n for n in self.queue if n.due <= now), key=lambda n: n.due)[: self.world.config.hook_batch]
        taken = {id(n) for n in ready}
        self.queue = [n for n in self.queue if id(n) not in taken]
        return ready

    async def _send(self, client: httpx.AsyncClient, batch: list[Note]) -> None:
        """Posts until it is acknowledged, with growing pauses, as the provider does for days."""
        try:
            body = envelope(self.world.config, self._changes(batch))
            pause, most = self.world.config.hook_retry
            while not await self._post(client, body):
                self.unanswered += 1
                await asyncio.sleep(pause * self.world.rng.uniform(0.5, 1.5))
                pause = min(pause * 2, most)
            for note in batch:
                self._acknowledged(note)
        finally:
            self._free.release()

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> bool:
        config = self.world.config
        self.posts += 1
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(config.app_secret, body)}
        try:
            self.silent = (await client.post(config.hook_url, content=body, headers=headers)).status_code != 200
        except httpx.HTTPError:
            self.silent = True
        return not self.silent

    def _changes(self, batch: list[Note]) -> list[dict[str, Any]]:
        """Messages and statuses in changes of their own, as the provider does."""
        messages = [n for n in batch if n.entry is not None and n.status is None]
        statuses = [n for n in batch if n.entry is not None and n.status is not None]
        changes = [n.whole for n in batch if n.whole is not None]
        if messages:
            people = {n.customer.phone: contact_entry(n.customer) for n in messages if n.customer is not None}
            changes.append(change(self.world.config, messages=[n.entry for n in messages], people=list(people.values())))
        for failed in (False, True):
            told = [n for n in statuses if (n.status == "failed") is failed]
            people = {} if failed else {n.customer.phone: contact_entry(n.customer) for n in told if n.customer is not None}
            if told:
                changes.append(change(self.world.config, statuses=[n.entry for n in told], people=list(people.values())))
        return changes

    def _acknowledged(self, note: Note) -> None:
        self.acked += 1
        if note.message is not None and note.status is None:
            note.message.acked += 1
            note.message.acked_at = note.message.acked_at or time.time()
            if note.message.state == "sent":
                note.message.state = "delivered"
                self.world.version += 1
