"""What is sent can be taken back for a moment, goes out by itself, goes out once, and is never lost."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import lock_conversation
from context.ledger import Ledger
from context.models import MessageRow
from context.staff.models import StaffRow
from context.types import HandoffReason
from desk.personal import outgoing
from desk.personal.drafts import find_draft
from desk.personal.notifications import NOT_SENT, list_notifications
from desk.personal.outgoing import Outgoing, Written
from kit.clock import FixedClock, utc_now
from kit.errors import ConflictError, InvalidInputError
from tests.desk.test_inbox import conversation, person

pytestmark = pytest.mark.integration


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still."""
    return FixedClock(utc_now())


@pytest.fixture
def timed(ledger: Ledger, clock: FixedClock) -> Ledger:
    """A ledger by that clock."""
    return Ledger(ledger.enqueuer, ledger.consequences, clock)


async def held(session: AsyncSession, ledger: Ledger, *, client_id: str = "one", seconds: float = 5) -> tuple[StaffRow, Outgoing]:
    ana = await person(session, uuid4().hex)
    found = await conversation(session, ledger, uuid4().hex, HandoffReason.CUSTOMER_ASKED)
    await ownership.take_over(session, ledger, await lock_conversation(session, found), staff=ana)
    return ana, await outgoing.hold(session, ledger, ana, client_id, written=Written(found, "Hello"), seconds=seconds)


async def replies(session: AsyncSession, conversation_id: UUID) -> list[str]:
    query = select(MessageRow.text).where(MessageRow.conversation_id == conversation_id, MessageRow.author == "agent")
    return list((await session.execute(query)).scalars())


async def test_it_goes_out_when_its_time_has_come_and_once(session: AsyncSession, timed: Ledger, clock: FixedClock) -> None:
    _, sending = await held(session, timed)
    assert await outgoing.list_due(session, now=clock()) == []
    clock.advance(5)
    assert await outgoing.list_due(session, now=clock()) == [sending.id]
    sent = await outgoing.send(session, timed, sending.id)
    assert sent is not None
    assert sent.message is not None
    assert await outgoing.send(session, timed, sending.id) is None
    assert await replies(session, sending.written.conversation_id) == ["Hello"]


async def test_what_was_taken_back_is_never_delivered(session: AsyncSession, timed: Ledger, clock: FixedClock) -> None:
    ana, sending = await held(session, timed)
    assert (await outgoing.undo(session, ana.id, "one")).written.text == "Hello"
    clock.advance(60)
    assert await outgoing.list_due(session, now=clock()) == []
    assert await outgoing.send(session, timed, sending.id) is None
    assert await replies(session, sending.written.conversation_id) == []


async def test_what_has_gone_out_cannot_be_taken_back(session: AsyncSession, timed: Ledger) -> None:
    ana, sending = await held(session, timed)
    await outgoing.send(session, timed, sending.id)
    with pytest.raises(ConflictError):
        await outgoing.undo(session, ana.id, "one")


async def test_nobody_takes_back_what_a_colleague_sent(session: AsyncSession, timed: Ledger) -> None:
    await held(session, timed)
    rui = await person(session, "rui")
    with pytest.raises(ConflictError):
        await outgoing.undo(session, rui.id, "one")


async def test_the_same_sending_again_is_the_same_even_after_it_went_out(session: AsyncSession, timed: Ledger) -> None:
    ana, sending = await held(session, timed)
    again = Written(sending.written.conversation_id, "Hello")
    assert (await outgoing.hold(session, timed, ana, "one", written=again, seconds=0)).id == sending.id
    await outgoing.send(session, timed, sending.id)
    assert (await outgoing.hold(session, timed, ana, "one", written=again, seconds=0)).state == "sent"
    assert await replies(session, sending.written.conversation_id) == ["Hello"]


async def test_when_a_colleague_has_taken_over_it_is_refused_and_the_text_is_kept(session: AsyncSession, timed: Ledger) -> None:
    ana, sending = await held(session, timed)
    locked = await lock_conversation(session, sending.written.conversation_id)
    rui = await person(session, "rui")
    await ownership.take_over(session, timed, locked, staff=rui, holder_yields=True)
    sent = await outgoing.send(session, timed, sending.id)
    assert sent is not None
    assert (sent.outgoing.state, sent.message) == ("refused", None)
    draft = await find_draft(session, ana.id, sending.written.conversation_id)
    assert draft is not None
    assert draft.text == "Hello"
    assert [n.kind for n in await list_notifications(session, ana.id)] == [NOT_SENT]


async def test_only_who_holds_the_conversation_can_send(session: AsyncSession, timed: Ledger) -> None:
    _, sending = await held(session, timed)
    rui = await person(session, "rui")
    with pytest.raises(ConflictError):
        await outgoing.hold(session, timed, rui, "two", written=sending.written, seconds=5)


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
async def test_an_empty_or_overlong_text_is_refused_at_once(session: AsyncSession, timed: Ledger, text: str) -> None:
    ana, sending = await held(session, timed)
    with pytest.raises(InvalidInputError):
        await outgoing.hold(session, timed, ana, "two", written=Written(sending.written.conversation_id, text), seconds=5)
