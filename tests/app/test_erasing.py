"""A customer is erased from every table that can hold personal data, and from the files; nobody else is, and what was counted stays."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.erasing import erasing_with
from app.retention import EXPIRING, Retention
from app.tables import metadata
from assist.models import LearnedExampleRow, LearnedReplyRow
from channels.sends import load
from context.contacts import find_identity
from context.conversations import lock_conversation
from context.erasing.happenings import TOLD
from context.erasing.person import tables_of_customers
from context.event_base import EVENTS
from context.inbound import Recorded
from context.inbound_statement import record_message
from context.ledger import Ledger
from context.models import ContactRow, ConversationRow, EventRow, MessageRow, TurnRow
from context.outbound import add_message
from context.staff.accounts import create_staff
from context.staff.models import AuditRow
from context.types import Author, Content, Inbound, Role
from insights.models import LearningMessageRow, LearningSentenceRow
from kit.blobs import DirectoryBlobs
from kit.db import STEP, Database
from kit.jobs import RecordingEnqueuer
from tests.app.planting import BY_IDS, OTHERS, Planted, plant, tables_with_customers, where

MARK, OTHER = "zqmarka7", "zqmarkb9"
COUNTED = ("contact", "conversation", "message", "event", "handoff", "rating", "turn", "suggestion", "callback", "article_use")
BY = ("", "command line")
KEPT_FOR_BOOKS = {"shop_order", "shop_shipment"}
STEPS = {
    "attachment", "channel_address", "channel_intake", "channel_orphan", "event", "idempotency", "learned_example", "learned_reply",
    "learning_message", "learning_sentence", "loyalty_account", "order_write_back", "shop_order", "shop_shipment",
    "unanswered_question", "visitor_session", "webhook_delivery",
}  # fmt: skip
"""Tables that are emptied by a step of their own."""
CLOSED_WORDS = {
    "action", "author", "by", "channel", "direction", "due_at", "intent", "kind", "language", "method", "metric", "node", "outcome",
    "reason", "rule", "source", "team", "until", "visibility", "why",
}  # fmt: skip
"""Fields of events with words of the house, kinds and times."""


async def both(database: Database, ledger: Ledger, blobs: DirectoryBlobs) -> tuple[Planted, Planted]:
    """Two customers with a mark each, everywhere."""
    async with database.transaction() as session:
        staff = await create_staff(session, email="ana@shop.example", name="Ana", role=Role.ADMIN, password="long enough to pass")
        one = await plant(session, ledger, blobs, mark=MARK, staff_id=staff.id)
        return one, await plant(session, ledger, blobs, mark=OTHER, staff_id=staff.id)


async def add_job(session: AsyncSession, who: Planted) -> None:
    """A job about somebody that failed for good."""
    row = "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('default', 'learn', 'failed', CAST(:args AS jsonb))"
    args = f'{{"conversation_id": "{who.ids["conversation"]}", "event_data": {{"external_id": "{who.mark}"}}}}'
    await session.execute(text(row), {"args": args})


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many rows there are of what figures are computed from."""
    return {name: (await session.execute(select(func.count()).select_from(metadata.tables[name]))).scalar_one() for name in COUNTED}


