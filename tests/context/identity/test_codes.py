"""One-time codes: few tries, a short life, and a link to who can be reached there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.wiring import CONSEQUENCES
from context.conversations import list_messages
from context.identity.codes import MAX_TRIES, MemorySender, redeem_code, request_code
from context.identity.identifiers import parse_identifier
from context.identity.sending import ChannelSender
from context.ledger import Ledger
from kit.clock import FixedClock
from kit.errors import InvalidInputError, TooManyRequestsError
from kit.jobs import RecordingEnqueuer
from tests.context.identity.people import contact_at, whatsapp_customer, writes

pytestmark = pytest.mark.integration
NUMBER = "+85362000000"
PHONE = parse_identifier("phone", NUMBER)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 5, 4, 9, 0, tzinfo=UTC))


@pytest.fixture
def ledger(enqueuer: RecordingEnqueuer, clock: FixedClock) -> Ledger:
    return Ledger(enqueuer, CONSEQUENCES, clock)


async def test_a_code_that_came_through_a_channel_links_the_visitor_to_who_is_there(session: AsyncSession, ledger: Ledger) -> None:
    phone = await whatsapp_customer(session, ledger, NUMBER)
    visitor = await writes(session, ledger, by="browser")
    await request_code(session, ledger, visitor.contact_id, PHONE, sender=ChannelSender())
    sent = (await list_messages(session, [phone.id]))[-1]
    assert (sent.channel, sent.address, sent.author) == ("whatsapp", "85362000000", "system")
    code = re.findall(r"\d{6}", sent.content.text)[0]
    proof = await redeem_code(session, ledger, visitor.contact_id, f" {code} ")
    assert proof is not None
    assert proof.merge is not None
    assert await contact_at(session, "browser") == await contact_at(session, "85362000000", "whatsapp")
    assert await redeem_code(session, ledger, proof.contact_id, code) is None  # a code counts once


async def test_wrong_codes_are_few_and_even_the_right_one_is_refused_then(session: AsyncSession, ledger: Ledger) -> None:
    sender, visitor = MemorySender({NUMBER}), await writes(session, ledger)
    await request_code(session, ledger, visitor.contact_id, PHONE, sender=sender)
    right = sender.sent[0][1]
    for _ in range(MAX_TRIES):
        assert await redeem_code(session, ledger, visitor.contact_id, "000000" if right != "000000" else "111111") is None
    assert await redeem_code(session, ledger, visitor.contact_id, right) is None


async def test_a_code_ends_after_ten_minutes(session: AsyncSession, ledger: Ledger, clock: FixedClock) -> None:
    sender, visitor = MemorySender({NUMBER}), await writes(session, ledger)
    await request_code(session, ledger, visitor.contact_id, PHONE, sender=sender)
    clock.advance(601)
    assert await redeem_code(session, ledger, visitor.contact_id, sender.sent[0][1]) is None


async def test_three_codes_an_hour_for_a_visitor_and_for_a_number(session: AsyncSession, ledger: Ledger, clock: FixedClock) -> None:
    sender, visitors = MemorySender({NUMBER}), [(await writes(session, ledger, by=by)).contact_id for by in ("one", "two")]
    for _ in range(3):
        await request_code(session, ledger, visitors[0], PHONE, sender=sender)
    for visitor, said in ((visitors[0], "+85362000001"), (visitors[1], NUMBER)):
        with pytest.raises(TooManyRequestsError):
            await request_code(session, ledger, visitor, parse_identifier("phone", said), sender=sender)
    clock.advance(3601)
    await request_code(session, ledger, visitors[1], PHONE, sender=sender)


async def test_nothing_says_that_a_number_is_unknown_and_no_code_fits_it(session: AsyncSession, ledger: Ledger) -> None:
    visitor = await writes(session, ledger)
    await request_code(session, ledger, visitor.contact_id, PHONE, sender=ChannelSender())
    assert await redeem_code(session, ledger, visitor.contact_id, "123456") is None
    with pytest.raises(InvalidInputError):
        await request_code(session, ledger, visitor.contact_id, parse_identifier("member", "M-1"), sender=ChannelSender())
