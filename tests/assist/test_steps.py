"""What an agent is told and may do beside a conversation: the right order, the likely action, what it lacks, done in two steps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.errors import install_error_handlers
from assist.endpoints import assist_router
from assist.steps.asking import QUESTIONS
from assist.steps.proposing import NEEDED, Situation, propose, questions_for
from context.actions import ACTIONS
from context.conversations import dump_understanding, lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.models import ContactRow, EventRow, MessageRow, OrderRow
from context.orders.importing import import_orders
from context.ownership import hand_off, take_over
from context.shop.models import ServiceRequestRow
from context.staff.accounts import create_api_token, create_staff
from context.staff.models import StaffRow
from context.types import Entity, HandoffReason, HandoffRequest, Inbound, Order, OrderItem, Role, Shipment, Understanding
from kit.db import Database
from sample_shop.orders import sample_orders

TODAY = date(2026, 7, 20)
NOW = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)


def order(status: str, *, items: int = 1, delivered: str | None = None, parcel: bool = True) -> Order:
    shipments = (Shipment("Pato Courier", "PC1", status, "2026-07-10", delivered),) if parcel else ()
    lines = tuple(OrderItem(f"sku-{n}", f"Lamp {n}", 1, 1000) for n in range(items))
    return Order("LC-1", status, NOW, "MOP", 1000, lines, shipments, "ana@example.com", None, "Ana", {})


def said(text: str, intent: str | None, confidence: float = 0.9, *entities: Entity) -> tuple[str, Understanding]:
    return text, Understanding("en", intent, confidence, (), entities)


def proposed(*messages: tuple[str, Understanding], about: Order | None = None, slots: dict[str, Any] | None = None) -> list[Any]:
    return list(propose(Situation(messages, slots or {}, about, NOW)))


def test_the_likely_action_comes_with_what_is_known_and_what_is_missing() -> None:
    arrived = order("delivered", delivered="2026-07-15")
    found = proposed(said("I want to return it", "request_return"), about=arrived, slots={"return_wish": "refund"})
    assert [(one.action, one.arguments, one.missing) for one in found] == [
        ("request_return", {"order_number": "LC-1", "item": "sku-0", "wish": "refund"}, ("reason",))
    ]
    assert [one.text for one in questions_for(found, "pt")] == [QUESTIONS["reason"]["pt"]]


def test_an_action_that_the_rules_forbid_comes_last_and_says_why() -> None:
    found = proposed(said("cancel it", "cancel_order"), said("and the invoice", "faq/invoice", 0.6), about=order("in_transit"))
    assert [(one.action, one.refusal) for one in found] == [("request_invoice", None), ("cancel_order", "sent")]
    assert questions_for(found[1:], "en") == ()


def test_a_late_order_that_is_asked_after_is_looked_for() -> None:
    found = proposed(said("where is it?", "track_order"), about=order("delayed"))
    assert [(one.action, one.arguments["problem"]) for one in found] == [("report_problem", "late")]


@pytest.mark.parametrize("intent", ["greet", "thank", None, "faq/store_hours"])
def test_nothing_is_proposed_where_nothing_is_wanted(intent: str | None) -> None:
    assert proposed(said("hello there", intent), about=order("delayed")) == []


def test_what_was_said_long_ago_counts_less() -> None:
    old = [said("cancel it", "cancel_order", 0.5), said("ok", "affirm"), said("hm", "affirm"), said("well", "affirm")]
    assert proposed(*old, about=order("paid", parcel=False)) == []


def test_of_several_items_the_one_that_is_named_is_meant() -> None:
    two = order("delivered", items=2, delivered="2026-07-15")
    assert "item" in proposed(said("return something", "request_return"), about=two)[0].missing
    assert proposed(said("return the lamp 1", "request_return"), about=two)[0].arguments["item"] == "sku-1"


def test_every_action_exists_and_everything_that_may_be_missing_can_be_asked() -> None:
    assert NEEDED.keys() <= ACTIONS.keys()
    assert {name for names in NEEDED.values() for name in names} - QUESTIONS.keys() == {"words"}
    assert all(set(texts) == {"en", "zh-Hant", "zh-Hans", "pt"} for texts in QUESTIONS.values())


class Desk:
    """An agent, a customer, and the API between them."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database, self.ledger = database, ledger
        app = FastAPI()
        install_error_handlers(app)
        app.include_router(assist_router(database, ledger))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example")

    async def person(self, role: Role = Role.AGENT) -> tuple[StaffRow, dict[str, str]]:
        async with self.database.transaction() as session:
            staff = await create_staff(session, email=f"{uuid4().hex}@shop.example", name="Bo", role=role, password="long enough to pass")
            return staff, {"Authorization": f"Bearer {await create_api_token(session, staff, label='t')}"}

    async def conversation(self, text: str, intent: str, *, holder: StaffRow | None, email: str, number: str | None = None) -> UUID:
        """A customer has written; `holder` has it, or it waits."""
        entities = (Entity("order_number", number, number, 0, len(number)),) if number else ()
        understood = dump_understanding(Understanding("en", intent, 0.9, ((intent, 0.9),), entities))
        async with self.database.transaction() as session:
            recorded = await record_inbound(session, self.ledger, Inbound("web", "shop", uuid4().hex, uuid4().hex, text))
            await session.execute(update(MessageRow).where(MessageRow.id == recorded.message.id).values(understanding=understood))
            conversation = await lock_conversation(session, recorded.message.conversation_id)
            await session.execute(update(ContactRow).where(ContactRow.id == conversation.contact_id).values(email=email))
            await hand_off(session, self.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
            if holder is not None:
                await take_over(session, self.ledger, conversation, staff=holder)
            return conversation.id

    async def ask(self, method: str, path: str, *, as_: dict[str, str], status: int = 200, **options: Any) -> Any:
        answer = await self.http.request(method, f"/v1{path}", headers=as_, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def events(self, name: str) -> list[EventRow]:
        async with self.database.transaction() as session:
            return list((await session.execute(select(EventRow).where(EventRow.name == name))).scalars())


@pytest.fixture
async def desk(database: Database, ledger: Ledger) -> AsyncIterator[Desk]:
    made = Desk(database, ledger)
    async with database.transaction() as session:
        await import_orders(session, sample_orders(TODAY))
        await session.execute(update(OrderRow).where(OrderRow.number == "LC-100001").values(status="paid"))
        found = await session.execute(select(OrderRow).where(OrderRow.status == "paid", OrderRow.number > "LC-100003").limit(1))
        made.paid = found.scalars().one()  # type: ignore[attr-defined]
    yield made
    await made.http.aclose()


@pytest.mark.integration
async def test_help_says_what_is_asked_which_order_and_what_to_do(desk: Desk) -> None:
    bo, token = await desk.person()
    paid: OrderRow = desk.paid  # type: ignore[attr-defined]
    conversation = await desk.conversation(f"please cancel {paid.number}", "cancel_order", holder=bo, email=paid.email, number=paid.number)
    found = await desk.ask("GET", f"/conversations/{conversation}/assist", as_=token)
    assert found["order"] == {"number": paid.number, "status": "paid", "because": "named", "theirs": True}
    assert [(one["action"], one["missing"], one["refusal"]) for one in found["actions"]] == [("cancel_order", [], None)]
    assert [line["kind"] for line in found["summary"]] == ["asked"]


@pytest.mark.integration
async def test_an_action_is_prepared_confirmed_once_and_recorded_as_the_agents(desk: Desk) -> None:
    bo, token = await desk.person()
    paid: OrderRow = desk.paid  # type: ignore[attr-defined]
    conversation = await desk.conversation("please cancel", "cancel_order", holder=bo, email=paid.email)
    wanted = {"action": "cancel_order", "arguments": {"order_number": paid.number}}
    path = f"/conversations/{conversation}/actions"
    prepared = await desk.ask("POST", f"{path}/prepare", as_=token, json=wanted)
    assert prepared["result"] == {"kind": "cancel", "order_number": paid.number, "status": "open"}
    assert await desk.events("action.done") == []
    for _ in range(2):
        done = await desk.ask("POST", f"{path}/confirm", as_=token, json=wanted | {"key": prepared["key"]})
        assert done["order_number"] == paid.number
    async with desk.database.transaction() as session:
        assert len((await session.execute(select(ServiceRequestRow))).scalars().all()) == 1
        assert (await session.get(OrderRow, paid.number)).status == "cancelled"  # type: ignore[union-attr]
    events = await desk.events("action.done")
    assert [(one.actor_kind, one.actor_id, one.data["action"]) for one in events] == [("agent", str(bo.id), "cancel_order")]
    summary = (await desk.ask("GET", f"/conversations/{conversation}/assist", as_=token))["summary"]
    assert [line["kind"] for line in summary] == ["asked", "done"]


@pytest.mark.integration
async def test_what_was_not_prepared_is_not_done(desk: Desk) -> None:
    bo, token = await desk.person()
    paid: OrderRow = desk.paid  # type: ignore[attr-defined]
    conversation = await desk.conversation("my invoice", "faq/invoice", holder=bo, email=paid.email)
    path = f"/conversations/{conversation}/actions"
    invoice = {"action": "request_invoice", "arguments": {"order_number": paid.number}}
    key = (await desk.ask("POST", f"{path}/prepare", as_=token, json=invoice))["key"]
    other = {"action": "cancel_order", "arguments": {"order_number": paid.number}, "key": key}
    await desk.ask("POST", f"{path}/confirm", as_=token, status=422, json=other)
    await desk.ask("POST", f"{path}/confirm", as_=token, status=422, json=invoice | {"key": "made:up"})
    await desk.ask("POST", f"{path}/prepare", as_=token, status=422, json={"action": "note_order_try", "arguments": {}})
    assert await desk.events("action.done") == []


@pytest.mark.integration
async def test_a_refusal_is_told_with_its_reason_and_recorded_when_confirmed(desk: Desk) -> None:
    bo, token = await desk.person()
    conversation = await desk.conversation("cancel", "cancel_order", holder=bo, email="chan.demo@example.com")
    wanted = {"action": "cancel_order", "arguments": {"order_number": "LC-100003"}}
    refused = await desk.ask("POST", f"/conversations/{conversation}/actions/prepare", as_=token, status=409, json=wanted)
    assert refused["reason"] == "sent"
    assert await desk.events("action.failed") == []


@pytest.mark.integration
async def test_only_the_agent_who_holds_the_conversation_acts_and_only_on_the_customers_order(desk: Desk) -> None:
    bo, token = await desk.person()
    _, stranger = await desk.person()
    _, editor = await desk.person(Role.EDITOR)
    paid: OrderRow = desk.paid  # type: ignore[attr-defined]
    conversation = await desk.conversation("cancel", "cancel_order", holder=bo, email="nobody@example.com", number=paid.number)
    path, wanted = f"/conversations/{conversation}/actions/prepare", {"action": "cancel_order", "arguments": {"order_number": paid.number}}
    await desk.ask("POST", path, as_=stranger, status=409, json=wanted)
    await desk.ask("POST", path, as_=editor, status=403, json=wanted)
    await desk.ask("POST", path, as_={}, status=401, json=wanted)
    assert (await desk.ask("POST", path, as_=token, status=409, json=wanted))["error"] == "not_proved"
    await desk.ask("POST", path, as_=token, json=wanted | {"unproved": True})
    assert (await desk.ask("GET", f"/conversations/{conversation}/assist", as_=token))["order"]["theirs"] is False


@pytest.mark.integration
@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/suggestions/use", Role.SUPERVISOR),
        ("GET", "/suggestions/rankers", Role.SUPERVISOR),
        ("PUT", "/suggestions/rankers/live", Role.EDITOR),
        ("GET", "/suggestions/replies", Role.SUPERVISOR),
        ("PATCH", f"/suggestions/replies/{UUID(int=1)}", Role.SUPERVISOR),
    ],
)
async def test_figures_and_what_was_learned_are_for_those_who_may(desk: Desk, method: str, path: str, least: Role) -> None:
    body = {"json": {"version": 0}} if method == "PUT" else {"json": {"hidden": True}} if method == "PATCH" else {}
    _, agent = await desk.person()
    _, allowed = await desk.person(least)
    await desk.ask(method, path, as_={}, status=401, **body)
    await desk.ask(method, path, as_=agent, status=403, **body)
    await desk.ask(method, path, as_=allowed, status={"PUT": 204, "PATCH": 404}.get(method, 200), **body)
