"""Two conversations of one customer are merged and parted again, by keyboard in Chromium, checked by axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from console.services import ConsoleServices
from context.types import Status
from tests.console.desk import waiting_conversation
from tests.console.test_comforts import mail, row_of
from tests.console.test_desk_in_browser import address, browser, inbox, no_barrier
from tests.console.test_pages import CHROMIUM, started

__all__ = ["address", "browser"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]
CHAT, LETTER, LATER = "Where is my order?", "The same by mail", "And one more by mail"
PART = f"Undo the merge of: {LETTER}"


async def take_chat(page: Page) -> None:
    """Opens the chat and takes it."""
    await page.locator(".b-row", has_text=CHAT).click()
    await page.wait_for_selector(".b-composer")
    await page.keyboard.press("t")
    await expect(page.locator(".b-head")).to_contain_text("You hold this conversation")


async def test_a_merge_is_undone_by_its_button(address: str, browser: Browser, services: ConsoleServices) -> None:
    chat = await waiting_conversation(services, CHAT)
    letter = await mail(services, chat, text=LETTER)
    await started(address)
    page = await inbox(browser, address, services, "mei")
    await take_chat(page)
    said, dialog = page.get_by_role("log"), page.get_by_role("dialog", name="Merge")

    await page.get_by_role("button", name="Merge", exact=True).press("Enter")
    await expect(dialog).not_to_contain_text("Merged into this one")
    await dialog.get_by_role("button", name=LETTER).press("Enter")
    await expect(said).to_contain_text(LETTER)
    await expect(dialog).to_have_count(0)
    assert (await row_of(services, letter)).merged_into_id == chat

    await page.keyboard.press("m")
    await expect(dialog).to_contain_text("Merged into this one")
    await expect(dialog).to_contain_text("This customer has no other open conversation.")
    await no_barrier(page)
    await dialog.get_by_role("button", name=PART).press("Enter")
    await expect(said).not_to_contain_text(LETTER)
    await expect(said).to_contain_text(CHAT)
    await expect(dialog).to_have_count(0)
    returned = await row_of(services, letter)
    assert (returned.merged_into_id, returned.status) == (None, Status.OPEN)

    await page.keyboard.press("m")  # what was parted can be merged again, and nothing is left to part
    await expect(dialog.get_by_role("button", name=LETTER)).to_be_visible()
    await expect(dialog.get_by_role("button", name=PART)).to_have_count(0)


async def test_a_merge_that_cannot_be_undone_is_told_and_stays(address: str, browser: Browser, services: ConsoleServices) -> None:
    chat = await waiting_conversation(services, CHAT)
    await mail(services, chat, text=LETTER)
    await started(address)
    first, second = await inbox(browser, address, services, "mei"), await inbox(browser, address, services, "rui")
    await take_chat(first)
    await first.keyboard.press("m")
    await first.get_by_role("dialog").get_by_role("button", name=LETTER).press("Enter")
    await expect(first.get_by_role("log")).to_contain_text(LETTER)
    await second.locator(".b-row", has_text="Ana").first.click()
    await second.get_by_role("button", name="Merge", exact=True).click()
    theirs = second.get_by_role("dialog").get_by_role("button", name=PART)
    await expect(theirs).to_be_visible()
    await first.keyboard.press("m")
    await first.get_by_role("dialog").get_by_role("button", name=PART).press("Enter")
    await expect(first.get_by_role("log")).not_to_contain_text(LETTER)
    await theirs.press("Enter")
    await expect(second.get_by_role("alert")).to_be_visible()
