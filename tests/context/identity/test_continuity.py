"""A conversation begins on the web and goes on where the customer writes next."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.addresses import link_addresses
from channels.happenings import CustomerMessage
from context import ownership
from context.addresses import NoSuchAddressError, list_addresses
from context.contacts import get_trusted
from context.conversations import list_messages, lock_conversation
from context.identity.codes import redeem_code, request_code
from context.identity.identifiers import parse_identifier
from context.identity.sending import ChannelSender
from context.identity.suggesting import list_suggestions
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ConversationRow
from context.outbound import Sending, record_agent_reply
from context.staff.accounts import create_staff
from context.types import Inbound, Role
from tests.context.identity.people import contact_at, writes

pytestmark = pytest.mark.integration
NUMBER = "+85362000000"


async def from_whatsapp(
    session: AsyncSession, ledger: Ledger, text: str, *, user: str = "MO.1", phone: str | None = NUMBER
) -> ConversationRow:
    """What the intake of a channel does with a message of somebody for whose number the provider vouches."""
    inbound = Inbound("whatsapp", "shop", user, f"wamid.{text}", text)
    await link_addresses(session, ledger, CustomerMessage(inbound, datetime.now(UTC), phone=phone))
    return await lock_conversation(session, (await record_inbound(session, ledger, inbound)).message.conversation_id)


async def test_from_the_web_to_whatsapp_in_the_middle_of_a_form_with_the_same_agent(session: AsyncSession, ledger: Ledger) -> None:
    await from_whatsapp(session, ledger, "an old question")
    for row in (await session.execute(select(ConversationRow))).scalars():
        row.status = "resolved"
    ana = await create_staff(session, email="ana@desk.example", name="Ana", role=Role.AGENT, password="long enough to pass")
    web = await writes(session, ledger, "I want to return a lamp", by="browser")
    web.slots, web.dialogue = {"order_number": "LC-1"}, {"loop": "return_form"}
    await request_code(session, ledger, web.contact_id, parse_identifier("phone", NUMBER), sender=ChannelSender())
    sent = next(
        m
        for m in await list_messages(session, [c.id for c in (await session.execute(select(ConversationRow))).scalars()])
        if m.address == "MO.1" and m.author == "system"
    )
    assert await redeem_code(session, ledger, web.contact_id, re.findall(r"\d{6}", sent.content.text)[0]) is not None
    assert await contact_at(session, "browser") == await contact_at(session, "MO.1", "whatsapp")
    phone = await from_whatsapp(session, ledger, "it is the small one")
    assert (phone.slots, phone.dialogue) == ({"order_number": "LC-1"}, {"loop": "return_form"})
    await ownership.take_over(session, ledger, phone, staff=ana)
    again = await writes(session, ledger, "back at my desk", by="browser")
    assert (again.id, again.agent_id) == (phone.id, ana.id)
    assert [one.address.channel for one in await list_addresses(session, again)] == ["web", "whatsapp"]
    reply = await record_agent_reply(session, ledger, again, staff=ana, text="Here")
    there = await record_agent_reply(session, ledger, again, staff=ana, text="There", sending=Sending(channel="whatsapp"))
    assert [(m.channel, m.address) for m in (reply, there)] == [("web", "browser"), ("whatsapp", "MO.1")]
    with pytest.raises(NoSuchAddressError):
        await record_agent_reply(session, ledger, again, staff=ana, text="?", sending=Sending(channel="telegram"))
    assert {"web", "whatsapp"} <= {m.channel for m in await list_messages(session, [again.id])}


async def test_a_number_that_got_another_owner_does_not_open_the_old_one_s_history(session: AsyncSession, ledger: Ledger) -> None:
    old = await from_whatsapp(session, ledger, "mine", user="MO.1")
    new = await from_whatsapp(session, ledger, "mine now", user="MO.2")
    assert old.contact_id != new.contact_id
    assert len(await list_suggestions(session, contact_id=new.contact_id)) == 1


async def test_who_hides_the_number_is_nobody_known(session: AsyncSession, ledger: Ledger) -> None:
    hidden = await from_whatsapp(session, ledger, "hello", user="MO.3", phone=None)
    assert not (await get_trusted(session, hidden.contact_id)).verified
    odd = await from_whatsapp(session, ledger, "hello", user="MO.4", phone="+1")
    assert not (await get_trusted(session, odd.contact_id)).verified
