"""The outbox: sent once and in order, tried again, or shown as failed or unknown; a dead process leaves nothing doubled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from channels.accounts import Accounts, add_account, find_account_row, set_state
from channels.base import Account, Capabilities, Fate, Problem, Sending, SendResult
from channels.deliver import Deliverer
from channels.happenings import Receipt
from channels.letters import list_letters, put_away, replay
from channels.models import ChannelSendRow
from channels.outbox import LOST_AFTER, Outbox
from channels.receipts import apply_orphans, apply_receipt
from channels.sends import claim, load, part_key
from context.conversations import get_message, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import EventRow
from context.outbound import Writer, add_message
from context.types import Author, Content, Delivery, Inbound, Visibility
from kit.clock import utc_now
from kit.db import Database
from kit.errors import ConflictError
from kit.sealing import Sealer

pytestmark = pytest.mark.integration
SEALER = Sealer("a key of tests")


@dataclass
class ScriptedChannel:
    """A channel that answers as told, and keeps what it was given."""

    answers: list[SendResult]
    name: str = "pigeon"
    sent_when_stored: bool = False
    needs_account: bool = True
    capabilities: Capabilities = field(default_factory=Capabilities)
    specials: frozenset[str] = frozenset()
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, sending: Sending) -> SendResult:
        self.sent.append((sending.part.text, sending.to))
        return self.answers.pop(0) if self.answers else SendResult(Fate.SENT, external_id=f"p-{len(self.sent)}")


class BrokenChannel(ScriptedChannel):
    """A channel that breaks its promise not to raise."""

    async def send(self, sending: Sending) -> SendResult:
        raise RuntimeError


async def queue(
    database: Database, ledger: Ledger, *texts: str, visibility: Visibility = Visibility.PUBLIC, channel: str = "pigeon", who: str = "ann"
) -> list[UUID]:
    """Messages that wait to be sent to `who`."""
    async with database.transaction() as session:
        recorded = await record_inbound(session, ledger, Inbound(channel, "shop", who, uuid4().hex, "hi"))
        conversation = await lock_conversation(session, recorded.message.conversation_id)
        writer = Writer(visibility=visibility)
        views = [
            await add_message(session, ledger, conversation, content=Content(text), author=Author.BOT, writer=writer)
            for text in texts or ("hello",)
        ]
    return [view.id for view in views]


async def outbox(database: Database, ledger: Ledger, channel: ScriptedChannel) -> Outbox:
    """An outbox with one account."""
    account = Account(uuid4(), channel.name, "shop", "The shop", secrets={"token": "t"})
    async with database.transaction() as session:
        if await find_account_row(session, channel.name, "shop") is None:
            await add_account(session, SEALER, account)
    return Outbox(database, ledger, {channel.name: channel}, Accounts(database, SEALER, seconds=0.0))


async def delivery(database: Database, message_id: UUID) -> Delivery:
    """How far the message got."""
    async with database.transaction() as session:
        return (await get_message(session, message_id)).delivery


async def events(database: Database, name: str) -> int:
    """How many events of a name there are."""
    async with database.transaction() as session:
        return len(list((await session.execute(select(EventRow.id).where(EventRow.name == name))).scalars()))


async def test_a_message_is_sent_once_however_often_the_outbox_looks(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    await box.send_all()
    assert channel.sent == [("hello", "ann")]
    assert await delivery(database, message_id) == Delivery.SENT
    assert await events(database, "message.sent") == 1


async def test_all_that_waits_in_a_conversation_is_sent_in_order(database: Database, ledger: Ledger) -> None:
    await queue(database, ledger, "one", "two", "three")
    channel = ScriptedChannel([])
    await (await outbox(database, ledger, channel)).send_all()
    assert [text for text, _ in channel.sent] == ["one", "two", "three"]


async def test_what_must_wait_holds_back_what_follows_in_its_conversation_only(database: Database, ledger: Ledger) -> None:
    first, second = await queue(database, ledger, "one", "two")
    channel = ScriptedChannel([SendResult(Fate.LATER, reason="busy", problem=Problem.TRANSIENT)])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    await queue(database, ledger, "hello bob", who="bob")
    await box.send_all()
    assert [text for text, _ in channel.sent] == ["one", "hello bob"]
    assert [await delivery(database, m) for m in (first, second)] == [Delivery.QUEUED, Delivery.QUEUED]
    async with database.transaction() as session:
        row = await session.get(ChannelSendRow, part_key(first, 0))
        assert row is not None
        assert (row.state, row.attempts, row.error_class) == ("waiting", 1, "transient")
        row.next_at = utc_now() - timedelta(seconds=1)
    box._not_before.clear()
    await box.send_all()
    assert [text for text, _ in channel.sent][-2:] == ["one", "two"]


@pytest.mark.parametrize(("fate", "shown"), [(Fate.FAILED, Delivery.FAILED), (Fate.UNKNOWN, Delivery.UNKNOWN)])
async def test_what_failed_or_is_unknown_is_shown_and_not_sent_again(
    database: Database, ledger: Ledger, fate: Fate, shown: Delivery
) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([SendResult(fate, reason="no")])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    await box.send_all()
    assert len(channel.sent) == 1
    assert await delivery(database, message_id) == shown
    async with database.transaction() as session:
        (letter,) = await list_letters(session)
    assert (letter.message_id, letter.reason, letter.sure) == (message_id, "no", fate == Fate.FAILED)


async def test_a_channel_that_raises_leaves_an_unknown_fate(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), BrokenChannel([])
    await (await outbox(database, ledger, channel)).send_all()
    assert await delivery(database, message_id) == Delivery.UNKNOWN


async def test_a_claim_of_a_dead_process_is_unknown_after_a_while_and_not_sent_again(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    box = await outbox(database, ledger, channel)
    loaded = await load(database, message_id)
    assert loaded is not None
    assert await claim(database, loaded, part=0, parts=1, address="ann", now=utc_now()) == 1
    assert await claim(database, loaded, part=0, parts=1, address="ann", now=utc_now()) is None
    await box.send_all()
    assert await delivery(database, message_id) == Delivery.QUEUED  # it may still be on its way
    async with database.transaction() as session:
        row = await session.get(ChannelSendRow, part_key(message_id, 0))
        assert row is not None
        row.claimed_at -= LOST_AFTER
    box._not_before.clear()
    await box.send_all()
    assert await delivery(database, message_id) == Delivery.UNKNOWN
    assert channel.sent == []


async def test_a_status_settles_what_was_unknown(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([SendResult(Fate.UNKNOWN, reason="timeout")])
    await (await outbox(database, ledger, channel)).send_all()
    receipt = Receipt("shop", "p-9", "delivered", utc_now(), key=part_key(message_id, 0))
    async with database.transaction() as session:
        assert await apply_receipt(session, ledger, "pigeon", receipt)
    assert await delivery(database, message_id) == Delivery.DELIVERED
    assert (await events(database, "message.sent"), await events(database, "message.delivered")) == (1, 1)
    async with database.transaction() as session:
        assert await list_letters(session) == []


async def test_statuses_never_go_backwards_and_repeats_do_nothing(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    await (await outbox(database, ledger, channel)).send_all()
    for status in ("read", "sent", "delivered", "read", "failed"):
        async with database.transaction() as session:
            await apply_receipt(session, ledger, "pigeon", Receipt("shop", "p-1", status, utc_now()))
    assert await delivery(database, message_id) == Delivery.READ
    assert (await events(database, "message.read"), await events(database, "message.failed")) == (1, 0)


async def test_a_status_before_the_answer_waits_for_it(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    async with database.transaction() as session:
        assert not await apply_receipt(session, ledger, "pigeon", Receipt("shop", "p-1", "delivered", utc_now()))
    await (await outbox(database, ledger, channel)).send_all()
    assert await delivery(database, message_id) == Delivery.DELIVERED
    async with database.transaction() as session:
        assert await apply_orphans(session, ledger, channel="pigeon", account="shop", provider_id="p-1") == 0


async def test_what_failed_late_for_a_passing_reason_goes_again_once_for_each_failure(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    failed = Receipt("shop", "p-1", "failed", utc_now(), problem="transient", reason="try again")
    for _ in range(2):
        async with database.transaction() as session:
            await apply_receipt(session, ledger, "pigeon", failed)
    assert await delivery(database, message_id) == Delivery.QUEUED
    async with database.transaction() as session:
        row = await session.get(ChannelSendRow, part_key(message_id, 0))
        assert row is not None
        row.next_at = None
    box._not_before.clear()
    await box.send_all()
    async with database.transaction() as session:
        await apply_receipt(session, ledger, "pigeon", failed)  # the old failure once more: it says nothing of the new try
    assert await delivery(database, message_id) == Delivery.SENT
    assert len(channel.sent) == 2


async def test_a_refused_token_stops_the_account_and_loses_nothing(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([SendResult(Fate.LATER, reason="token", problem=Problem.AUTH)])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    async with database.transaction() as session:
        row = await find_account_row(session, "pigeon", "shop")
        assert row is not None
        assert (row.state, row.reason) == ("blocked", "token")
    box._not_before.clear()
    await box.send_all()
    assert len(channel.sent) == 1
    async with database.transaction() as session:
        row = await find_account_row(session, "pigeon", "shop")
        assert row is not None
        await set_state(session, row, "active")
        send = await session.get(ChannelSendRow, part_key(message_id, 0))
        assert send is not None
        send.next_at = None
    await box.send_all()
    assert await delivery(database, message_id) == Delivery.SENT


async def test_a_paused_account_sends_nothing_until_it_is_resumed(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([])
    box = await outbox(database, ledger, channel)
    for state, expected in (("paused", Delivery.QUEUED), ("active", Delivery.SENT)):
        async with database.transaction() as session:
            row = await find_account_row(session, "pigeon", "shop")
            assert row is not None
            await set_state(session, row, state)
        await box.send_all()
        assert await delivery(database, message_id) == expected


async def test_a_dead_letter_is_replayed_once_by_a_person_or_put_away(database: Database, ledger: Ledger) -> None:
    (message_id,), channel = await queue(database, ledger), ScriptedChannel([SendResult(Fate.FAILED, reason="no"), SendResult(Fate.FAILED)])
    box = await outbox(database, ledger, channel)
    await box.send_all()
    key = part_key(message_id, 0)
    async with database.transaction() as session:
        await replay(session, ledger, key)
    await box.send_all()
    assert len(channel.sent) == 2
    async with database.transaction() as session:
        await put_away(session, ledger, key)
        assert await list_letters(session) == []
        with pytest.raises(ConflictError):
            await replay(session, ledger, key)


async def test_a_customer_gets_no_more_than_the_pair_allows(database: Database, ledger: Ledger) -> None:
    await queue(database, ledger, "one", "two", "three")
    capabilities = Capabilities(pair_seconds=0.4, pair_burst=2)
    channel = ScriptedChannel([], capabilities=capabilities)
    began = utc_now()
    await (await outbox(database, ledger, channel)).send_all()
    assert len(channel.sent) == 3
    assert (utc_now() - began).total_seconds() > 0.3


async def test_outside_the_window_nothing_is_asked_of_the_provider(database: Database, ledger: Ledger) -> None:
    (message_id,) = await queue(database, ledger)
    channel = ScriptedChannel([], capabilities=replace(Capabilities(), window=timedelta(hours=24)))
    await (await outbox(database, ledger, channel)).send_all()
    assert channel.sent == []
    async with database.transaction() as session:
        (letter,) = await list_letters(session)
    assert (letter.message_id, letter.problem) == (message_id, "window_closed")


async def test_a_note_never_leaves_the_house(database: Database, ledger: Ledger) -> None:
    await queue(database, ledger, visibility=Visibility.NOTE)
    channel = ScriptedChannel([])
    await (await outbox(database, ledger, channel)).send_all()
    assert channel.sent == []


async def test_a_channel_that_is_gone_fails_visibly(database: Database, ledger: Ledger) -> None:
    (message_id,) = await queue(database, ledger, channel="albatross")
    await (await outbox(database, ledger, ScriptedChannel([]))).send_all()
    assert await delivery(database, message_id) == Delivery.FAILED


async def test_where_storing_is_sending_the_deliverer_marks_it_sent(database: Database, ledger: Ledger) -> None:
    (message_id,) = await queue(database, ledger, channel="web")
    channel = ScriptedChannel([], name="web", sent_when_stored=True)
    await Deliverer(database, ledger, {"web": channel}).deliver(message_id)
    assert channel.sent == []
    assert await delivery(database, message_id) == Delivery.SENT
