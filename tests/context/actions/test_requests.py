"""What customers ask to have done: stored once, under a reference, refused with a reason, touched by nobody else."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.actions import ActionContext, ActionRefusedError, ActionResult, perform
from context.events import ActionDone, Actor, RatingGiven
from context.models import ContactRow, ConversationRow, RatingRow
from context.orders.importing import import_orders
from context.orders.reading import find_order
from context.orders.types import SoldItem
from context.shop.importing import import_gift_cards, import_points, import_products
from context.shop.models import GiftCardRow, ServiceRequestRow
from context.shop.reading import access_gift_card, find_points, list_products, list_requests
from context.shop.types import GiftCard, Points, Product, RequestKind, RequestStatus
from context.types import Effect, Order, Shipment
from kit.db import Database
from kit.errors import InvalidInputError

pytestmark = pytest.mark.integration
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)  # a Monday
NUMBER = "LC-100002"
HOME = {"line": "1 Rua do Exemplo", "city": "Macau", "country": "MO"}


def order(status: str = "paid", *, expected: str | None = None, delivered: str | None = None) -> Order:
    parcels = (Shipment("Pato Courier", "PC2", status, expected, delivered),) if expected or delivered else ()
    items = (SoldItem("POT", "Glazed teapot 300 ml", 1, 26800),)
    placed = NOW - timedelta(days=8)
    return Order(NUMBER, status, placed, "MOP", 26800, items, parcels, "ana@example.com", "+85366000001", "Ana", HOME)


async def proven(session: AsyncSession, *orders: Order) -> ActionContext:
    """The bot speaking with a customer who has proved the order."""
    await import_orders(session, orders or [order()])
    contact = ContactRow(id=uuid.uuid4())
    session.add(contact)
    await session.flush()
    conversation = ConversationRow(id=uuid.uuid4(), contact_id=contact.id, thread_key="chat", channel="web", account="shop")
    session.add(conversation)
    await session.flush()
    found = ActionContext(session, conversation.id, contact.id, Actor("bot"), "turn-1", NOW)
    await perform(found, Effect("note_order_try", {"order_number": NUMBER, "right": True}))
    return found


@pytest.fixture
async def context(session: AsyncSession) -> ActionContext:
    return await proven(session)


ASKED: dict[str, dict[str, Any]] = {
    "cancel_order": {"order_number": "lc100002", "reason": "bought twice"},
    "change_address": {"order_number": NUMBER, "line": "2 Travessa da Amostra", "city": "Macau"},
    "request_invoice": {"order_number": NUMBER},
    "report_problem": {"order_number": NUMBER, "problem": "late", "details": "nothing came"},
    "record_complaint": {"words": "nobody answered the phone"},
}
OVERDUE = order("delayed", expected="2026-07-10")


async def ask(context: ActionContext, name: str, **other: Any) -> ActionResult:
    return await perform(context, Effect(name, ASKED[name] | other))


async def prepared(context: ActionContext, name: str) -> None:
    if name == "report_problem":
        await import_orders(context.session, [OVERDUE])


@pytest.mark.parametrize("name", ASKED)
async def test_a_request_is_stored_with_a_reference_and_told_in_an_event(context: ActionContext, name: str) -> None:
    await prepared(context, name)
    result = await ask(context, name)
    assert result.data["reference"] == "SR-20001"
    assert result.events == (ActionDone(name, "turn-1", result.data),)
    (stored,) = await list_requests(context.session, contact_id=context.contact_id)
    assert (stored.reference, stored.status, stored.at) == ("SR-20001", RequestStatus.OPEN, NOW)
    assert stored.conversation_id == str(context.conversation_id)


@pytest.mark.parametrize("name", ASKED)
async def test_a_repeat_of_the_same_key_gives_the_same_reference_and_no_event(context: ActionContext, name: str) -> None:
    await prepared(context, name)
    first, second = await ask(context, name), await ask(context, name)
    assert second.data == first.data | {"repeated": True}
    assert second.events == ()
    assert await context.session.scalar(select(func.count()).select_from(ServiceRequestRow)) == 1


@pytest.mark.parametrize("name", [n for n in ASKED if n != "record_complaint"])
async def test_who_never_proved_the_order_is_refused_as_if_it_did_not_exist(context: ActionContext, name: str) -> None:
    await prepared(context, name)
    stranger = ContactRow(id=uuid.uuid4(), email="ana@example.com")
    context.session.add(stranger)
    await context.session.flush()
    with pytest.raises(ActionRefusedError) as caught:
        await ask(replace(context, contact_id=stranger.id), name)
    assert caught.value.reason == "not_found"
    assert await list_requests(context.session) == ()
    agent = replace(context, contact_id=stranger.id, actor=Actor("agent", "7"))
    assert (await ask(agent, name)).data["reference"].startswith("SR-")


async def test_a_cancelled_order_is_cancelled_and_cannot_be_cancelled_again(context: ActionContext) -> None:
    await ask(context, "cancel_order")
    found = await find_order(context.session, NUMBER)
    assert found is not None
    assert found.status == "cancelled"
    with pytest.raises(ActionRefusedError) as caught:
        await ask(replace(context, key="turn-2"), "cancel_order")
    assert caught.value.reason == "already_cancelled"


async def test_many_at_once_cancel_once(database: Database) -> None:
    async with database.transaction() as session:
        shared = await proven(session)

    async def once(key: str) -> str:
        async with database.transaction() as session:
            try:
                return str((await ask(replace(shared, session=session, key=key), "cancel_order")).data["reference"])
            except ActionRefusedError as error:
                return error.reason

    outcomes = await asyncio.gather(*(once(key) for key in ["same", "same", "other-1", "other-2"]))
    assert len({o for o in outcomes if o.startswith("SR-")}) == 1
    async with database.transaction() as session:
        assert len(await list_requests(session, order_number=NUMBER)) == 1


@pytest.mark.parametrize("name", ["cancel_order", "change_address"])
@pytest.mark.parametrize(
    ("there", "reason"),
    [
        (order("in_transit", expected="2026-07-22"), "sent"),
        (order("paid", expected="2026-07-22"), "sent"),
        (order("delivered", delivered="2026-07-18"), "arrived"),
        (order("cancelled"), "already_cancelled"),
        (order("ready_for_pickup", expected="2026-07-22"), "in_store"),
    ],
)
async def test_what_has_left_the_warehouse_is_neither_cancelled_nor_redirected(
    context: ActionContext, name: str, there: Order, reason: str
) -> None:
    await import_orders(context.session, [there])
    with pytest.raises(ActionRefusedError) as caught:
        await ask(context, name)
    assert caught.value.reason == reason
    assert await list_requests(context.session) == ()


async def test_a_changed_address_stays_in_the_country_and_the_old_one_is_kept(context: ActionContext) -> None:
    await ask(context, "change_address")
    found = await find_order(context.session, NUMBER)
    assert found is not None
    assert found.address == {"line": "2 Travessa da Amostra", "city": "Macau", "country": "MO"}
    (stored,) = await list_requests(context.session, order_number=NUMBER)
    assert stored.details["address_before"] == HOME
    second = await ask(replace(context, key="turn-2"), "change_address", line="3 Rua Outra")
    assert second.data["reference"] == stored.reference


@pytest.mark.parametrize(
    ("there", "problem", "reason"),
    [
        (order("paid"), "late", "not_sent"),
        (order("cancelled"), "late", "cancelled"),
        (order("in_transit", expected="2026-07-16"), "late", "not_late"),
        (order("in_transit", expected="2026-07-16"), "damaged", "not_arrived"),
        (order("delivered", delivered="2026-07-12"), "wrong", "too_late"),
        (order("delivered", delivered="2026-07-19"), "late", "not_late"),
    ],
)
async def test_a_problem_that_cannot_be_taken_up_is_refused_with_its_reason(
    context: ActionContext, there: Order, problem: str, reason: str
) -> None:
    await import_orders(context.session, [there])
    with pytest.raises(ActionRefusedError) as caught:
        await ask(context, "report_problem", problem=problem)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("there", "problem"),
    [
        (order("in_transit", expected="2026-07-15"), "late"),
        (order("lost", expected="2026-07-01"), "lost"),
        (order("delivered", delivered="2026-07-19"), "lost"),
        (order("delivered", delivered="2026-07-13"), "damaged"),
        (order("delivered", delivered="2026-07-20"), "missing"),
    ],
)
async def test_a_problem_in_its_time_is_taken_up(context: ActionContext, there: Order, problem: str) -> None:
    await import_orders(context.session, [there])
    result = await ask(context, "report_problem", problem=problem)
    assert result.data["kind"] == RequestKind.PROBLEM
    (stored,) = await list_requests(context.session, status=RequestStatus.OPEN)
    assert stored.details == {"problem": problem, "words": "nothing came"}


async def test_an_invoice_goes_to_the_e_mail_of_the_order_and_nowhere_else(context: ActionContext) -> None:
    await ask(context, "request_invoice", made_out_to="Amostra Ltd., 1234")
    (stored,) = await list_requests(context.session)
    assert stored.details == {"email": "ana@example.com", "made_out_to": "Amostra Ltd., 1234"}
    with pytest.raises(InvalidInputError, match="email"):
        await ask(context, "request_invoice", email="eve@example.com")


async def test_a_company_is_added_within_thirty_days_and_an_unpaid_order_has_no_invoice(context: ActionContext) -> None:
    late = replace(context, now=NOW + timedelta(days=23))
    with pytest.raises(ActionRefusedError) as caught:
        await ask(late, "request_invoice", made_out_to="Amostra Ltd.")
    assert caught.value.reason == "too_late"
    assert (await ask(late, "request_invoice")).data["reference"] == "SR-20001"
    await import_orders(context.session, [order("placed")])
    with pytest.raises(ActionRefusedError, match="paid"):
        await ask(replace(context, key="turn-3"), "request_invoice")


async def test_feedback_is_a_rating_and_a_repeat_stores_nothing(context: ActionContext) -> None:
    effect = Effect("record_feedback", {"score": 4, "comment": "quick answer"})
    first, second = await perform(context, effect), await perform(context, effect)
    assert first.events == (RatingGiven(first.data["rating_id"], 4, comment_given=True),)
    assert (second.data, second.events) == (first.data | {"repeated": True}, ())
    (row,) = (await context.session.scalars(select(RatingRow))).all()
    assert (row.score, row.comment, row.given_at, row.conversation_id) == (4, "quick answer", NOW, context.conversation_id)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("record_feedback", {"score": 6}),
        ("record_complaint", {"words": "  "}),
        ("report_problem", {"order_number": NUMBER, "problem": "sad"}),
        ("change_address", {"order_number": NUMBER, "line": "x", "city": "Macau"}),
    ],
)
async def test_wrong_arguments_are_refused(context: ActionContext, name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        await perform(context, Effect(name, arguments))


async def test_a_gift_card_is_read_by_its_code_which_is_not_stored(context: ActionContext) -> None:
    card = GiftCard("", 12_500, "MOP", datetime(2027, 5, 1, tzinfo=UTC).date())
    await import_gift_cards(context.session, {"LANT-7Q2M-XK84": card})
    (row,) = (await context.session.scalars(select(GiftCardRow))).all()
    assert "7Q2M" not in row.code_hash.upper()
    access = await access_gift_card(context.session, "lant 7q2m xk84", contact_id=context.contact_id, now=NOW)
    assert access.card == replace(card, ending="XK84")
    wrong = await access_gift_card(context.session, "LANT-7Q2M-XK85", contact_id=context.contact_id, now=NOW)
    assert (wrong.card, wrong.refusal) == (None, "not_found")


async def test_the_sixth_wrong_code_within_an_hour_locks_even_the_right_one(context: ActionContext) -> None:
    await import_gift_cards(context.session, {"AAAA": GiftCard("", 100, "MOP", NOW.date())})
    for n in range(5):
        await perform(replace(context, key=str(n)), Effect("note_gift_card_try", {"right": False}))
    assert (await access_gift_card(context.session, "AAAA", contact_id=context.contact_id, now=NOW)).refusal == "locked"
    later = NOW + timedelta(hours=1)
    assert (await access_gift_card(context.session, "AAAA", contact_id=context.contact_id, now=later)).card is not None


async def test_products_and_points_are_read_as_they_were_imported_last(session: AsyncSession) -> None:
    pot = Product("POT", {"en": "Teapot", "zh-Hant": "茶壺"}, 26_800, "MOP", 0, "2026-08-01")
    await import_products(session, [pot, Product("CUP", {"en": "Cup"}, 100, "MOP")])
    await import_products(session, [replace(pot, stock=3, restock_on=None)])
    assert [(p.sku, p.stock, p.available) for p in await list_products(session)] == [("POT", 3, True), ("CUP", None, True)]
    assert pot.title("zh-Hans") == "茶壺"
    assert pot.title("pt-BR") == "Teapot"
    await import_points(session, {"Ana@Example.com": Points(340, 40, NOW.date())})
    assert await find_points(session, "ana@example.com") == Points(340, 40, NOW.date())
    assert await find_points(session, "eve@example.com") is None
