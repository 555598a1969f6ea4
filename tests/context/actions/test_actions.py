"""Actions on the real database: what is stored, what is refused, what a repeat does."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.actions import ACTIONS, ActionContext, ActionRefusedError, ActionResult, failure, perform
from context.events import ActionDone, Actor, OrderSeen
from context.identity.models import IdentifierRow
from context.models import ContactRow, IdentityRow, OrderTryRow, ReturnRow
from context.orders.importing import import_orders
from context.orders.reading import access_order, returns_of
from context.orders.types import Asker, SoldItem
from context.types import Effect, Order, Shipment
from kit.db import Database
from kit.errors import InvalidInputError

pytestmark = pytest.mark.integration
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
ARRIVED = date(2026, 7, 15)
NUMBER = "LC-100002"


def order(number: str = NUMBER, *, status: str = "delivered", arrived: date | None = ARRIVED) -> Order:
    items = (
        SoldItem("POT", "Glazed teapot 300 ml", 1, 26800),
        SoldItem("CUP", "Gold-rimmed cup set", 1, 32800),
        SoldItem("TEA", "Jasmine tea 100 g", 1, 8800, returnable=False),
    )
    parcel = Shipment("Pato Courier", "PC2", "delivered", "2026-07-15", arrived.isoformat() if arrived else None)
    return Order(number, status, NOW - timedelta(days=8), "MOP", 68400, items, (parcel,), "ana@example.com", "+85366000001", "Ana", {})


async def proven(session: AsyncSession) -> ActionContext:
    """The bot speaking with a customer who has proved the order."""
    await import_orders(session, [order()])
    contact = ContactRow(id=uuid.uuid4())
    session.add(contact)
    await session.flush()
    found = ActionContext(session, None, contact.id, Actor("bot"), "turn-1", NOW)
    await perform(found, Effect("note_order_try", {"order_number": NUMBER, "right": True}))
    return found


@pytest.fixture
async def context(session: AsyncSession) -> ActionContext:
    return await proven(session)


async def ask(context: ActionContext, **other: Any) -> ActionResult:
    arguments = {"order_number": NUMBER, "item": "POT", "reason": "changed_mind", "wish": "refund"} | other
    return await perform(context, Effect("request_return", arguments))


async def refused(context: ActionContext, **other: Any) -> str:
    with pytest.raises(ActionRefusedError) as caught:
        await ask(context, **other)
    assert await context.session.scalar(select(func.count()).select_from(ReturnRow)) == 0
    return caught.value.reason


async def test_a_return_is_stored_with_a_reference_and_told_in_an_event(context: ActionContext) -> None:
    result = await ask(context, order_number="lc100002", details="too big")
    assert result.data["reference"] == "RT-10001"
    assert result.events == (ActionDone("request_return", "turn-1", result.data),)
    (stored,) = await returns_of(context.session, NUMBER)
    assert (stored.item, stored.reason, stored.wish, stored.status, stored.at) == (
        "POT",
        "changed_mind: too big",
        "refund",
        "requested",
        NOW,
    )


async def test_a_repeat_of_the_same_key_gives_the_same_reference_and_no_event(context: ActionContext) -> None:
    first, second = await ask(context), await ask(context)
    assert second.data == first.data | {"repeated": True}
    assert second.events == ()
    assert len(await returns_of(context.session, NUMBER)) == 1


async def test_many_at_once_with_one_key_or_one_item_store_one_request(database: Database) -> None:
    async with database.transaction() as session:
        shared = await proven(session)

    async def once(key: str) -> str:
        async with database.transaction() as session:
            return str((await ask(replace(shared, session=session, key=key))).data["reference"])

    references = await asyncio.gather(*(once(key) for key in ["same"] * 4 + ["other-1", "other-2"]))
    assert len(set(references)) == 1
    async with database.transaction() as session:
        assert len(await returns_of(session, NUMBER)) == 1


async def test_a_second_wish_for_the_same_item_changes_the_open_request(context: ActionContext) -> None:
    first = await ask(context)
    second = await ask(replace(context, key="turn-2"), wish="exchange")
    assert second.data == first.data | {"wish": "exchange"}
    assert [r.wish for r in await returns_of(context.session, NUMBER)] == ["exchange"]


async def test_another_item_gets_the_next_reference(context: ActionContext) -> None:
    await ask(context)
    assert (await ask(replace(context, key="turn-2"), item="gold-rimmed")).data["reference"] == "RT-10002"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"item": "kettle"}, "not_in_order"),
        ({"item": "g"}, "not_in_order"),
        ({"item": "jasmine tea 100 g"}, "not_returnable"),
        ({"order_number": "LC-999999"}, "not_found"),
    ],
)
async def test_what_the_rules_forbid_is_refused(context: ActionContext, other: dict[str, str], reason: str) -> None:
    assert await refused(context, **other) == reason


async def test_tea_that_was_damaged_can_be_returned_within_a_week(context: ActionContext) -> None:
    assert (await ask(context, item="TEA", reason="damaged")).data["item"] == "TEA"
    later = replace(context, now=datetime(2026, 7, 23, tzinfo=UTC), key="turn-2")
    with pytest.raises(ActionRefusedError, match="time"):
        await ask(later, item="TEA", reason="wrong")


async def test_the_thirtieth_day_is_in_time_and_the_next_is_not(context: ActionContext) -> None:
    assert await refused(replace(context, now=datetime(2026, 8, 15, tzinfo=UTC))) == "too_late"
    assert (await ask(replace(context, now=datetime(2026, 8, 14, 23, tzinfo=UTC)))).data["status"] == "requested"


@pytest.mark.parametrize(
    ("status", "arrived", "reason"),
    [("in_transit", None, "not_delivered"), ("delivered", None, "not_delivered"), ("refunded", ARRIVED, "already_settled")],
)
async def test_an_order_that_is_not_there_or_is_settled_is_refused(
    context: ActionContext, status: str, arrived: date | None, reason: str
) -> None:
    await import_orders(context.session, [order(status=status, arrived=arrived)])
    assert await refused(context) == reason


async def test_an_item_whose_return_has_arrived_cannot_be_returned_again(context: ActionContext) -> None:
    await ask(context)
    (row,) = (await context.session.scalars(select(ReturnRow))).all()
    row.status = "received"
    await context.session.flush()
    with pytest.raises(ActionRefusedError, match="already"):
        await ask(replace(context, key="turn-2"))


async def test_who_never_proved_the_order_is_refused_as_if_it_did_not_exist(context: ActionContext) -> None:
    stranger = ContactRow(id=uuid.uuid4(), email="ana@example.com")
    context.session.add(stranger)
    await context.session.flush()
    other = replace(context, contact_id=stranger.id)
    assert await refused(other) == "not_found"
    context.session.add(IdentityRow(contact_id=stranger.id, channel="web", account="shop", external_id="x", verified=True))
    await context.session.flush()
    assert await refused(other) == "not_found"  # who they are is proven; that the address is theirs is not
    proven = IdentifierRow(contact_id=stranger.id, kind="email", value="ana@example.com", verified=True, method="code")
    context.session.add(proven)
    await context.session.flush()
    assert (await ask(other)).data["reference"].startswith("RT-")


async def test_an_agent_needs_no_proof_from_the_customer(context: ActionContext) -> None:
    stranger = ContactRow(id=uuid.uuid4())
    context.session.add(stranger)
    await context.session.flush()
    assert (await ask(replace(context, contact_id=stranger.id, actor=Actor("agent", "7")))).data["reference"] == "RT-10001"


async def test_wrong_tries_noted_by_the_action_lock_the_customer_out(context: ActionContext) -> None:
    asker = Asker(context.contact_id)
    for _ in range(5):
        await perform(context, Effect("note_order_try", {"order_number": "lc100002", "right": False}))
    assert (await access_order(context.session, NUMBER, proof="ana@example.com", asker=asker, now=NOW)).refusal == "locked"
    assert await context.session.scalar(select(func.count()).select_from(OrderTryRow).where(~OrderTryRow.right)) == 5


async def test_an_order_that_was_shown_becomes_an_event(context: ActionContext) -> None:
    result = await perform(context, Effect("order_seen", {"order_number": "lc 100002"}))
    assert result.events == (OrderSeen(NUMBER, "bot"),)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("fly", {}, "no action 'fly'"),
        ("order_seen", {}, "order_number"),
        ("order_seen", {"order_number": "LC-1", "more": 1}, "more"),
        ("note_order_try", {"order_number": "LC-1", "right": "perhaps"}, "right"),
        ("request_return", {"order_number": NUMBER, "item": " ", "reason": "other", "wish": "refund"}, "item"),
        ("request_return", {"order_number": NUMBER, "item": "POT", "reason": "other", "wish": "money"}, "wish"),
    ],
)
async def test_unknown_actions_and_wrong_arguments_are_refused(
    context: ActionContext, name: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await perform(context, Effect(name, arguments))
    assert said in caught.value.message


async def test_a_refusal_becomes_an_event_with_its_reason(context: ActionContext) -> None:
    effect = Effect("request_return", {"order_number": NUMBER, "item": "TEA", "reason": "other", "wish": "refund"})
    with pytest.raises(ActionRefusedError) as caught:
        await perform(context, effect)
    event = failure(context, effect, caught.value)
    assert (event.action, event.key, event.reason) == ("request_return", "turn-1", "not_returnable")
    assert caught.value.as_json()["reason"] == "not_returnable"


def test_every_action_is_registered_under_its_own_name() -> None:
    assert {name: action.name for name, action in ACTIONS.items()} == {n: n for n in ACTIONS}
    assert {"request_return", "note_order_try", "order_seen"} <= ACTIONS.keys()
