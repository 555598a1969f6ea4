"""The turn in two round trips stores what the turn through the ORM stores, and loses nothing to whoever comes between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text

from app.wiring import CONSEQUENCES, DELIVER, SUGGEST, TAKE_TURN
from bot.engine import Reply, Turn
from bot.quick_turn import QuickTurns
from bot.turn import TurnTaker
from context import ownership
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.inbound_statement import record_message
from context.ledger import Ledger, doing_itself
from context.models import ConversationRow, EventRow, MessageRow, TurnRow
from context.staff.accounts import create_staff
from context.types import (
    AnswerGiven,
    Button,
    Citation,
    Content,
    Effect,
    Handler,
    HandoffReason,
    HandoffRequest,
    Inbound,
    Role,
    Understanding,
)
from context.understand import understand_message
from kit.clock import FixedClock, utc_now
from kit.db import Database
from kit.errors import UnavailableError
from kit.jobs import Jobs
from tests.bot.test_turn import PlainUnderstanding, Scripted, bot_texts, echo, events, read

pytestmark = pytest.mark.integration

NLU = PlainUnderstanding()


@pytest.fixture
async def jobs(database: Database) -> AsyncIterator[Jobs]:
    """The real job system, as statements put jobs in by its functions."""
    jobs = Jobs(database.dsn)
    async with jobs.app.open_async():
        yield jobs


@pytest.fixture
def ledger(jobs: Jobs) -> Ledger:
    return Ledger(jobs, CONSEQUENCES, FixedClock(utc_now()))


def taker_of(database: Database, ledger: Ledger, engine: Any, *, web_at_once: bool = True) -> TurnTaker:
    return TurnTaker(database, ledger, engine, ledger.enqueuer, sent_at_once=frozenset({"web"} if web_at_once else ()))


async def write(database: Database, ledger: Ledger, words: str, *, sender: str = "visitor") -> tuple[UUID, UUID]:
    """The customer writes; returns conversation and message."""
    recorded = await record_message(database, ledger, Inbound("web", "shop", sender, uuid4().hex, words, metadata={"page": "/cart"}))
    return recorded.message.conversation_id, recorded.message.id


async def jobs_of(database: Database) -> list[tuple[str, dict[str, Any]]]:
    async with database.transaction() as session:
        rows = await session.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"))
        return [(row[0], row[1]) for row in rows]


async def plainly(database: Database, ledger: Ledger, engine: Any, ids: tuple[UUID, UUID], **options: Any) -> str:
    await understand_message(database, ledger, NLU, message_id=ids[1])
    return await taker_of(database, ledger, engine, **options).take_turn(ids[0], owner="a")


async def quickly(database: Database, ledger: Ledger, engine: Any, ids: tuple[UUID, UUID], **options: Any) -> str | None:
    with doing_itself(TAKE_TURN, SUGGEST, DELIVER):
        return await QuickTurns(taker_of(database, ledger, engine, **options), NLU).take_turn(ids[0], owner="a")


def rich(turn: Turn) -> Reply:
    """A reply with all that goes without effects: buttons, a citation, an answer and a question without one, slots, a trace."""
    cited = Content(
        "Thirty days", buttons=(Button("Yes", "/affirm"),), citations=(Citation("returns", "Returns", "/help/en/returns", "p1", 0.9),)
    )
    answer = AnswerGiven("how long?", "Thirty days", "returns", 0.9)
    return Reply(
        (cited, Content("Anything else?", custom={"a": 1})), turn.slots | {"seen": "ü€"}, turn.dialogue | {"n": 1}, "pt",
        answers=(answer,), abstained=("and why?",), trace=({"step": "decided", "why": "a rule"},),
    )  # fmt: skip


async def picture(database: Database, conversation_id: UUID) -> dict[str, Any]:
    """All that is stored of a conversation, with ids replaced by the order in which they appear."""
    names: dict[str, str] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("milliseconds",)}
        if isinstance(value, list):
            return [plain(v) for v in value]
        if isinstance(value, UUID) or (isinstance(value, str) and len(value) in (32, 36)):
            return names.setdefault(str(value), f"id {len(names)}")
        return value

    async with database.transaction() as session:
        found: dict[str, Any] = {}
        for kind, order in ((MessageRow, MessageRow.seq), (EventRow, EventRow.seq), (TurnRow, TurnRow.at)):
            rows = (await session.execute(select(kind).where(kind.conversation_id == conversation_id).order_by(order))).scalars()
            found[kind.__tablename__] = [columns(row) for row in rows]
        row = (await session.execute(select(ConversationRow).where(ConversationRow.id == conversation_id))).scalar_one()
        found["conversation"] = columns(row)
    result: dict[str, Any] = plain(found)
    return result


def columns(row: Any) -> dict[str, Any]:
    left_out = {"position", "milliseconds", "address"} | ({"id"} if isinstance(row, EventRow) else set())
    return {c.name: getattr(row, c.name) for c in row.__table__.columns if c.name not in left_out}


@pytest.mark.parametrize("reply", [echo, rich])
@pytest.mark.parametrize("web_at_once", [True, False])
async def test_it_stores_what_the_other_way_stores(
    database: Database, ledger: Ledger, reply: Callable[[Turn], Reply], web_at_once: bool
) -> None:
    pictures, seen = [], []
    for sender, take, outcome in (("one", plainly, "taken"), ("two", quickly, "queued")):
        engine = Scripted(reply)
        for words in ("hello", "again"):
            ids = await write(database, ledger, words, sender=sender)
            with doing_itself(TAKE_TURN, SUGGEST, DELIVER):
                assert await take(database, ledger, engine, ids, web_at_once=web_at_once) == ("sent" if web_at_once else outcome)
        pictures.append(await picture(database, ids[0]))
        seen.append(
            [
                (t.slots, t.dialogue, t.language, t.channel, t.verified, [(m.text, m.metadata, m.understanding) for m in t.messages])
                for t in engine.turns
            ]
        )
    assert pictures[0]["message"][1]["author"] == "bot"
    assert pictures[0] == pictures[1]
    assert seen[0] == seen[1]


async def test_events_are_numbered_without_a_gap(database: Database, ledger: Ledger) -> None:
    for words in ("one", "two", "three"):
        ids = await write(database, ledger, words)
        assert await quickly(database, ledger, Scripted(rich), ids, web_at_once=True) in ("sent", "taken")
    async with database.transaction() as session:
        numbers = list(
            (await session.execute(select(EventRow.seq).where(EventRow.conversation_id == ids[0]).order_by(EventRow.id))).scalars()
        )
    assert numbers == list(range(1, len(numbers) + 1))


async def test_messages_that_wait_together_are_one_turn(database: Database, ledger: Ledger) -> None:
    await write(database, ledger, "one")
    ids = await write(database, ledger, "two")
    engine = Scripted(echo)
    assert await quickly(database, ledger, engine, ids) == "sent"
    assert await quickly(database, ledger, engine, ids) is None
    assert await bot_texts(database, ids[0]) == ["ONE", "TWO"]
    assert len(engine.turns) == 1


async def test_jobs_at_once_give_one_answer(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "hi")

    async def pause() -> None:
        await asyncio.sleep(0.1)

    turns = QuickTurns(taker_of(database, ledger, Scripted(echo, pause)), NLU)
    outcomes = await asyncio.gather(*(turns.take_turn(ids[0], owner=str(i)) for i in range(5)))
    assert sorted(map(str, outcomes)) == ["None", "None", "None", "None", "sent"]
    assert await bot_texts(database, ids[0]) == ["HI"]


async def test_the_rescued_job_of_a_dead_worker_goes_on_but_another_waits(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "hi")

    class Dead(Scripted):
        async def respond(self, turn: Turn) -> Reply:
            raise psycopg.OperationalError("the server is gone")

    dying = QuickTurns(taker_of(database, ledger, Dead(echo)), NLU)
    with pytest.raises(psycopg.OperationalError):
        await dying.take_turn(ids[0], owner="job-1")
    turns = QuickTurns(taker_of(database, ledger, Scripted(echo)), NLU)
    assert await turns.take_turn(ids[0], owner="job-2") is None
    assert await turns.take_turn(ids[0], owner="job-1") == "sent"
    assert await bot_texts(database, ids[0]) == ["HI"]


async def test_when_a_human_takes_over_meanwhile_the_bot_is_silent_and_the_message_understood(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "hi")

    async def human_comes() -> None:
        async with database.transaction() as session:
            ana = await create_staff(session, email="ana@example.com", name="Ana", role=Role.AGENT, password="long enough")
            conversation = await lock_conversation(session, ids[0])
            await ownership.take_over(session, ledger, conversation, staff=ana)

    assert await quickly(database, ledger, Scripted(rich, human_comes), ids) == "dropped"
    assert await bot_texts(database, ids[0]) == []
    assert (await read(database, ids[0])).slots == {}
    found = await events(database)
    assert found.count("message.understood") == 1
    assert "turn.dropped" in found
    assert "answer.given" not in found


async def test_a_message_that_comes_during_a_turn_starts_the_next_one(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "first")

    async def another() -> None:
        await write(database, ledger, "second")

    engine = Scripted(echo, another)
    assert await quickly(database, ledger, engine, ids) == "sent"
    assert (TAKE_TURN, {"conversation_id": str(ids[0]), "event_data": {}}) in await jobs_of(database)
    engine.meanwhile = None
    assert await quickly(database, ledger, engine, ids) == "sent"
    assert await bot_texts(database, ids[0]) == ["FIRST", "SECOND"]
    assert [name for name, _ in await jobs_of(database)].count(TAKE_TURN) == 1


async def test_a_message_that_another_job_understands_meanwhile_is_understood_once(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "hi")

    async def other_job() -> None:
        await understand_message(database, ledger, NLU, message_id=ids[1])

    assert await quickly(database, ledger, Scripted(echo, other_job), ids) == "sent"
    assert (await events(database)).count("message.understood") == 1
    assert await bot_texts(database, ids[0]) == ["HI"]


@pytest.mark.parametrize("broken", [True, False])
async def test_effects_handoffs_and_errors_go_the_other_way(database: Database, ledger: Ledger, broken: bool) -> None:
    ids = await write(database, ledger, "a person please")

    def hands(_turn: Turn) -> Reply:
        if broken:
            raise RuntimeError("the model is gone")
        wish = HandoffRequest(HandoffReason.CUSTOMER_ASKED)
        return Reply((Content("A colleague comes"),), {}, {}, "en", handoff=wish, effects=(Effect("order_seen", {"order_number": "LC-1"}),))

    assert await quickly(database, ledger, Scripted(hands), ids) == ("failed" if broken else "taken")
    assert (await read(database, ids[0])).handler == Handler.QUEUE
    found = await events(database)
    assert found.count("message.understood") == 1
    assert ("order.seen" in found) is not broken


async def test_without_a_model_the_job_comes_again_and_finds_its_lease(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "hi")

    class NoModel:
        def understand(self, text: str, **_: Any) -> Understanding:
            raise UnavailableError("no model yet")

    taker = taker_of(database, ledger, Scripted(echo))
    with pytest.raises(UnavailableError):
        await QuickTurns(taker, NoModel()).take_turn(ids[0], owner="a")
    assert await QuickTurns(taker, NLU).take_turn(ids[0], owner="a") == "sent"


async def test_after_a_long_gap_the_customer_is_told_again_that_a_machine_answers(database: Database, ledger: Ledger) -> None:
    clock = ledger.clock
    assert isinstance(clock, FixedClock)
    told = []
    for hours in (0, 11, 13):
        clock.advance(hours * 3600)
        ids = await write(database, ledger, "hi")
        await quickly(database, ledger, Scripted(echo), ids)
        rows = (await picture(database, ids[0]))["message"]
        told.append(sum("automated assistant" in m["text"] for m in rows if m["author"] == "system"))
    assert told == [0, 0, 1]


async def test_a_message_is_stored_as_the_other_way_stores_it(database: Database, ledger: Ledger) -> None:
    pictures = []
    for sender, first in (("one", record_inbound), ("two", None)):
        for number in range(3):
            sent = Inbound(
                "web",
                "shop",
                sender,
                f"{sender}{number}".ljust(32, "0"),
                f"Olá {number}",
                payload="/hi",
                profile_name="Ana",
                metadata={"a": "b"},
            )
            if first is None:
                await record_message(database, ledger, sent)
            else:
                async with database.transaction() as session:
                    await record_inbound(session, ledger, sent)
        async with database.transaction() as session:
            query = select(MessageRow.conversation_id).where(MessageRow.external_id == f"{sender}0".ljust(32, "0"))
            pictures.append(await picture(database, (await session.execute(query)).scalar_one()))
    assert pictures[0] == pictures[1]
    assert [name for name, _ in await jobs_of(database)] == ["understand"] * 6
    first_job, last_job = (await jobs_of(database))[0][1], (await jobs_of(database))[-1][1]
    assert first_job.keys() == last_job.keys()
    assert first_job["event_data"].keys() == last_job["event_data"].keys()


async def test_the_same_message_sent_many_times_at_once_is_stored_once(database: Database, ledger: Ledger) -> None:
    await write(database, ledger, "hello")
    again = [Inbound("web", "shop", "visitor", "the-same", "twice") for _ in range(8)]
    recorded: list[Awaitable[Any]] = [record_message(database, ledger, inbound) for inbound in again]
    found = await asyncio.gather(*recorded)
    assert len({r.message.id for r in found}) == 1
    assert [r.repeat for r in found].count(False) == 1
    assert (await events(database)).count("message.received") == 2
    assert len(await jobs_of(database)) == 2


async def test_who_writes_to_a_human_waits_from_the_first_message_on(database: Database, ledger: Ledger) -> None:
    ids = await write(database, ledger, "a person please")
    async with database.transaction() as session:
        conversation = await lock_conversation(session, ids[0])
        await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
        conversation.waiting_since = None
    await write(database, ledger, "hello?")
    since = (await read(database, ids[0])).waiting_since
    assert since is not None
    clock = ledger.clock
    assert isinstance(clock, FixedClock)
    clock.advance(60)
    await write(database, ledger, "anybody?")
    assert (await read(database, ids[0])).waiting_since == since
    assert await quickly(database, ledger, Scripted(echo), ids) is None
