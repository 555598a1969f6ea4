"""Who may see which order, on the real database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from context.models import ContactRow, OrderTryRow
from context.orders.importing import import_orders
from context.orders.reading import access_order, find_order, orders_for_agent, orders_of
from context.orders.types import Asker, SoldItem
from context.types import Order, Shipment

pytestmark = pytest.mark.integration
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)


def order(number: str, *, email: str = "ana@example.com", phone: str | None = "+85366000001", age: int = 3) -> Order:
    items = (SoldItem("POT", "Teapot 300 ml", 1, 26800), SoldItem("TEA", "Jasmine tea", 2, 8800, returnable=False))
    parcels = (Shipment("Pato Courier", "PC1", "delivered", "2026-07-18", "2026-07-18"),)
    placed = NOW - timedelta(days=age)
    return Order(number, "delivered", placed, "MOP", 44400, items, parcels, email, phone, "Ana", {"country": "MO"})


async def stranger(session: AsyncSession, *, email: str | None = None, phone: str | None = None) -> Asker:
    row = ContactRow(id=uuid.uuid4(), email=email, phone=phone)
    session.add(row)
    await session.flush()
    return Asker(row.id)


async def fail(session: AsyncSession, asker: Asker, times: int, *, number: str = "LC-100001", ago: int = 10) -> None:
    at = NOW - timedelta(minutes=ago)
    session.add_all([OrderTryRow(contact_id=asker.contact_id, order_number=number, right=False, at=at) for _ in range(times)])
    await session.flush()


@pytest.mark.parametrize("number", ["LC100001", "lc-100001", "ＬＣ－１０００01"])
async def test_an_order_is_found_by_every_form_of_its_number_as_it_was_stored(session: AsyncSession, number: str) -> None:
    await import_orders(session, [order("LC-100001")])
    assert await find_order(session, number) == order("LC-100001")


async def test_an_unknown_number_finds_nothing(session: AsyncSession) -> None:
    assert await find_order(session, "LC-999999") is None


@pytest.mark.parametrize("proof", ["ANA@example.com", "6600 0001", "+85366000001"])
async def test_the_email_or_the_phone_of_the_order_opens_it(session: AsyncSession, proof: str) -> None:
    await import_orders(session, [order("LC-100001")])
    access = await access_order(session, "lc100001", proof=proof, asker=await stranger(session), now=NOW)
    assert access.order == order("LC-100001")
    assert access.returnable == {"POT": True, "TEA": False}


async def test_a_wrong_number_a_wrong_proof_and_no_proof_give_the_same_answer(session: AsyncSession) -> None:
    await import_orders(session, [order("LC-100001")])
    asker = await stranger(session)
    tries = [("LC-100009", "ana@example.com"), ("LC-100001", "other@example.com"), ("LC-100001", None), ("LC-100001", "")]
    answers = [await access_order(session, number, proof=proof, asker=asker, now=NOW) for number, proof in tries]
    assert {(answer.order, answer.refusal) for answer in answers} == {(None, "not_found")}


async def test_a_verified_owner_needs_no_proof_and_an_unverified_claim_is_worth_nothing(session: AsyncSession) -> None:
    await import_orders(session, [order("LC-100001")])
    contact = (await stranger(session)).contact_id
    for asker, seen in [
        (Asker(contact, True, "Ana@example.com"), True),
        (Asker(contact, True, None, "+853 6600 0001"), True),
        (Asker(contact, False, "ana@example.com", "+85366000001"), False),
        (Asker(contact, True, "other@example.com", "+8613866000001"), False),
    ]:
        access = await access_order(session, "LC-100001", proof=None, asker=asker, now=NOW)
        assert (access.order is not None) is seen


async def test_after_five_wrong_tries_in_an_hour_even_the_right_proof_is_locked_out(session: AsyncSession) -> None:
    await import_orders(session, [order("LC-100001")])
    asker = await stranger(session)
    await fail(session, asker, 4, number="LC-555555")
    assert (await access_order(session, "LC-100001", proof="ana@example.com", asker=asker, now=NOW)).refusal is None
    await fail(session, asker, 1, number="LC-555556")
    assert (await access_order(session, "LC-100001", proof="ana@example.com", asker=asker, now=NOW)).refusal == "locked"


async def test_wrong_tries_of_many_contacts_lock_the_number_for_strangers_but_not_for_its_verified_owner(session: AsyncSession) -> None:
    await import_orders(session, [order("LC-100001")])
    for _ in range(5):
        await fail(session, await stranger(session), 1)
    asker = await stranger(session)
    assert (await access_order(session, "lc100001", proof="ana@example.com", asker=asker, now=NOW)).refusal == "locked"
    owner = Asker(asker.contact_id, True, "ana@example.com")
    assert (await access_order(session, "LC-100001", proof=None, asker=owner, now=NOW)).order is not None


async def test_the_lock_opens_after_an_hour(session: AsyncSession) -> None:
    await import_orders(session, [order("LC-100001")])
    asker = await stranger(session)
    await fail(session, asker, 9, ago=61)
    assert (await access_order(session, "LC-100001", proof="ana@example.com", asker=asker, now=NOW)).refusal is None


async def test_orders_of_a_customer_come_newest_first_by_email_or_phone(session: AsyncSession) -> None:
    others = order("LC-100004", email="x@example.com", phone="+85366000009", age=0)
    await import_orders(session, [order("LC-100001", age=9), order("LC-100002", age=1), order("LC-100003", email="b@example.com"), others])
    found = await orders_of(session, email="ANA@example.com", phone="66000001")
    assert [o.number for o in found] == ["LC-100002", "LC-100003", "LC-100001"]
    assert await orders_of(session, email=None, phone=None) == ()


async def test_an_agent_sees_the_contacts_orders_and_those_it_proved_but_none_it_failed_at(session: AsyncSession) -> None:
    numbers = ["LC-100002", "LC-100003"]
    await import_orders(session, [order("LC-100001", age=9), *(order(n, email="b@example.com", phone=None) for n in numbers)])
    asker = await stranger(session, email="ana@example.com")
    await fail(session, asker, 1, number="LC-100003")
    session.add(OrderTryRow(contact_id=asker.contact_id, order_number="LC-100002", right=True, at=NOW))
    await session.flush()
    assert [o.number for o in await orders_for_agent(session, asker.contact_id)] == ["LC-100002", "LC-100001"]
    assert await orders_for_agent(session, uuid.uuid4()) == ()
