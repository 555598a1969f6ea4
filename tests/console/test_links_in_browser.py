"""Below the customer, by keyboard in Chromium, checked by axe: who may be the same person, and erasing one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from console.services import ConsoleServices
from context.types import Role
from tests.console.desk import waiting_conversation
from tests.console.test_desk_in_browser import address, browser, inbox, no_barrier
from tests.console.test_links import known_twice
from tests.console.test_pages import CHROMIUM, started

__all__ = ["address", "browser"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]


async def test_two_who_share_a_number_are_told_apart_by_keyboard(address: str, browser: Browser, services: ConsoleServices) -> None:
    await started(address)
    await known_twice(services)
    page = await inbox(browser, address, services, "mia")
    await page.locator(".b-row").first.click()
    link = page.get_by_role("region", name="May be the same person")
    await expect(link).to_contain_text("Bo has +85362000001 too")
    await expect(link).to_contain_text("Speaks against it: another name")
    await no_barrier(page)
    await link.get_by_role("button", name="Two people who share it").press("Enter")
    await expect(link).to_have_count(0)
    await expect(page.locator(".b-side")).to_contain_text("+85362000001 only said")


async def test_a_customer_is_given_out_and_erased_by_keyboard(address: str, browser: Browser, services: ConsoleServices) -> None:
    await started(address)
    await waiting_conversation(services, who="ana")
    page = await inbox(browser, address, services, "ada", role=Role.ADMIN)
    await page.locator(".b-row").first.click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Give out (zip)").press("Enter")
    assert (await download.value).suggested_filename.endswith(".zip")
    await page.get_by_role("button", name="Erase …").press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 conversations end without a word")
    await no_barrier(page)
    await dialog.get_by_role("button", name="Erase for good").press("Enter")
    await expect(page.locator(".b-side")).to_contain_text("was erased on")
    await expect(page.get_by_role("button", name="Erase …")).to_have_count(0)
