"""The inbox: who waits stands first; rights are checked; presence is real."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.conversations import get_conversation, lock_conversation
from context.handoffs import find_latest_handoff, open_handoff
from context.inbound import record_inbound
from context.labels.models import ConversationLabelRow, LabelRow
from context.ledger import Ledger
from context.models import ContactRow, IdentityRow
from context.ownership import OwnershipError
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import HandoffReason, HandoffRequest, Inbound, Role
from desk.inbox import View, access_conversation, access_inbox_row, count_ahead, count_waiting, list_inbox
from desk.presence import ALIVE, GONE, PresenceState, count_online, list_presence, record_presence
from desk.views import Wanted
from desk.work import Desk
from kit.clock import FixedClock, utc_now
from kit.db import Database
from kit.errors import NotAllowedError, NotAuthenticatedError, NotFoundError

pytestmark = pytest.mark.integration


async def person(session: AsyncSession, name: str, role: Role = Role.AGENT) -> StaffRow:
    """A staff member."""
    return await create_staff(session, email=f"{name}@example.com", name=name, role=role, password="long enough")


async def conversation(session: AsyncSession, ledger: Ledger, visitor: str, reason: HandoffReason | None = None) -> UUID:
    """A conversation with the bot, or one that waits for `reason`."""
    recorded = await record_inbound(session, ledger, Inbound("web", "shop", visitor, uuid4().hex, f"hello from {visitor}"))
    row = await lock_conversation(session, recorded.message.conversation_id)
    if reason:
        await ownership.hand_off(session, ledger, row, request=HandoffRequest(reason))
    return row.id


async def test_the_urgent_and_the_longest_waiting_stand_first(session: AsyncSession, ledger: Ledger) -> None:
    ana = await person(session, "ana")
    first = await conversation(session, ledger, "first", HandoffReason.CUSTOMER_ASKED)
    second = await conversation(session, ledger, "second", HandoffReason.CUSTOMER_ASKED)
    angry = await conversation(session, ledger, "angry", HandoffReason.ANGRY)
    with_bot = await conversation(session, ledger, "bot")
    assert [row.id for row in await list_inbox(session, ana)] == [angry, first, second, with_bot]
    assert [row.id for row in await list_inbox(session, ana, wanted=Wanted(ana.id, View.WAITING))] == [angry, first, second]
    assert await count_waiting(session) == 3
    assert [await count_ahead(session, i) for i in (angry, first, second)] == [0, 1, 2]


async def test_an_editor_sees_no_conversation(session: AsyncSession, ledger: Ledger) -> None:
    eva, found = await person(session, "eva", Role.EDITOR), await conversation(session, ledger, "v")
    with pytest.raises(NotAllowedError):
        await list_inbox(session, eva)
    with pytest.raises(NotAllowedError):
        await access_conversation(session, eva, found)


async def test_a_disabled_agent_can_do_nothing(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        ana, found = await person(session, "ana"), await conversation(session, ledger, "v")
        ana.active = False
    with pytest.raises(NotAuthenticatedError):
        await Desk(database, ledger).take(ana.id, found)


async def test_presence_ends_when_the_signs_of_life_end(session: AsyncSession) -> None:
    ana, clock = await person(session, "ana"), FixedClock(utc_now())
    await record_presence(session, ana.id, clock=clock)
    assert await count_online(session, clock=clock) == 1
    await record_presence(session, ana.id, PresenceState.AWAY, clock=clock)
    await record_presence(session, ana.id, clock=clock)
    assert [state for _, state in await list_presence(session, clock=clock)] == [PresenceState.AWAY]
    clock.advance((ALIVE + timedelta(seconds=1)).total_seconds())
    assert [state for _, state in await list_presence(session, clock=clock)] == [PresenceState.OFFLINE]


async def test_a_colleague_who_is_gone_yields_and_a_supervisor_may_overrule(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as session:
        ana, bo, sam = await person(session, "ana"), await person(session, "bo"), await person(session, "sam", Role.SUPERVISOR)
        found = await conversation(session, ledger, "v", HandoffReason.CUSTOMER_ASKED)
        await record_presence(session, ana.id)
    desk = Desk(database, ledger)
    await desk.take(ana.id, found)
    with pytest.raises(OwnershipError):
        await desk.take(bo.id, found)
    await desk.take(sam.id, found)
    async with database.transaction() as session:
        await record_presence(session, sam.id, clock=FixedClock(utc_now() - GONE - timedelta(seconds=5)))
    await desk.take(bo.id, found)
    async with database.transaction() as session:
        assert (await get_conversation(session, found)).agent_id == bo.id


async def test_a_conversation_whole_agrees_with_its_line_and_its_parts(session: AsyncSession, ledger: Ledger) -> None:
    ana = await person(session, "ana")
    found = await conversation(session, ledger, "v", HandoffReason.CUSTOMER_ASKED)
    row = await lock_conversation(session, found)
    await open_handoff(session, ledger, row, request=HandoffRequest(HandoffReason.ANGRY))
    await session.flush()
    labels = [LabelRow(title=title, colour="teal") for title in ("b", "a")]
    session.add_all(labels)
    await session.flush()
    for minute, label in enumerate(labels):
        session.add(ConversationLabelRow(conversation_id=found, label_id=label.id, at=utc_now() + timedelta(minutes=minute)))
    await session.flush()
    detail, latest = await access_conversation(session, ana, found), await find_latest_handoff(session, found)
    assert detail.row == await access_inbox_row(session, ana, found)
    assert detail.row.labels == tuple(label.id for label in labels)
    assert latest is not None
    assert (detail.packet, detail.handoff_reason) == (latest.packet, HandoffReason.ANGRY)
    assert [m.content.text for m in detail.messages if m.author == "customer"] == ["hello from v"]
    with pytest.raises(NotFoundError):
        await access_conversation(session, ana, uuid4())


async def test_the_customer_of_a_conversation_is_who_they_were_merged_into(session: AsyncSession, ledger: Ledger) -> None:
    ana = await person(session, "ana")
    found, other = await conversation(session, ledger, "v"), await conversation(session, ledger, "w")
    whole = await access_conversation(session, ana, other)
    assert not whole.contact.verified
    await session.execute(update(IdentityRow).where(IdentityRow.external_id == "w").values(verified=True))
    contact_id = (await get_conversation(session, found)).contact_id
    await session.execute(update(ContactRow).where(ContactRow.id == contact_id).values(merged_into=whole.contact.id))
    merged = (await access_conversation(session, ana, found)).contact
    assert (merged.id, merged.verified) == (whole.contact.id, True)
