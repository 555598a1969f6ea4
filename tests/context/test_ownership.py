"""Every transition of a conversation's ownership, and that nobody else may make it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.wiring import CONSEQUENCES
from context import ownership
from context.conversations import list_messages, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow, EventRow, HandoffRow
from context.outbound import record_agent_reply, record_note
from context.ownership import OwnershipError
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import Handler, HandoffReason, HandoffRequest, Inbound, Role, Status
from kit.clock import FixedClock
from kit.errors import ConflictError
from kit.jobs import RecordingEnqueuer

pytestmark = pytest.mark.integration


async def opened(session: AsyncSession, ledger: Ledger, *texts: str) -> ConversationRow:
    """A locked conversation in which the customer has written."""
    for text in texts or ("hello",):
        recorded = await record_inbound(session, ledger, Inbound("web", "shop", "visitor", uuid4().hex, text))
    return await lock_conversation(session, recorded.message.conversation_id)


async def person(session: AsyncSession, name: str = "Ana") -> StaffRow:
    """An agent."""
    return await create_staff(session, email=f"{name.lower()}@example.com", name=name, role=Role.AGENT, password="long enough")


async def names(session: AsyncSession) -> list[str]:
    """The names of all events, in order."""
    return list((await session.execute(select(EventRow.name).order_by(EventRow.id))).scalars())


async def test_a_handoff_waits_in_the_queue_with_its_packet(session: AsyncSession, ledger: Ledger) -> None:
    conversation = await opened(session, ledger, "My teapot LC-100002 arrived in pieces", "I want a person")
    conversation.slots, conversation.language = {"order_number": "LC-100002", "empty": None}, "en"
    epoch = conversation.epoch
    handoff = await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.ANGRY))
    assert (conversation.handler, conversation.epoch) == (Handler.QUEUE, epoch + 1)
    assert handoff.packet["reason"] == "angry"
    assert handoff.packet["slots"] == {"order_number": "LC-100002"}
    assert "teapot" in handoff.packet["summary"]
    assert [line["text"] for line in handoff.packet["transcript"]] == ["My teapot LC-100002 arrived in pieces", "I want a person"]
    assert handoff.packet["urgency"] == 2
    assert (await names(session))[-2:] == ["handoff.requested", "handoff.queued"]


async def test_the_summary_leaves_out_what_is_only_a_number_or_a_yes(session: AsyncSession, ledger: Ledger) -> None:
    conversation = await opened(session, ledger, "My teapot arrived in pieces", "7", "yes")
    handoff = await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    assert handoff.packet["summary"] == "My teapot arrived in pieces"


async def test_taking_from_the_queue_tells_the_customer_who_is_there(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger), await person(session)
    handoff = await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    await ownership.take_over(session, ledger, conversation, staff=ana)
    assert (conversation.handler, conversation.agent_id, handoff.state) == (Handler.AGENT, ana.id, "accepted")
    assert "Ana has joined" in (await list_messages(session, [conversation.id]))[-1].content.text


async def test_taking_from_the_bot_leaves_a_packet_too(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger), await person(session)
    await ownership.take_over(session, ledger, conversation, staff=ana)
    handoff = (await session.execute(select(HandoffRow))).scalar_one()
    assert (conversation.handler, handoff.reason, handoff.state) == (Handler.AGENT, "agent_took_over", "accepted")


async def test_a_colleague_cannot_take_what_another_holds(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana, bo = await opened(session, ledger), await person(session), await person(session, "Bo")
    await ownership.take_over(session, ledger, conversation, staff=ana)
    epoch = conversation.epoch
    with pytest.raises(OwnershipError):
        await ownership.take_over(session, ledger, conversation, staff=bo)
    await ownership.take_over(session, ledger, conversation, staff=ana)  # taking twice is fine and changes nothing
    assert (conversation.agent_id, conversation.epoch) == (ana.id, epoch)


async def test_only_the_holder_may_write_release_hand_back_or_resolve(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana, bo = await opened(session, ledger), await person(session), await person(session, "Bo")
    await ownership.take_over(session, ledger, conversation, staff=ana)
    with pytest.raises(ConflictError):
        await record_agent_reply(session, ledger, conversation, staff=bo, text="hi")
    for refused in (ownership.release, ownership.hand_back, ownership.resolve):
        with pytest.raises(OwnershipError):
            await refused(session, ledger, conversation, staff=bo)
    assert (await record_agent_reply(session, ledger, conversation, staff=ana, text="hi")).author_name == "Ana"


async def test_a_note_is_open_to_everyone_and_never_public(session: AsyncSession, ledger: Ledger) -> None:
    conversation, bo = await opened(session, ledger), await person(session, "Bo")
    await record_note(session, ledger, conversation, staff=bo, text="careful, VIP")
    public = await list_messages(session, [conversation.id], public_only=True)
    assert [m.content.text for m in public] == ["hello"]


async def test_handing_back_clears_what_caused_the_handoff_and_asks_for_a_rating(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger, "terrible!"), await person(session)
    await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.ANGRY))
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await ownership.hand_back(session, ledger, conversation, staff=ana)
    assert (conversation.handler, conversation.urgency, conversation.waiting_since) == (Handler.BOT, 0, None)
    assert conversation.dialogue == {"handed_back": True, "reason": "angry", "settled": []}
    assert conversation.answered_seq == conversation.seq
    assert "rating_id" in (await list_messages(session, [conversation.id]))[-1].content.custom
    assert "handback.done" in await names(session)


async def test_resolving_ends_the_conversation_and_asks_for_a_rating(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger), await person(session)
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await ownership.resolve(session, ledger, conversation, staff=ana)
    assert (conversation.status, conversation.agent_id) == (Status.RESOLVED, None)
    with pytest.raises(OwnershipError):
        await ownership.take_over(session, ledger, conversation, staff=ana)
    assert (await names(session))[-1] == "conversation.resolved"


async def test_a_released_conversation_waits_again(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger), await person(session)
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await ownership.release(session, ledger, conversation, staff=ana)
    assert (conversation.handler, conversation.agent_id) == (Handler.QUEUE, None)


async def test_a_customer_who_leaves_the_queue_counts_as_abandoned(session: AsyncSession, ledger: Ledger) -> None:
    conversation = await opened(session, ledger)
    await ownership.hand_off(session, ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    await ownership.abandon(session, ledger, conversation)
    assert conversation.status == Status.RESOLVED
    assert (await names(session))[-2:] == ["handoff.abandoned", "conversation.resolved"]


async def test_a_conversation_is_not_let_go_while_the_customer_writes(session: AsyncSession, enqueuer: RecordingEnqueuer) -> None:
    clock = FixedClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    ledger = Ledger(enqueuer, CONSEQUENCES, clock)
    conversation, ana = await opened(session, ledger), await person(session)
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await opened(session, ledger, "one more thing")
    clock.advance(1)
    for refused in (ownership.hand_back, ownership.resolve):
        with pytest.raises(OwnershipError, match="just written"):
            await refused(session, ledger, conversation, staff=ana)
    clock.advance(5)
    await ownership.hand_back(session, ledger, conversation, staff=ana)
    assert conversation.handler == Handler.BOT


async def test_a_holder_who_yields_is_released_with_an_event(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana, bo = await opened(session, ledger), await person(session), await person(session, "Bo")
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await ownership.take_over(session, ledger, conversation, staff=bo, holder_yields=True)
    assert conversation.agent_id == bo.id
    assert (await names(session)).count("agent.released") == 1


async def test_a_released_conversation_tells_the_customer(session: AsyncSession, ledger: Ledger) -> None:
    conversation, ana = await opened(session, ledger), await person(session)
    conversation.language = "en"
    await ownership.take_over(session, ledger, conversation, staff=ana)
    await ownership.release(session, ledger, conversation, staff=ana)
    assert "another colleague" in (await list_messages(session, [conversation.id]))[-1].content.text
