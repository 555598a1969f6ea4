"""One interleaving after another, many at once, in one process: a customer, the bot, two agents, and everything that can go wrong.

Nothing is simulated but people and the words of the bot: statements, transactions, leases, the desk and its watch are the product's own, on
a real PostgreSQL whose connections are really cut. Time runs twenty times as fast, so that leases and graces end while one watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.engine import Reply, Turn
from bot.quick_turn import QuickTurns
from bot.turn import TurnTaker
from context.inbound_statement import record_message
from context.ledger import Ledger, doing_itself
from context.types import Content, HandoffReason, HandoffRequest, Inbound, Understanding
from context.understand import understand_message
from desk.watch import DeskWatch
from desk.work import Desk
from kit.db import Database, driver_connection, dump_json
from kit.errors import BatonError

FASTER = 20
AT_ONCE = 24
CUT_AFTER = (10, 50)  # messages
LOST = (DBAPIError, psycopg.Error, OSError)
PREPARE = """
CREATE TABLE play_job (id bigserial PRIMARY KEY, name text, arguments jsonb, player int);
CREATE FUNCTION play_put(name text, arguments jsonb) RETURNS bigint LANGUAGE sql AS
$$ INSERT INTO play_job (name, arguments) VALUES (name, arguments) RETURNING id $$;
"""


class Killed(BaseException):
    """The process died here."""


class TableJobs:
    """The port of the job system over a plain table, in the caller's transaction as the real one."""

    expression = "play_put({name}, {arguments})"

    async def enqueue(self, session: AsyncSession, name: str, **arguments: Any) -> None:
        """Puts a job in."""
        connection = await driver_connection(session)
        await connection.execute("SELECT play_put(%s, %s::jsonb)", (name, dump_json(arguments)))


class FastClock:
    """The time of day, twenty times as fast from its beginning; all players begin at the same moment."""

    def __init__(self, began: datetime) -> None:
        self.began = began

    def __call__(self) -> datetime:
        return self.began + (datetime.now(UTC) - self.began) * FASTER


class Words:
    """Understands everything as nothing in particular."""

    def understand(self, *_text: str, **_about: str | None) -> Understanding:
        """Always the same."""
        return Understanding("en", "ask", 0.9)


class Moody:
    """A bot that answers, hands over, fails or dies."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    async def respond(self, turn: Turn) -> Reply:
        """What the dice say."""
        await asyncio.sleep(self.rng.random() * 0.02)
        luck = self.rng.random()
        if luck < 0.08:
            raise Killed
        if luck < 0.12:
            raise RuntimeError("the bot failed")
        said = tuple(Content(f"bot: {m.text}") for m in turn.messages) or (Content("bot: reminder"),)
        wish = HandoffRequest(self.rng.choice(list(HandoffReason)[:8])) if luck < 0.45 else None
        return Reply(said, {}, {"turns": 1}, "en", handoff=wish)


@dataclass
class Acknowledged:
    """What customers and agents were told is stored: external ids of messages; agents' replies as {text: ids of messages}."""

    messages: list[str] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)
    cut: int = 0
    killed: int = 0
    refused: int = 0


