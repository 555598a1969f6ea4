"""What helps an agent, in Chromium: drafts taken, edited and dismissed, next steps in two steps, macros, alerts, refusals in Chinese."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from assist.models import SuggestionRow
from assist.steps.asking import QUESTIONS
from console.services import ConsoleServices
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.macros.storing import create_macro
from context.macros.types import MacroDraft
from context.models import ContactRow
from context.orders.importing import import_orders
from context.ownership import hand_off
from context.shop.models import ServiceRequestRow
from context.staff.models import StaffRow
from context.types import HandoffReason, HandoffRequest, Inbound, Order, OrderItem, Shipment, Understanding
from context.understand import store_understanding
from desk.personal.preferences import change_preferences
from tests.console.desk import DRAFTS, customer_writes, make_drafts
from tests.console.test_desk_in_browser import SECONDS, browser, inbox, no_barrier, said_by_agents
from tests.console.test_pages import CHROMIUM, address, started

__all__ = ["address", "browser"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
HOOKS = """
window.told = [];
window.Notification = class { constructor(title, more) { window.told.push(["notification", title, more.body]); } close() {} };
window.Notification.permission = "granted";
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...more) { window.told.push(["sound"]); return start.apply(this, more); };
window.elsewhere = false;
Object.defineProperty(document, "visibilityState", { get: () => (window.elsewhere ? "hidden" : "visible") });
"""


async def a_return(services: ConsoleServices) -> UUID:
    """Ana wants to return the lamp of an order of hers; her conversation waits, with drafts."""
    now = services.ledger.now
    arrived = (now - timedelta(days=2)).date().isoformat()
    lamp = OrderItem("lamp", "Paper lamp", 1, 12_000)
    parcel = Shipment("Pato Courier", "PC1", "delivered", arrived, arrived)
    order = Order("LC-7001", "delivered", now - timedelta(days=5), "MOP", 12_000, (lamp,), (parcel,), "ana@example.com", None, "Ana", {})
    async with services.database.transaction() as session:
        await import_orders(session, [order])
        recorded = await record_inbound(session, services.ledger, Inbound("web", "main", "ana", uuid4().hex, "I want to return my lamp"))
        conversation = await lock_conversation(session, recorded.message.conversation_id)
        wish = Understanding("en", "request_return", 0.9, (("request_return", 0.9),))
        await store_understanding(session, services.ledger, conversation, message_id=recorded.message.id, understanding=wish)
        await session.execute(update(ContactRow).values(email="ana@example.com", name="Ana"))
        await hand_off(session, services.ledger, conversation, request=HandoffRequest(HandoffReason.CUSTOMER_ASKED))
    await make_drafts(services, conversation.id, recorded.message.id)
    return conversation.id


async def prefers(services: ConsoleServices, name: str, **changes: object) -> StaffRow:
    """Sets what a person chose."""
    async with services.database.transaction() as session:
        staff = (await session.execute(select(StaffRow).where(StaffRow.name == name))).scalar_one()
        await change_preferences(session, staff.id, changes)
        return staff


async def states(services: ConsoleServices) -> list[str]:
    """What became of the drafts, best first."""
    async with services.database.transaction() as session:
        return list((await session.execute(select(SuggestionRow.state).order_by(SuggestionRow.rank))).scalars())


async def alone(page: Page) -> None:
    """Loads the page again, with what the person chose."""
    await page.reload()
    await page.locator(".b-row").first.click()
    await page.wait_for_selector(".b-composer")


async def test_an_agent_is_helped_from_the_first_word_to_the_last(address: str, services: ConsoleServices, browser: Browser) -> None:
    found = await a_return(services)
    await started(address)
    mei = await inbox(browser, address, services, "Mei")
    staff = await prefers(services, "Mei", undo_seconds=0, sound=True, desktop=True)
    async with services.database.transaction() as session:
        await create_macro(session, staff, MacroDraft("Sorry", {"en": "Dear {{contact.first_name | customer}}, we are sorry."}))
    await mei.add_init_script(HOOKS)
    await alone(mei)
    composer, hints, panel = mei.locator(".b-composer textarea"), mei.locator(".b-hint"), mei.locator(".b-assist")

    await expect(panel).to_contain_text("I want to return my lamp")
    await expect(panel.locator(".b-assist-order")).to_contain_text("LC-7001")
    await expect(hints).to_have_count(2)
    await mei.keyboard.press("t")
    await expect(mei.locator(".b-head")).to_contain_text("You hold this conversation")
    await no_barrier(mei)

    await hints.nth(1).get_by_role("button", name="Dismiss").click()
    await expect(hints).to_have_count(1)
    await mei.keyboard.press("Alt+1")
    await expect(composer).to_have_value(DRAFTS[0])
    await composer.press_sequentially(" It comes tomorrow.")
    await composer.press("Enter")
    await expect(mei.locator(".b-msg.agent:not(.held)")).to_contain_text("It comes tomorrow.", timeout=SECONDS)
    await expect(hints).to_have_count(0)
    assert await states(services) == ["edited", "dismissed"]

    await panel.locator(".b-assist-questions button").first.click()
    await expect(composer).to_have_value(QUESTIONS["reason"]["en"])
    await composer.fill("")
    await panel.get_by_role("button", name="Start a return").click()
    form = panel.locator(".b-assist-form")
    await expect(form.get_by_role("button")).to_be_disabled()
    await form.get_by_label("Reason").fill("changed_mind")
    await form.get_by_label("Refund or exchange").fill("refund")
    await no_barrier(mei)
    await form.get_by_role("button", name="Look").click()
    await expect(form.get_by_role("status")).to_be_visible()
    async with services.database.transaction() as session:
        assert (await session.execute(select(ServiceRequestRow))).all() == []
    await form.get_by_role("button").click()
    await expect(form).to_have_count(0)
    await expect(panel.locator("details")).to_contain_text("Done")

    await composer.press_sequentially("/sor")
    await expect(mei.locator(".b-picker [role=option]")).to_contain_text("Sorry")
    await composer.press("Enter")
    await expect(composer).to_have_value("Dear Ana, we are sorry.")
    await composer.press("Enter")
    await expect(mei.locator(".b-msg.agent:not(.held)").last).to_contain_text("Dear Ana, we are sorry.", timeout=SECONDS)
    assert await said_by_agents(services, found) == [f"{DRAFTS[0]} It comes tomorrow.", "Dear Ana, we are sorry."]

    async with services.database.transaction() as session:
        await session.execute(update(SuggestionRow).where(SuggestionRow.state == "dismissed").values(internal=True))
    await composer.fill(f"Dear Ana, {DRAFTS[1].lower()}")
    await composer.press("Enter")
    await expect(mei.get_by_role("alert")).to_contain_text("This quotes what is for colleagues only: “parcels to portugal")
    await no_barrier(mei)
    await mei.get_by_role("button", name="Send all the same").click()
    await expect(mei.locator(".b-msg.agent:not(.held)").last).to_contain_text("working days", timeout=SECONDS)
    assert (await said_by_agents(services, found))[2:] == [f"Dear Ana, {DRAFTS[1].lower()}"]

    await mei.evaluate("window.elsewhere = true")
    await customer_writes(services, "Are you there?", who="ana")
    await mei.wait_for_function("window.told.length >= 2")
    assert await mei.evaluate("window.told") == [["sound"], ["notification", "Ana", "Are you there?"]]

    await prefers(services, "Mei", language="zh-Hant")
    await alone(mei)
    await customer_writes(services, "One more thing", who="ana")
    await expect(mei.locator(".b-msg.customer").last).to_contain_text("One more thing")
    await mei.get_by_role("button", name="交還機器人").click()
    await expect(mei.get_by_role("alert")).to_contain_text("客人剛剛寫了訊息 請先閱讀，再試一次。")
