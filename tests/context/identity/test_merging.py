"""Merging, what becomes of two open conversations, and undoing it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context import ownership
from context.contacts import get_contact
from context.conversations import list_messages, lock_conversation
from context.customer.models import ContactLabelRow, ContactNoteRow
from context.identity.identifiers import Method
from context.identity.merging import MergeError, Why, list_merges, merge_contacts, unmerge
from context.inbound import record_inbound
from context.ledger import SYSTEM, Ledger
from context.models import ConversationRow, MessageRow
from context.staff.accounts import create_staff
from context.types import Handler, HandoffReason, HandoffRequest, Inbound, Role, Status
from kit.errors import NotFoundError
from tests.context.identity.people import contact, contact_at, names, proves, whatsapp_customer, writes

pytestmark = pytest.mark.integration
WHY = Why("agent")
NUMBER = "+85362000000"


async def test_all_moves_and_the_old_id_leads_to_the_new_one(session: AsyncSession, ledger: Ledger) -> None:
    ana, browser = await whatsapp_customer(session, ledger, NUMBER), await writes(session, ledger, by="browser", name="Ana")
    gone, stays = browser.contact_id, ana.contact_id
    (await contact(session, gone)).attributes = {"size": "M", "city": "Macau"}
    (await contact(session, stays)).attributes = {"size": "L"}
    session.add_all([ContactNoteRow(contact_id=gone, text="likes tea"), ContactLabelRow(contact_id=gone, label="vip")])
    session.add(ContactLabelRow(contact_id=stays, label="vip"))
    await session.flush()
    await merge_contacts(session, ledger, gone, stays, why=WHY)
    now = await get_contact(session, gone)
    assert (now.id, now.name, now.attributes) == (stays, "Ana", {"size": "L", "city": "Macau"})
    assert await contact_at(session, "browser") == stays
    assert (await session.execute(select(ContactNoteRow.contact_id))).scalar_one() == stays
    assert (await names(session))[-1] == "contact.merged"


async def test_who_writes_after_the_merge_writes_in_the_one_conversation(session: AsyncSession, ledger: Ledger) -> None:
    ana, browser = await whatsapp_customer(session, ledger, NUMBER), await writes(session, ledger, by="browser")
    await merge_contacts(session, ledger, browser.contact_id, ana.contact_id, why=WHY)
    before, after = (
        await writes(session, ledger, "on the phone", by="85362000000", channel="whatsapp"),
        await writes(session, ledger, by="browser"),
    )
    assert before.id == after.id
    assert after.channel == "web"  # a reply goes where the customer last wrote
    messages = await list_messages(session, [after.id])
    assert {m.channel for m in messages} == {"web", "whatsapp"}


@pytest.mark.parametrize("holder", [Handler.BOT, Handler.QUEUE, Handler.AGENT])
async def test_of_two_open_conversations_that_of_a_person_goes_on(session: AsyncSession, ledger: Ledger, holder: Handler) -> None:
    browser, ana = await writes(session, ledger, by="browser"), await whatsapp_customer(session, ledger, NUMBER)
    agent = await create_staff(session, email="ana@desk.example", name="Ana", role=Role.AGENT, password="long enough to pass")
    browser.answered_seq = browser.seq
    if holder != Handler.BOT:
        await ownership.hand_off(session, ledger, browser, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    if holder == Handler.AGENT:
        await ownership.take_over(session, ledger, browser, staff=agent)
    browser.slots, tops = {"order_number": "LC-1"}, (browser.seq, ana.seq)
    browser_id, ana_id = browser.id, ana.id
    await merge_contacts(session, ledger, browser.contact_id, ana.contact_id, why=WHY)
    rows = {c.id: c for c in (await session.execute(select(ConversationRow))).scalars()}
    expected = ana_id if holder == Handler.BOT else browser_id
    assert [c.id for c in rows.values() if c.status != Status.RESOLVED] == [expected]
    assert rows[expected].handler == holder
    assert rows[expected].seq > max(tops)  # a reader's cursor misses nothing
    if holder != Handler.BOT:
        assert rows[expected].slots == {"order_number": "LC-1"}
        moved = (await session.execute(select(MessageRow).where(MessageRow.text == "hi from the phone"))).scalar_one()
        assert moved.conversation_id == browser_id  # nobody had answered it: whoever holds the conversation does
        assert rows[expected].waiting_since is not None
    assert "conversation.merged" in await names(session)


async def test_undoing_gives_everything_back_and_keeps_what_was_added(session: AsyncSession, ledger: Ledger) -> None:
    ana, browser = await whatsapp_customer(session, ledger, NUMBER), await writes(session, ledger, by="browser", name="Rui")
    gone, stays = browser.contact_id, ana.contact_id
    session.add(ContactNoteRow(contact_id=gone, text="old"))
    (await contact(session, gone)).attributes = {"city": "Macau"}
    merge = await merge_contacts(session, ledger, gone, stays, why=WHY)
    session.add(ContactNoteRow(contact_id=stays, text="since"))
    for row in (await session.execute(select(ConversationRow).where(ConversationRow.status != "resolved"))).scalars():
        await lock_conversation(session, row.id)
        row.status = Status.RESOLVED
    await session.flush()
    only_browser = (await writes(session, ledger, "from the browser alone", by="browser")).id
    await unmerge(session, ledger, merge.id, actor=SYSTEM)
    assert (await contact(session, gone)).merged_into is None
    assert (await contact_at(session, "browser"), await contact_at(session, "85362000000", "whatsapp")) == (gone, stays)
    owners = {row.id: row.contact_id for row in (await session.execute(select(ConversationRow))).scalars()}
    assert (owners[only_browser], owners[ana.id]) == (gone, stays)
    notes = {(row.text, row.contact_id) for row in (await session.execute(select(ContactNoteRow))).scalars()}
    assert notes == {("old", gone), ("since", stays)}
    survivor = await contact(session, stays)
    assert (survivor.name, survivor.attributes) == (None, {})
    assert (await names(session))[-1] == "contact.unmerged"
    assert [(m.undone_at is not None, m.undone_by) for m in await list_merges(session, stays)] == [(True, "system")]
    assert (await writes(session, ledger, by="browser")).contact_id == gone


async def test_what_was_undone_or_built_upon_is_refused(session: AsyncSession, ledger: Ledger) -> None:
    one, two, three = [(await writes(session, ledger, by=by)).contact_id for by in ("one", "two", "three")]
    first = await merge_contacts(session, ledger, one, two, why=WHY)
    second = await merge_contacts(session, ledger, two, three, why=WHY)
    assert (await get_contact(session, one)).id == three
    with pytest.raises(MergeError, match="merged into another since"):
        await unmerge(session, ledger, first.id, actor=SYSTEM)
    for pair in ((one, three), (three, three)):
        with pytest.raises(MergeError):
            await merge_contacts(session, ledger, *pair, why=WHY)
    await unmerge(session, ledger, second.id, actor=SYSTEM)
    await unmerge(session, ledger, first.id, actor=SYSTEM)
    with pytest.raises(MergeError, match="undone already"):
        await unmerge(session, ledger, first.id, actor=SYSTEM)
    with pytest.raises(NotFoundError):
        await unmerge(session, ledger, uuid4(), actor=SYSTEM)


async def test_two_members_cannot_be_merged(session: AsyncSession, ledger: Ledger) -> None:
    one, two = [(await writes(session, ledger, by=by)).contact_id for by in ("one", "two")]
    for contact_id, member in ((one, "M-1"), (two, "M-2")):
        await proves(session, ledger, contact_id, "member", member, Method.SIGNED)
    with pytest.raises(MergeError, match="members"):
        await merge_contacts(session, ledger, one, two, why=WHY)


async def test_a_message_that_waited_for_the_merge_goes_to_who_the_customer_is_now(session: AsyncSession, ledger: Ledger) -> None:
    one, two = [(await writes(session, ledger, by=by)).contact_id for by in ("one", "two")]
    await merge_contacts(session, ledger, one, two, why=WHY)
    recorded = await record_inbound(session, ledger, Inbound("web", "shop", "one", uuid4().hex, "again"))
    assert recorded.contact_id == two
