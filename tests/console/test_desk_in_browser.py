"""The inbox in Chromium: answered, undone, noted, with files, by keyboard, in the dark, on a tablet, in Chinese, checked by axe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from console.access import COOKIE
from console.services import ConsoleServices
from context.conversations import list_messages, lock_conversation
from context.labels.keeping import put_label, save_label
from context.ledger import SYSTEM
from context.staff.accounts import create_staff, open_session
from context.types import Role
from tests.console.desk import PASSWORD, make_drafts, waiting_conversation
from tests.console.test_pages import ARGUMENTS, CHROMIUM, address, started

__all__ = ["address"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
SAID = "Where is my order LC-100002? 你好，我想退貨"
SECONDS = 15_000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of this test's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def inbox(
    browser: Browser, address: str, services: ConsoleServices, name: str, *, role: Role = Role.SUPERVISOR, **options: object
) -> Page:
    """The inbox of a new person."""
    async with services.database.transaction() as session:
        staff = await create_staff(session, email=f"{name}@shop.example", name=name, role=role, password=PASSWORD)
        token = await open_session(session, staff)
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})  # type: ignore[arg-type]
    await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{address}/console"}])
    page = await context.new_page()
    page.set_default_timeout(SECONDS)
    await page.goto(f"{address}/console/")
    await page.wait_for_selector(".b-row")
    return page


async def no_barrier(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the window."""
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def a_conversation(services: ConsoleServices) -> UUID:
    """One that waits, with drafts and a label."""
    found = await waiting_conversation(services, SAID)
    async with services.database.transaction() as session:
        message = (await list_messages(session, [found]))[0].id
        label = await save_label(session, "Fragile", "red")
        await put_label(session, services.ledger, await lock_conversation(session, found), label_id=label.id, actor=SYSTEM)
    await make_drafts(services, found, message)
    return found


async def said_by_agents(services: ConsoleServices, conversation_id: UUID) -> list[str]:
    async with services.database.transaction() as session:
        return [m.content.text for m in await list_messages(session, [conversation_id]) if m.author == "agent"]


async def test_an_agent_works_by_keyboard_and_nothing_bars_the_way(address: str, services: ConsoleServices, browser: Browser) -> None:
    found = await a_conversation(services)
    await waiting_conversation(services, "Another question", who="rui")
    await started(address)
    mei = await inbox(browser, address, services, "Mei")
    await mei.keyboard.press("j")
    await mei.wait_for_selector(".b-composer")
    await no_barrier(mei)

    await mei.keyboard.press("t")
    await expect(mei.locator(".b-head")).to_contain_text("You hold this conversation")
    await mei.keyboard.press("r")
    await mei.keyboard.type("We are looking into it.")
    await mei.keyboard.press("Enter")
    await expect(mei.locator(".b-msg.held")).to_contain_text("We are looking into it.")
    await mei.get_by_role("button", name="Undo").click()
    await expect(mei.locator(".b-msg.held")).to_have_count(0)
    composer = mei.locator(".b-composer textarea")
    await expect(composer).to_have_value("We are looking into it.")
    assert await said_by_agents(services, found) == []

    await mei.locator(".b-composer input[type=file]").set_input_files({"name": "tea.txt", "mimeType": "text/plain", "buffer": b"green"})
    await expect(mei.locator(".b-attached")).to_contain_text("tea.txt")
    await mei.locator(".b-composer input[type=file]").set_input_files({"name": "page.png", "mimeType": "image/png", "buffer": b"<html>"})
    await expect(mei.locator(".b-composer .b-state.loud")).to_contain_text("not a whole image")
    await composer.press("Enter")
    await expect(mei.locator(".b-msg.agent:not(.held) .b-message-files")).to_contain_text("tea.txt", timeout=SECONDS)
    assert await said_by_agents(services, found) == ["We are looking into it."]

    await mei.keyboard.press("Control+k")
    await mei.locator(".b-palette-text").fill("退貨")
    await expect(mei.locator(".b-palette [role=option]").first).to_contain_text("退貨")
    await no_barrier(mei)
    await mei.locator(".b-palette-text").fill("label")
    await mei.keyboard.press("Enter")
    await expect(mei.get_by_role("checkbox", name="Fragile")).to_be_checked()
    await no_barrier(mei)
    await mei.keyboard.press("Escape")

    await mei.get_by_role("button", name="Filters").click()
    await mei.locator(".b-filter select").first.select_option(label="Fragile")
    await expect(mei.locator(".b-row")).to_have_count(1)
    await no_barrier(mei)


async def test_colleagues_meet_in_chinese_in_the_dark_on_a_tablet(address: str, services: ConsoleServices, browser: Browser) -> None:
    await a_conversation(services)
    await started(address)
    tablet: dict[str, Any] = {"viewport": {"width": 768, "height": 1024}, "color_scheme": "dark", "locale": "zh-TW"}
    rui = await inbox(browser, address, services, "Rui", **tablet)
    mei = await inbox(browser, address, services, "Mei")
    for page in (rui, mei):
        await page.locator(".b-row").first.click()
        await page.wait_for_selector(".b-composer")
    await expect(rui.locator(".b-colleagues")).to_contain_text("Mei 也在查看")
    assert await rui.evaluate("document.documentElement.lang") == "zh-Hant"
    await no_barrier(rui)

    await mei.get_by_role("button", name="Note").click()
    await mei.locator(".b-composer textarea").fill("Please look ")
    await mei.locator(".b-composer textarea").press_sequentially("@ru")
    await expect(mei.locator(".b-picker [role=option]")).to_contain_text("Rui")
    await expect(rui.locator(".b-colleagues")).to_contain_text("Mei 正在此輸入")
    await mei.keyboard.press("Enter")
    await mei.keyboard.press("Enter")
    await expect(rui.locator(".b-msg.note")).to_contain_text("Please look @Rui")
    await expect(rui.get_by_role("button", name="通知: 1")).to_be_visible()

    await mei.locator(".b-composer textarea").fill("Half a sentence")
    await mei.wait_for_timeout(1200)
    await mei.evaluate("localStorage.clear()")
    await mei.reload()
    await expect(mei.locator(".b-composer textarea")).to_have_value("Half a sentence")
