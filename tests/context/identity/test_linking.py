"""Who is linked by what, and who is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from context.contacts import get_trusted, is_verified
from context.events import Actor
from context.identity.by_order import link_by_order
from context.identity.identifiers import Method, parse_identifier
from context.identity.linking import MemberTakenError, claim, list_identifiers
from context.identity.models import MergeRow
from context.identity.suggesting import confirm, dismiss, list_suggestions
from context.ledger import Ledger
from context.models import IdentityRow, OrderTryRow
from context.orders.importing import import_orders
from kit.errors import ConflictError
from sample_shop.orders import sample_orders
from tests.context.identity.people import contact_at, proves, whatsapp_customer, writes

pytestmark = pytest.mark.integration
NUMBER = "+85362000000"


async def merges(session: AsyncSession) -> list[MergeRow]:
    return list((await session.execute(select(MergeRow))).scalars())


async def test_a_typed_address_links_and_opens_nothing_but_is_suggested(session: AsyncSession, ledger: Ledger) -> None:
    member = await writes(session, ledger, by="ana")
    await proves(session, ledger, member.contact_id, "email", "ana@example.com")
    other = await writes(session, ledger, by="someone")
    await claim(session, other.contact_id, parse_identifier("email", "Ana@example.com"), method=Method.TYPED, at=ledger.now)
    assert await merges(session) == []
    assert not await is_verified(session, other.contact_id)
    assert (await get_trusted(session, other.contact_id)).email is None
    suggested = await list_suggestions(session, contact_id=other.contact_id)
    assert [(one.kind, one.value) for one in suggested] == [("email", "ana@example.com")]


async def test_a_code_links_to_the_one_who_has_the_number_on_another_channel(session: AsyncSession, ledger: Ledger) -> None:
    phone = await whatsapp_customer(session, ledger, NUMBER, name="Ana")
    visitor = await writes(session, ledger, by="browser")
    proof = await proves(session, ledger, visitor.contact_id, "phone", "6200 0000")
    assert proof.merge is not None
    assert await contact_at(session, "browser") == await contact_at(session, "85362000000", "whatsapp") == phone.contact_id
    assert (await get_trusted(session, phone.contact_id)).phone == NUMBER


@pytest.mark.parametrize("what", ["name", "email", "member", "shared", "two"])
async def test_a_shared_number_does_not_merge_people_silently(session: AsyncSession, ledger: Ledger, what: str) -> None:
    ana = await whatsapp_customer(session, ledger, NUMBER, name="Ana Reis")
    rui = await writes(session, ledger, by="rui", name="Rui Alves" if what == "name" else None)
    if what in ("email", "member"):
        for contact_id, said in ((ana.contact_id, "ana@example.com"), (rui.contact_id, "rui@example.com")):
            await proves(session, ledger, contact_id, what, said, Method.SIGNED)
    if what == "shared":
        (await list_identifiers(session, ana.contact_id))[0].shared = True
    if what == "two":
        third = await writes(session, ledger, by="third")
        (await proves(session, ledger, third.contact_id, "email", "third@example.com"))
        (await proves(session, ledger, ana.contact_id, "email", "ana@example.com"))
        await proves(session, ledger, third.contact_id, "phone", NUMBER)
    proof = await proves(session, ledger, rui.contact_id, "phone", NUMBER)
    assert (proof.merge, proof.contact_id, await merges(session)) == (None, rui.contact_id, [])
    open_ones = [s for s in await list_suggestions(session) if rui.contact_id in {c[0] for c in s.contacts}]
    assert len(open_ones) == {"shared": 0, "two": 2}.get(what, 1)
    if what in ("name", "email", "member"):
        assert what in open_ones[0].doubts
    assert (await get_trusted(session, rui.contact_id)).phone == NUMBER  # they both have it


async def test_two_members_are_never_one(session: AsyncSession, ledger: Ledger) -> None:
    one = await writes(session, ledger, by="one")
    await proves(session, ledger, one.contact_id, "member", "M-1", Method.SIGNED)
    with pytest.raises(MemberTakenError):
        await proves(session, ledger, one.contact_id, "member", "M-2", Method.SIGNED)


async def test_a_person_confirms_or_dismisses_and_is_not_asked_twice(session: AsyncSession, ledger: Ledger) -> None:
    ana = await whatsapp_customer(session, ledger, NUMBER, name="Ana Reis")
    wife, rui = await writes(session, ledger, by="other", name="A. Reis-Silva"), await writes(session, ledger, by="rui", name="Rui")
    for conversation in (wife, rui):
        await claim(session, conversation.contact_id, parse_identifier("phone", NUMBER), method=Method.TYPED, at=ledger.now)
    pairs = {frozenset(one[0] for one in s.contacts): s for s in await list_suggestions(session)}
    found = {c.contact_id: pairs[frozenset((ana.contact_id, c.contact_id))] for c in (wife, rui)}
    by, wife_id = Actor("agent", "someone"), wife.contact_id
    await dismiss(session, ledger, found[rui.contact_id].id, actor=by, shared=False)
    merge = await confirm(session, ledger, found[wife_id].id, actor=by)
    assert (merge.into_id, merge.method, merge.actor_id) == (ana.contact_id, "agent", "someone")
    await claim(session, rui.contact_id, parse_identifier("phone", NUMBER), method=Method.TYPED, at=ledger.now)
    assert await list_suggestions(session) == []
    with pytest.raises(ConflictError):
        await confirm(session, ledger, found[wife_id].id, actor=by)


async def test_a_proven_order_links_who_is_nobody_else_but_opens_no_other_order(session: AsyncSession, ledger: Ledger) -> None:
    order = next(o for o in sample_orders(ledger.now.date()) if o.phone)
    await import_orders(session, [order])
    owner = await writes(session, ledger, by="owner")
    await proves(session, ledger, owner.contact_id, "email", order.email, Method.SIGNED)
    guest = await writes(session, ledger, by="guest")
    assert await link_by_order(session, ledger, guest.contact_id, order.number) is None  # nothing was proven
    session.add(OrderTryRow(contact_id=guest.contact_id, order_number=order.number, right=True))
    await session.flush()
    proof = await link_by_order(session, ledger, guest.contact_id, order.number)
    assert proof is not None
    assert proof.contact_id == owner.contact_id
    assert await link_by_order(session, ledger, owner.contact_id, order.number) is not None  # again: nothing more happens
    assert len(await merges(session)) == 1
    identity = (await session.execute(select(IdentityRow).where(IdentityRow.external_id == "guest"))).scalar_one()
    await session.refresh(identity)
    assert identity.sees_from == ledger.now or identity.sees_from is not None
    assert not (await get_trusted(session, owner.contact_id, address=("web", "shop", "guest"))).verified
    assert (await get_trusted(session, owner.contact_id, address=("web", "shop", "owner"))).verified