def files_with(folder: Path, mark: str) -> int:
    """How many files hold a mark."""
    return sum(mark.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_every_table_with_personal_data_says_what_becomes_of_a_customer_who_is_erased() -> None:
    walked = {table.name for table in tables_of_customers() if table.info["erase"] != STEP}
    stepped = {table.name for table in metadata.sorted_tables if table.info["erase"] == STEP}
    assert stepped == STEPS
    assert tables_with_customers() - walked - stepped == set(), (
        "say in `care` how a customer is erased from these, or in OTHERS whose they are"
    )
    assert OTHERS.keys() - {table.name for table in metadata.sorted_tables} == set()


def test_what_an_event_says_in_words_is_taken_out_or_is_an_id_or_a_word_of_a_closed_list() -> None:
    told = {(name, field) for name, fields in TOLD.items() for field in fields}
    said = {(name, field.name) for name, kind in EVENTS.items() for field in dataclasses.fields(kind) if says_words(field)}  # type: ignore[arg-type]
    assert said - told == set(), "take it out in context/erasing/happenings.py, or write it down as a word of a closed list"
    assert all(hasattr(EVENTS[name], "name") and field in str(inspect.signature(EVENTS[name])) for name, field in told)


def says_words(field: dataclasses.Field[Any]) -> bool:
    """Whether a field of an event may hold what somebody said."""
    is_id = field.name.endswith(("_id", "_ids")) and field.name != "external_id"
    return ("str" in str(field.type) or "dict" in str(field.type)) and not is_id and field.name not in CLOSED_WORDS


@pytest.mark.integration
@pytest.mark.parametrize("orders", [False, True])
async def test_nothing_of_an_erased_customer_stands_anywhere_and_all_of_another_does(
    database: Database, ledger: Ledger, tmp_path: Path, orders: bool
) -> None:
    blobs = DirectoryBlobs(tmp_path)
    one, _other = await both(database, ledger, blobs)
    async with database.transaction() as session:
        await add_job(session, one)
        before, others, numbers = await where(session, MARK), await where(session, OTHER), await counts(session)
    assert before.keys() >= tables_with_customers() - BY_IDS  # a mark was planted everywhere: else this would prove little
    assert files_with(tmp_path, MARK) == 2
    async with database.transaction() as session:
        done = await erasing_with(ledger, blobs).erase(session, BY, one.ids["contact"], orders=orders)
    async with database.transaction() as session:
        assert (await where(session, MARK)).keys() == (set() if orders else KEPT_FOR_BOOKS)
        assert await where(session, OTHER) == others
        after = await counts(session)
    assert {name: after[name] - numbers[name] for name in COUNTED if name != "event"} == dict.fromkeys(set(COUNTED) - {"event"}, 0)
    assert after["event"] > numbers["event"]  # that it ended is told too
    assert (files_with(tmp_path, MARK), files_with(tmp_path, OTHER)) == (0, 2)
    assert [done.counts[name] for name in ("contacts", "conversations_ended", "requests_refused", "files")] == [2, 1, 1, 2]


@pytest.mark.integration
async def test_it_is_done_once_and_told_without_what_was_erased(database: Database, ledger: Ledger, tmp_path: Path) -> None:
    one, _other = await both(database, ledger, DirectoryBlobs(tmp_path))
    erasing = erasing_with(ledger, DirectoryBlobs(tmp_path))
    async with database.transaction() as session:
        standing = await erasing.look(session, one.ids["contact"])
    assert (standing.contacts, standing.conversations, standing.files, standing.orders) == (2, 1, 2, 1)
    assert (standing.open_conversations, standing.open_requests) == (1, 1)
    async with database.transaction() as session:
        first = await erasing.erase(session, BY, one.ids["contact"])
    async with database.transaction() as session:
        merged = (await session.execute(select(ContactRow.id).where(ContactRow.merged_into == one.ids["contact"]))).scalar_one()
        again = await erasing.erase(session, BY, merged)  # by the old id of who was merged
        entries = (await session.execute(select(AuditRow).where(AuditRow.action == "contact.erased"))).scalars().all()
        told = (await session.execute(select(EventRow.data).where(EventRow.name == "contact.erased"))).scalars().all()
    assert (again.already, again.erased_at, again.counts) == (True, first.erased_at, {})
    assert [(entry.subject_id, entry.actor_name) for entry in entries] == [(str(one.ids["contact"]), "command line")]
    assert [set(data["contact_ids"]) for data in told] == [{str(one.ids["contact"]), str(merged)}]


@pytest.mark.integration
async def test_what_was_under_way_stops_and_a_repeated_webhook_brings_nobody_back(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    one, _other = await both(database, ledger, DirectoryBlobs(tmp_path))
    async with database.transaction() as session:
        conversation = await lock_conversation(session, one.ids["conversation"])
        queued = await add_message(session, ledger, conversation, content=Content("on its way"), author=Author.BOT)
    async with database.transaction() as session:
        await erasing_with(ledger, DirectoryBlobs(tmp_path)).erase(session, BY, one.ids["contact"])
    assert await load(database, queued.id) is None  # the outbox has nothing to send
    repeat = Inbound("web", one.account, f"{MARK}-visitor", f"{MARK}-1", "asks again", profile_name="name")
    again = await record_message(database, ledger, repeat)
    assert (again.repeat, again.message.content.text) == (True, "")
    async with database.transaction() as session:
        conversation = await lock_conversation(session, one.ids["conversation"])
        assert (conversation.status, conversation.handler, conversation.dialogue) == ("resolved", "bot", {})
        assert await find_identity(session, "web", one.account, f"{MARK}-visitor") is None
    fresh = await record_message(database, ledger, Inbound("web", one.account, f"{MARK}-visitor", f"{MARK}-2", "I am back"))
    late = await record_message(database, ledger, repeat)  # once they are somebody again, too
    assert (fresh.contact_id == one.ids["contact"], late.repeat, late.message.id == again.message.id) == (False, True, True)


@pytest.mark.integration
async def test_what_a_job_wrote_that_ran_meanwhile_is_swept_away_once(database: Database, ledger: Ledger, tmp_path: Path) -> None:
    one, _other = await both(database, ledger, DirectoryBlobs(tmp_path))
    erasing = erasing_with(ledger, DirectoryBlobs(tmp_path))
    async with database.transaction() as session:
        await erasing.erase(session, BY, one.ids["contact"], orders=True)
    async with database.transaction() as session:
        values = {
            "conversation_id": one.ids["conversation"],
            "epoch": 1,
            "outcome": "dropped",
            "trace": [one.value("late")],
            "milliseconds": 1,
        }
        session.add(TurnRow(**values))
    retention = Retention(database, lambda: ledger.now + timedelta(minutes=11), erasing=erasing)
    await Retention(database, lambda: ledger.now + timedelta(minutes=9), erasing=erasing).step()
    async with database.transaction() as session:
        assert set(await where(session, MARK)) == {"turn"}
    await retention.step()
    async with database.transaction() as session:
        assert await where(session, MARK) == {}
        assert await erasing.sweep(session, before=ledger.now + timedelta(days=1), limit=10) == 0


@pytest.mark.integration
async def test_two_who_erase_at_once_and_one_who_writes_meanwhile_do_not_harm_each_other(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    one, _other = await both(database, ledger, DirectoryBlobs(tmp_path))
    erasing = erasing_with(ledger, DirectoryBlobs(tmp_path))

    async def erase() -> bool:
        async with database.transaction() as session:
            return (await erasing.erase(session, BY, one.ids["contact"])).already

    async def write(number: int) -> Recorded:
        return await record_message(database, ledger, Inbound("web", one.account, f"{MARK}-visitor", f"new-{number}", "hello"))

    erased, written = asyncio.gather(erase(), erase()), asyncio.gather(*(write(number) for number in range(4)))
    assert set(await erased) == {True, False}
    ids = [recorded.message.id for recorded in await written]
    async with database.transaction() as session:
        stored = select(func.count()).select_from(MessageRow).where(MessageRow.id.in_(ids))
        assert (await session.execute(stored)).scalar_one() == 4  # each is stored: before, and then erased, or after, as somebody new


@pytest.mark.integration
async def test_a_sentence_and_a_reply_that_others_share_are_told_in_their_words(database: Database, ledger: Ledger, tmp_path: Path) -> None:
    one, other = await both(database, ledger, DirectoryBlobs(tmp_path))
    async with database.transaction() as session:
        shared = {"sentence_id": one.ids["learning_sentence"]}
        await session.execute(update(LearningMessageRow).where(LearningMessageRow.message_id == other.ids["message"]).values(shared))
        given = {"reply_id": one.ids["learned_reply"]}
        await session.execute(update(LearnedExampleRow).where(LearnedExampleRow.message_id == other.ids["message"]).values(given))
        await session.execute(update(LearnedReplyRow).values(hidden=False))
    enqueuer = RecordingEnqueuer()
    async with database.transaction() as session:
        await erasing_with(Ledger(enqueuer, {}), DirectoryBlobs(tmp_path)).erase(session, BY, one.ids["contact"], orders=True)
    async with database.transaction() as session:
        sentence = await session.get(LearningSentenceRow, one.ids["learning_sentence"])
        assert sentence is not None
        assert (OTHER in sentence.text, OTHER in (sentence.taught_text or ""), OTHER in sentence.key) == (True, True, True)
        assert await session.get(LearnedReplyRow, one.ids["learned_reply"]) is None
        assert await where(session, MARK) == {}
    assert enqueuer.jobs == [("learn_replies", {"conversation_id": str(other.ids["conversation"]), "event_data": {}})]


@pytest.mark.integration
async def test_what_is_older_than_the_house_keeps_goes_whole_and_portion_by_portion(
    database: Database, ledger: Ledger, tmp_path: Path
) -> None:
    blobs = DirectoryBlobs(tmp_path)
    one, other = await both(database, ledger, blobs)
    erasing, days = erasing_with(ledger, blobs), timedelta(days=400)
    async with database.transaction() as session:
        resolved = {"status": "resolved", "handler": "bot", "agent_id": None}
        for who, age in ((one, timedelta(days=366)), (other, timedelta(days=364))):
            conversation = update(ConversationRow).where(ConversationRow.id == who.ids["conversation"])
            await session.execute(conversation.values(resolved | {"resolved_at": ledger.now - age}))
            old = update(ContactRow).where(ContactRow.id == who.ids["contact"]).values(created_at=ledger.now - days)
            await session.execute(old)
        for table in ("identity", "contact_identifier", "call", "contact_note", "shop_event"):
            column = "created_at" if table == "identity" else "at"
            await session.execute(update(metadata.tables[table]).values({column: ledger.now - days}))
        await session.execute(update(metadata.tables["contact_identifier"]).values(verified_at=ledger.now - days))
        others = await where(session, OTHER)
    await Retention(database, erasing=erasing).step()  # nobody said after how many days
    async with database.transaction() as session:
        assert (await counts(session))["conversation"] == 2
    assert await Retention(database, erasing=erasing, keep_days=365).step() is False
    async with database.transaction() as session:
        assert (await where(session, MARK)).keys() == KEPT_FOR_BOOKS
        left = await where(session, OTHER)
        assert {name: n for name, n in others.items() if left.get(name) != n and name not in EXPIRING} == {}
        assert (await session.execute(select(ConversationRow.id))).scalars().all() == [other.ids["conversation"]]
        erased = await session.get(ContactRow, one.ids["contact"])
        assert erased is not None
        assert erased.erased_at is not None
        changes = (await session.execute(select(AuditRow.actor_name).where(AuditRow.action == "contact.erased"))).scalars().all()
        assert changes == ["retention"]
    assert files_with(tmp_path, MARK) == 0


@pytest.mark.integration
async def test_who_still_has_a_conversation_or_was_heard_of_lately_is_kept(database: Database, ledger: Ledger, tmp_path: Path) -> None:
    one, other = await both(database, ledger, DirectoryBlobs(tmp_path))
    async with database.transaction() as session:
        await session.execute(update(ContactRow).values(created_at=ledger.now - timedelta(days=4000)))
    await Retention(database, erasing=erasing_with(ledger, DirectoryBlobs(tmp_path)), keep_days=30).step()
    async with database.transaction() as session:
        erased = select(ContactRow.id).where(ContactRow.erased_at.is_not(None))
        assert (await session.execute(erased)).scalars().all() == []
        assert {one.ids["conversation"], other.ids["conversation"]} == set((await session.execute(select(ConversationRow.id))).scalars())