@dataclass
class Player:
    """Plays interleavings in one process; `agents` are two for each, made before."""

    url: str
    number: int
    began: datetime
    seed: int
    done: Acknowledged = field(default_factory=Acknowledged)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}:{self.number}")
        self.database = Database(self.url, pool_size=AT_ONCE // 2)
        self.ledger = Ledger(TableJobs(), {"message.received": ("understand",)}, FastClock(self.began))
        self.desk = Desk(self.database, self.ledger)
        taker = TurnTaker(self.database, self.ledger, Moody(self.rng), self.ledger.enqueuer, sent_at_once=frozenset({"web"}))
        self.turns = QuickTurns(taker, Words())

    async def play(self, pairs: list[tuple[UUID, UUID]]) -> Acknowledged:
        """Plays one interleaving for each pair of agents, some at once, then sees to it that all that is begun ends."""
        judge = await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True, application_name="judge")
        stop, turn = asyncio.Event(), asyncio.Semaphore(AT_ONCE)
        helpers = [asyncio.create_task(run(judge, stop)) for run in (self._work, self._cut)]
        watching = asyncio.create_task(self._watch(stop))

        async def one(agents: tuple[UUID, UUID]) -> None:
            async with turn:
                await self._interleave(agents)

        await asyncio.gather(*(one(agents) for agents in pairs))
        stop.set()
        await asyncio.gather(*helpers, watching)
        await self._settle(judge)
        await judge.close()
        await self.database.close()
        return self.done

    async def _interleave(self, agents: tuple[UUID, UUID]) -> None:
        visitor, rng = uuid4().hex, self.rng
        first = await self._write(visitor, "hello")
        steps: list[Callable[[], Awaitable[None]]] = [lambda n=n: self._more(visitor, n) for n in range(rng.randint(1, 2))]  # type: ignore[misc]
        for me, other in (agents, agents[::-1]):
            steps += [lambda me=me, other=other: self._act(me, other, first) for _ in range(rng.randint(2, 3))]  # type: ignore[misc]
        if rng.random() < 0.3:
            steps.append(lambda: self._gone(rng.choice(agents), first))
        if rng.random() < 0.2:
            steps.append(lambda: self._disable(rng.choice(agents)))
        rng.shuffle(steps)
        half = rng.randint(1, len(steps))
        await asyncio.gather(self._in_order(steps[:half]), self._in_order(steps[half:]))

    async def _in_order(self, steps: list[Callable[[], Awaitable[None]]]) -> None:
        for step in steps:
            await asyncio.sleep(self.rng.random() ** 3 * 0.4)
            await step()

    async def _until_told(self, do: Callable[[], Awaitable[Any]]) -> Any:
        """Does it again until the answer arrives, as every client of Baton does; a refusal is an answer."""
        while True:
            try:
                return await do()
            except LOST:
                self.done.cut += 1
                await asyncio.sleep(0.01)
            except BatonError:
                self.done.refused += 1
                return None

    async def _write(self, visitor: str, words: str) -> UUID:
        external = f"{visitor}:{words}"
        inbound = Inbound("web", "shop", visitor, external, words, language="en")
        recorded = await self._until_told(lambda: record_message(self.database, self.ledger, inbound))
        self.done.messages.append(external)
        found: UUID = recorded.message.conversation_id
        return found

    async def _more(self, visitor: str, number: int) -> None:
        await self._write(visitor, f"and {number}")

    async def _act(self, me: UUID, other: UUID, conversation: UUID) -> None:
        """An agent takes it, or does something with what they hold or wrongly think they hold."""
        desk, luck = self.desk, self.rng.random()
        if luck < 0.55:
            await self._until_told(lambda: desk.take(me, conversation))
        if luck < 0.65:
            words = f"agent: {uuid4().hex}"
            said = await self._until_told(lambda: desk.reply(me, conversation, words, reference=words))
            if said is not None:
                self.done.replies.setdefault(words, []).append(str(said.id))
                if luck < 0.45:  # the answer was lost on the way: the same once more
                    again = await self._until_told(lambda: desk.reply(me, conversation, words, reference=words))
                    self.done.replies[words] += [str(again.id)] if again is not None else []  # refused: disabled since
        elif luck < 0.75:
            await self._until_told(lambda: desk.release(me, conversation))
        elif luck < 0.82:
            await self._until_told(lambda: desk.transfer(me, conversation, to=other, note="please"))
        elif luck < 0.88:
            until = self.ledger.now + timedelta(seconds=self.rng.random() * 10)
            await self._until_told(lambda: desk.snooze(me, conversation, until=until))
        elif luck < 0.95:
            await self._until_told(lambda: desk.hand_back(me, conversation))
        else:
            await self._until_told(lambda: desk.resolve(me, conversation))

    async def _gone(self, agent: UUID, conversation: UUID) -> None:
        """An agent takes it, and their connection is lost for good."""
        await self._until_told(lambda: self.desk.take(agent, conversation))
        lost = "INSERT INTO presence VALUES (:id, 'online', :at) ON CONFLICT (staff_id) DO UPDATE SET seen_at = :at"
        await self._until_told(lambda: self._execute(lost, id=agent, at=self.ledger.now - timedelta(hours=1)))

    async def _disable(self, agent: UUID) -> None:
        await self._until_told(lambda: self._execute("UPDATE staff SET active = false WHERE id = :id", id=agent))

    async def _execute(self, statement: str, **values: Any) -> None:
        async with self.database.transaction() as session:
            await session.execute(text(statement), values)

    async def _work(self, judge: psycopg.AsyncConnection[Any], stop: asyncio.Event) -> None:
        """The worker: takes jobs and does them; one in which the process dies comes again."""
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set() or running:
            for job in await self._claim(judge):
                task = asyncio.create_task(self._do(judge, *job))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(0.02)

    async def _claim(self, judge: psycopg.AsyncConnection[Any]) -> list[tuple[int, dict[str, Any]]]:
        claim = """UPDATE play_job SET player = %s WHERE id IN
            (SELECT id FROM play_job WHERE player IS NULL ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED) RETURNING id, arguments"""
        return [(row[0], row[1]) for row in await (await judge.execute(claim, (self.number,))).fetchall()]

    async def _do(self, judge: psycopg.AsyncConnection[Any], number: int, arguments: dict[str, Any]) -> None:
        while True:
            try:
                with doing_itself("take_turn"):
                    await self._answer(UUID(arguments["conversation_id"]), owner=str(number), data=arguments.get("event_data") or {})
                break
            except Killed:
                self.done.killed += 1
            except LOST:
                self.done.cut += 1
            await asyncio.sleep(0.05)  # rescued, or tried again
        await judge.execute("DELETE FROM play_job WHERE id = %s", (number,))

    async def _answer(self, conversation: UUID, *, owner: str, data: dict[str, Any]) -> None:
        if await self.turns.take_turn(conversation, owner=owner) is None:
            if "message_id" in data:
                await understand_message(self.database, self.ledger, Words(), message_id=UUID(data["message_id"]))
            await self.turns.taker.take_turn(conversation, owner=owner)

    async def _cut(self, judge: psycopg.AsyncConnection[Any], stop: asyncio.Event) -> None:
        """Cuts connections of the players, whatever they are doing."""
        one = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name <> 'judge' AND state <> 'idle' ORDER BY random() LIMIT 1"""
        cut_at = 0
        while not stop.is_set():
            await asyncio.sleep(0.05)
            if len(self.done.messages) >= cut_at:  # after each cut the pool makes all its connections anew, which takes its time
                await judge.execute(one)
                cut_at += self.rng.randint(*CUT_AFTER)

    async def _watch(self, stop: asyncio.Event) -> None:
        watch = DeskWatch(self.database, self.ledger)
        while not stop.is_set():
            with contextlib.suppress(*LOST, BatonError):
                await watch.look()
            await asyncio.sleep(2)

    async def _settle(self, judge: psycopg.AsyncConnection[Any]) -> None:
        """What is left of the day: the watch looks again, and jobs that these changes put in are done; other processes may cut yet."""
        watch, changed = DeskWatch(self.database, self.ledger), True
        while changed:
            try:
                changed = any((await watch.look()).values())
            except LOST:
                self.done.cut += 1
        for job in await self._claim(judge):
            await self._do(judge, *job)
