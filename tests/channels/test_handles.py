"""What providers name, hand out and forbid: deliveries stored once, handles given out once, customers who blocked an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from channels.accounts import Accounts, add_account
from channels.base import Account, Capabilities, Fate, Sending, SendResult
from channels.happenings import Blocked, CustomerMessage
from channels.intake import store_delivery
from channels.letters import list_letters
from channels.models import ChannelIntakeRow, ChannelSendRow
from channels.outbox import LOST_AFTER, Outbox
from channels.sends import claim, load, part_key, take_handle
from channels.taking_in import Taker
from context.conversations import list_messages, lock_conversation
from context.ledger import Ledger
from context.models import MessageRow
from context.outbound import add_message
from context.types import Author, Content, Inbound, Visibility
from kit.clock import utc_now
from kit.db import Database
from kit.sealing import Sealer

pytestmark = pytest.mark.integration
SEALER = Sealer("a key of tests")
DOVE = "dove"


@dataclass
class DoveChannel:
    """A channel whose customers bring handles."""

    name: str = DOVE
    sent_when_stored: bool = False
    needs_account: bool = True
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(idempotent=True, reply_handles=True))
    specials: frozenset[str] = frozenset()
    handles: list[str | None] = field(default_factory=list)

    async def send(self, sending: Sending) -> SendResult:
        self.handles.append(sending.handle)
        return SendResult(Fate.SENT, external_id=uuid4().hex)


async def hear(database: Database, ledger: Ledger, *, handle: str | None = None, seconds: float = 50, at: datetime | None = None) -> None:
    """A customer writes."""
    at = at or utc_now()
    inbound = Inbound(DOVE, "shop", "ann", at.isoformat(), "hello")
    message = CustomerMessage(inbound, at, handle=handle, handle_until=at + timedelta(seconds=seconds) if handle else None)
    assert await Taker(database, ledger, {}).take(DOVE, message) is None


async def answer(database: Database, ledger: Ledger, *texts: str) -> None:
    """The bot says something, which waits to be sent."""
    async with database.transaction() as session:
        conversation_id = (await session.execute(select(MessageRow.conversation_id).limit(1))).scalar_one()
        conversation = await lock_conversation(session, conversation_id)
        for text in texts:
            await add_message(session, ledger, conversation, content=Content(text), author=Author.BOT)


async def outbox(database: Database, ledger: Ledger, channel: DoveChannel) -> Outbox:
    """An outbox with one account."""
    async with database.transaction() as session:
        await add_account(session, SEALER, Account(uuid4(), DOVE, "shop", "The shop"), replace=True)
    return Outbox(database, ledger, {DOVE: channel}, Accounts(database, SEALER, seconds=0.0))


async def test_a_named_delivery_is_stored_once_and_another_of_its_name_is_told_apart(database: Database) -> None:
    one = await store_delivery(database, channel=DOVE, account="shop", body=b"one", delivery="d1")
    again = await store_delivery(database, channel=DOVE, account="shop", body=b"one", delivery="d1")
    other = await store_delivery(database, channel=DOVE, account="shop", body=b"two", delivery="d1")
    elsewhere = await store_delivery(database, channel=DOVE, account="branch", body=b"one", delivery="d1")
    assert (one.fresh, again.fresh, again.same, again.id) == (True, False, True, one.id)
    assert (other.fresh, other.same, elsewhere.fresh) == (False, False, True)
    async with database.transaction() as session:
        assert (await session.execute(select(func.count(ChannelIntakeRow.id)))).scalar_one() == 2


async def test_a_handle_is_given_to_the_first_answer_only(database: Database, ledger: Ledger) -> None:
    channel, at = DoveChannel(), utc_now()
    await hear(database, ledger, handle="h1", at=at)
    await answer(database, ledger, "one", "two")
    box = await outbox(database, ledger, channel)
    await box.send_all()
    await hear(database, ledger, handle="h1", at=at)  # the provider repeats itself: the handle does not come back
    await answer(database, ledger, "three")
    await box.send_all()
    assert channel.handles == ["h1", None, None]


async def test_a_handle_that_is_too_old_is_not_used_and_the_newest_counts(database: Database, ledger: Ledger) -> None:
    channel = DoveChannel()
    await hear(database, ledger, handle="old", seconds=-1)
    await answer(database, ledger, "late")
    box = await outbox(database, ledger, channel)
    await box.send_all()
    await hear(database, ledger, handle="first")
    await hear(database, ledger, handle="second")
    await answer(database, ledger, "quick")
    await box.send_all()
    assert channel.handles == [None, "second"]


async def test_what_a_dead_process_sent_with_a_handle_is_unknown_although_the_channel_can_repeat(
    database: Database, ledger: Ledger
) -> None:
    channel = DoveChannel()
    await hear(database, ledger, handle="h1")
    await answer(database, ledger, "one")
    async with database.transaction() as session:
        row = (await session.execute(select(MessageRow).where(MessageRow.author == Author.BOT))).scalar_one()
    loaded, key = await load(database, row.id), part_key(row.id, 0)
    assert loaded is not None
    await claim(database, loaded, part=0, parts=1, address="ann", now=utc_now() - LOST_AFTER)
    assert await take_handle(database, loaded, key=key, address="ann", now=utc_now()) == "h1"
    await (await outbox(database, ledger, channel)).send_all()
    async with database.transaction() as session:
        send = await session.get(ChannelSendRow, key)
        assert send is not None
        assert send.state == "unknown"
    assert channel.handles == []


async def test_who_blocked_the_account_is_not_written_to_until_they_write_or_allow_it(database: Database, ledger: Ledger) -> None:
    channel, taker = DoveChannel(), Taker(database, ledger, {})
    await hear(database, ledger)
    for _ in range(2):
        await taker.take(DOVE, Blocked("shop", "ann", True, utc_now(), "The customer blocked us."))
    await answer(database, ledger, "are you there?")
    box = await outbox(database, ledger, channel)
    await box.send_all()
    assert channel.handles == []
    async with database.transaction() as session:
        (letter,) = await list_letters(session)
        notes = [m.content.text for m in await list_messages(session, [letter.conversation_id]) if m.visibility == Visibility.NOTE]
    assert (letter.problem, notes) == ("recipient_opted_out", ["The customer blocked us."])
    await taker.take(DOVE, Blocked("shop", "ann", False, utc_now(), "The customer allows messages again."))
    await taker.take(DOVE, Blocked("shop", "ann", True, utc_now() - timedelta(hours=1), "old news"))
    await answer(database, ledger, "welcome back")
    await box.send_all()
    assert channel.handles == [None]


async def test_a_stranger_who_allows_messages_leaves_no_trace(database: Database, ledger: Ledger) -> None:
    assert await Taker(database, ledger, {}).take(DOVE, Blocked("shop", "eve", False, utc_now(), "")) is None
